"""Contact sheet of random clips: `python3 -m models.synth.sheet OUT.png --clips 8 --textures DIR`. Rows: frames, depth, motion, flow."""

import argparse

import cv2
import numpy as np

from .scene import SceneConfig
from .shards import make_bank, random_clip


def row(clip: dict[str, np.ndarray]) -> np.ndarray:
    first, last = clip["rgb"][0], clip["rgb"][-1]
    depth = clip["depth"][0]
    shade = np.where(depth > 0, 255 * np.clip(np.median(depth) / (depth + np.median(depth) + 1e-6), 0, 1), 0).astype(np.uint8)
    flow = clip["flow"][0].astype(np.float32)
    hue = np.zeros((*depth.shape, 3), np.uint8)
    hue[..., 0] = (np.arctan2(flow[..., 1], flow[..., 0]) / np.pi * 90 + 90) % 180
    hue[..., 1], hue[..., 2] = 255, np.clip(np.hypot(flow[..., 0], flow[..., 1]) * 20, 0, 255)
    tracked = last.copy()
    for uv, visible, moving in zip(clip["tracks_uv"][:, -1], clip["tracks_visible"][:, -1], clip["tracks_moving"]):
        if visible:
            cv2.circle(tracked, tuple(map(int, uv)), 2, (255, 40, 40) if moving else (40, 255, 40), -1)
    grey = lambda plane: np.repeat(plane[..., None], 3, -1)
    mask = grey((clip["mask"][0] * 120 + clip["mask_now"][0] * 135).astype(np.uint8))
    return np.concatenate([first, tracked, grey(shade), mask, cv2.cvtColor(hue, cv2.COLOR_HSV2RGB) * clip["flow_visible"][0][..., None]], 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--textures")
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    rng, config = np.random.default_rng(options.seed), SceneConfig()
    bank, rows = make_bank(rng, options.textures, config.textures), []
    while len(rows) < options.clips:
        clip = random_clip(rng, bank, config)
        if clip:
            rows.append(row(clip))
    cv2.imwrite(options.out, np.concatenate(rows)[..., ::-1])


if __name__ == "__main__":
    main()
