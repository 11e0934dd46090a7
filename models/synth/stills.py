"""Single pictures with depth, for what one picture tells: `python3 -m models.synth.stills --out DIR --minutes 30 --textures DIR --seed 1`.

A scene is filmed once only: ten times as many scenes as clips (`shards.py`) in the same time.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from .augment import photometric
from .render import TextureBank, shade, trace
from .scene import SceneConfig, sample_scene
from .shards import make_bank

PACK = 24
"""Pictures per file."""


def render_still(rng: np.random.Generator, bank: TextureBank, config: SceneConfig, *, subdivision: int = 2) -> dict[str, np.ndarray] | None:
    """rgb u8 [H,W,3], depth f16 [H,W] (0 = sky), focal in widths; None if the camera is inside or too near to something."""
    solids, cameras, light, shell = sample_scene(rng, config)
    depth = trace(solids, cameras, 0, cameras.pixels()).depth.reshape(cameras.height, cameras.width).cpu().numpy()
    if np.percentile(np.where(depth > 0, depth, 1e3), 2) < 0.25 or (depth > 0).mean() < 0.3:
        return None
    image = shade(solids, bank, light, cameras, 0, subdivision=subdivision, skip_shadow=shell).cpu().numpy()
    return {"rgb": photometric(rng, [image])[0], "depth": depth.astype(np.float16), "focal": np.float32(cameras.focal[0] / cameras.width)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--textures")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    out, rng, start = Path(options.out), np.random.default_rng(options.seed), time.time()
    out.mkdir(parents=True, exist_ok=True)
    config, index, stills = SceneConfig(frames=1), 0, []
    while time.time() - start < options.minutes * 60:
        if index % 20 == 0 and not stills:
            bank = make_bank(rng, options.textures, config.textures)
        if still := render_still(rng, bank, config):
            stills.append(still)
        if len(stills) == PACK:
            path = out / f"{options.seed:03d}-{index:05d}.part"
            with open(path, "wb") as handle:
                np.savez(handle, **{key: np.stack([still[key] for still in stills]) for key in stills[0]})
            path.replace(path.with_suffix(".npz"))
            index, stills = index + 1, []


if __name__ == "__main__":
    main()
