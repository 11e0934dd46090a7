"""Write random clips to shard files: `python3 -m models.synth.shards --out DIR --minutes 30 --textures DIR --seed 1`."""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from .clips import render_clip
from .render import TextureBank
from .scene import SceneConfig, sample_scene
from .textures import load_photos, texture


def make_bank(rng: np.random.Generator, folder: str | None, count: int, device: str = "cpu") -> TextureBank:
    photos = load_photos(folder)
    return TextureBank(torch.from_numpy(np.stack([texture(rng, photos) for _ in range(count)])).to(device))


def random_clip(rng: np.random.Generator, bank: TextureBank, config: SceneConfig, *, subdivision: int = 2) -> dict[str, np.ndarray] | None:
    """A clip, or None if the camera starts inside or too near to something."""
    scene = sample_scene(rng, config)
    clip = render_clip(rng, scene[0], scene[1], scene[2], bank, scene[3], subdivision=subdivision)
    depth = clip["depth"]
    near = np.where(depth > 0, depth, 1e3)
    if np.percentile(near, 2) < 0.25 or (depth > 0).mean() < 0.3 or len(clip["queries"]) < 16:
        return None
    return clip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--textures")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--subdivision", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    out, rng, start = Path(options.out), np.random.default_rng(options.seed), time.time()
    out.mkdir(parents=True, exist_ok=True)
    config, index = SceneConfig(), 0
    while time.time() - start < options.minutes * 60:
        if index % 60 == 0:
            bank = make_bank(rng, options.textures, config.textures)
        clip = random_clip(rng, bank, config, subdivision=options.subdivision)
        if clip:
            path = out / f"{options.seed:03d}-{index:05d}.part"
            with open(path, "wb") as handle:
                np.savez(handle, **clip)
            path.replace(path.with_suffix(".npz"))
            index += 1


if __name__ == "__main__":
    main()
