"""Clips to try the whole pipeline on, with all truth: `python3 -m models.synth.trial --out DIR --clips 14 --seed 101 [--textures DIR]`.

Written like the rendered clips of the development data (`DIR/rendered/NAME`), so that `npm run eval -- solve --data DIR` measures them:
more cameras, lenses and things than the few clips with truth that there are. Seeds below 100 are for training.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch

from .scene import SceneConfig
from .shards import make_bank, random_clip

RATE = 12


def quaternion(rotation: np.ndarray) -> np.ndarray:
    """x, y, z, w of a rotation matrix."""
    axis = cv2.Rodrigues(rotation.astype(np.float64))[0][:, 0]
    angle = np.linalg.norm(axis)
    return np.append(axis / max(angle, 1e-12) * np.sin(angle / 2), np.cos(angle / 2))


def write_clip(clip: dict[str, np.ndarray], folder: Path) -> None:
    (folder / "rgb").mkdir(parents=True, exist_ok=True)
    frames, height, width = clip["depth"].shape
    for t, picture in enumerate(clip["rgb"]):
        cv2.imwrite(str(folder / "rgb" / f"{t:04d}.jpg"), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
    np.savez_compressed(folder / "depth.npz", depth=clip["depth"].astype(np.float16))
    np.savez_compressed(folder / "mask.npz", mask=clip["mask"].astype(np.uint8), mask_now=clip["mask_now"].astype(np.uint8))
    following = [k for k, (i, j) in enumerate(clip["flow_pairs"]) if j == i + 1]
    np.savez_compressed(folder / "flow_fw.npz", flow=clip["flow"][following], valid=np.ones((frames - 1, height, width), bool), visible_next=clip["flow_visible"][following])
    np.savez_compressed(folder / "tracks.npz", xyz_world=clip["tracks_xyz"], uv=clip["tracks_uv"], visible=clip["tracks_visible"], moving=clip["tracks_moving"], query_frame=clip["queries"])
    numbers = lambda t, pose: " ".join(f"{v:.9f}" for v in (*pose[:3, 3], *quaternion(pose[:3, :3])))
    (folder / "poses.txt").write_text("".join(f"{t} {numbers(t, pose)}\n" for t, pose in enumerate(clip["cam_to_world"])))
    focal = float(clip["focal"][0])
    (folder / "intrinsics.json").write_text(json.dumps({"width": width, "height": height, "frames": frames, "fps": RATE, "fx": focal, "fy": focal, "cx": width / 2, "cy": height / 2}))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--clips", type=int, default=14)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--textures")
    parser.add_argument("--seed", type=int, default=101)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng, config = np.random.default_rng(options.seed), SceneConfig(frames=options.frames)
    bank, done = make_bank(rng, options.textures, config.textures), 0
    while done < options.clips:
        if clip := random_clip(rng, bank, config):
            write_clip(clip, Path(options.out) / "rendered" / f"trial-{options.seed}-{done:02d}")
            done += 1


if __name__ == "__main__":
    main()
