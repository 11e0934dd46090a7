"""Render the sample clip of the page and its truth: `python3 -m models.synth.sample_clip --out public/samples`.

A furnished room; the camera arcs sideways, a ball rolls across, a crate rests, then slides and turns, a block turns on
the spot. All surfaces are procedural.
"""

import argparse
import io
import json
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import torch

from .clips import render_clip
from .render import BOX, CYLINDER, SPHERE, Cameras, Light, TextureBank
from .scene import Builder, add_table, look_at, turn
from .textures import noise

FRAMES, WIDTH, HEIGHT, RATE = 24, 256, 144, 12.0


def _bank() -> TextureBank:
    """0 floor boards, 1 plaster, 2 bricks, 3 crate, 4 ball, 5 cloth, 6 wood, 7 leaves, 8.. paintings; all procedural."""
    rng = np.random.default_rng(3)
    size = 512
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    grain = noise(rng, size, octaves=(4, 10), roughness=0.8)
    soft = noise(rng, size)
    board = np.floor(y * 6)
    tone = 0.75 + 0.25 * np.sin(board * 12.9) + 0.0 * x
    gap = ((y * 6) % 1 > 0.05) * ((((x * 1.5) + 0.37 * board) % 1) > 0.015)
    streak = noise(np.random.default_rng(4), size, octaves=(5, 9))[:, np.clip((x[0] * 60).astype(int), 0, size - 1)]
    colour = lambda rgb, shade: np.asarray(rgb, np.float32) * shade[..., None]
    floor = colour([0.78, 0.55, 0.36], (0.35 + 0.65 * gap) * tone * (0.6 + 0.5 * streak))
    plaster = colour([0.9, 0.85, 0.72], 0.72 + 0.2 * grain + 0.12 * soft)
    row = np.floor(y * 10)
    joint = ((y * 10) % 1 > 0.13) & (((x * 5 + 0.5 * (row % 2)) % 1) > 0.06)
    bricks = np.where(joint[..., None], colour([0.68, 0.36, 0.26], 0.65 + 0.4 * grain + 0.2 * np.sin(row * 7.1 + np.floor(x * 5 + 0.5 * (row % 2)) * 3.7)), colour([0.75, 0.72, 0.66], 0.8 + 0.2 * grain))
    frame = (np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y)) < 0.1) | (np.abs(x - y) < 0.07)
    crate = colour([0.85, 0.62, 0.3], np.where(frame, 0.95, 0.6) * (0.65 + 0.45 * grain))
    ball = np.where((((np.floor(x * 8) + np.floor(y * 8)) % 2) > 0)[..., None], colour([0.9, 0.22, 0.18], 0.7 + 0.4 * grain), colour([0.96, 0.93, 0.85], 0.7 + 0.35 * soft))
    cloth = np.where((np.sin(x * 75) * np.sin(y * 75) > 0)[..., None], colour([0.25, 0.42, 0.6], 0.75 + 0.35 * grain), colour([0.85, 0.87, 0.8], 0.75 + 0.3 * soft))
    wood = colour([0.5, 0.33, 0.2], 0.5 + 0.7 * grain)
    leaf = colour([0.3, 0.55, 0.25], 0.35 + 0.9 * grain)
    pictures = [floor, plaster, bricks, crate, ball, cloth, wood, leaf]
    for hue in (0.0, 2.1, 4.2):
        # Paintings: bands of warped noise in a few related colours.
        wave = 0.5 + 0.5 * np.sin(14 * noise(rng, size, octaves=(1, 6)) + 5 * y + hue)
        one, two, three = (0.5 + 0.42 * np.cos(hue + shift + np.array([0, 2.1, 4.2], np.float32)) for shift in (0.0, 1.2, 2.9))
        painting = one + (two - one) * wave[..., None] + (three - two) * (noise(rng, size)[..., None] > 0.6) * 0.7
        pictures.append(painting * (0.8 + 0.3 * grain[..., None]))
    return TextureBank(torch.from_numpy(np.clip(np.stack(pictures), 0, 1).astype(np.float32)))


def build(frames: int = FRAMES) -> tuple:
    rng = np.random.default_rng(11)
    builder = Builder(frames, 11, rng)
    half, floor = np.array([2.6, 1.35, 2.6]), 1.35
    walls = {(1, 1): (0, 0.45), (1, -1): (1, 0.5), (0, -1): (2, 0.55), (0, 1): (1, 0.5), (2, 1): (1, 0.5), (2, -1): (1, 0.5)}
    for (axis, side), (picture, scale) in walls.items():
        size, at = half + 0.1, np.zeros(3)
        size[axis], at[axis] = 0.1, side * (half[axis] + 0.1)
        builder.add(BOX, size, at, texture=picture, scale=scale)
    upright = turn("x", np.pi / 2)
    for x, y, width, tall, picture in ((-0.9, -0.35, 0.42, 0.34, 8), (0.35, -0.4, 0.5, 0.38, 9), (1.6, -0.3, 0.36, 0.42, 10)):
        builder.add(BOX, [width + 0.05, tall + 0.05, 0.03], [x, y, 2.58], texture=6, scale=1.0)
        builder.add(BOX, [width, tall, 0.03], [x, y, 2.55], texture=picture, scale=0.5 / width)
    builder.add(BOX, [0.35, 0.8, 0.22], [-1.75, floor - 0.8, 2.2], texture=6, scale=0.6)
    for level in range(4):
        builder.add(BOX, [0.12 + 0.03 * level, 0.13, 0.05], [-1.85 + 0.08 * level, floor - 0.3 - 0.36 * level, 1.97], texture=8 + level % 3, scale=1.6)
    add_table(builder, np.array([1.45, floor, 1.55]), np.array([0.6, 0.37, 0.42]), 0.35, 6)
    builder.add(CYLINDER, [0.13, 0.13, 0.14], [1.3, floor - 0.92, 1.5], turned=upright, texture=5, scale=2.0, gloss=0.5)
    builder.add(SPHERE, [0.24, 0.28, 0.24], [1.3, floor - 1.22, 1.5], texture=7, scale=2.0)
    builder.add(BOX, [0.2, 0.05, 0.14], [1.75, floor - 0.82, 1.6], turned=turn("y", 0.5), texture=10, scale=1.5)
    builder.add(BOX, [0.9, 0.006, 0.65], [0.05, floor - 0.006, 0.9], turned=turn("y", -0.15), texture=5, scale=0.9)
    builder.add(BOX, [0.26, 0.26, 0.26], [-1.55, floor - 0.26, 0.75], turned=turn("y", 0.6), texture=3, scale=1.9)
    builder.add(CYLINDER, [0.2, 0.2, 0.24], [2.05, floor - 0.24, 0.35], turned=upright, texture=2, scale=1.4)
    # Movers: a ball rolls across, a crate rests, then slides and turns, a block turns on the spot.
    s = np.linspace(0, 1, frames)
    radius = 0.2
    way = np.stack([-1.05 + 1.9 * s, np.full(frames, floor - radius), 0.35 + 0.35 * s], -1)
    builder.add(SPHERE, [radius] * 3, [0, 0, 0], pose=(turn("z", 1.9 * s / radius), way), texture=4, scale=2.2, gloss=0.35)
    late = np.clip((s - 0.35) / 0.65, 0, 1) ** 1.3
    slide = np.stack([0.75 - 0.75 * late, np.full(frames, floor - 0.27), 1.75 - 0.1 * late], -1)
    builder.add(BOX, [0.24, 0.27, 0.24], [0, 0, 0], pose=(turn("y", 0.4 + 1.1 * late), slide), texture=3, scale=2.0)
    spin = np.broadcast_to(np.array([-0.75, floor - 0.3, 1.6]), (frames, 3))
    builder.add(BOX, [0.17, 0.3, 0.17], [0, 0, 0], pose=(turn("y", 1.6 * s), spin), texture=9, scale=2.0)
    sweep = np.linspace(-0.5, 0.5, frames)
    eye = np.stack([1.25 * sweep, -0.12 + 0.05 * np.cos(3 * sweep), -2.3 + 0.25 * np.cos(2.2 * sweep)], -1)
    target = np.stack([0.12 - 0.1 * sweep, np.full(frames, 0.62), np.full(frames, 1.4)], -1)
    focal = WIDTH / 2 / np.tan(np.deg2rad(55) / 2)
    as_float = lambda array: torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))
    cameras = Cameras(width=WIDTH, height=HEIGHT, focal=torch.full((frames,), float(focal)), rotation=as_float(look_at(eye, target)), centre=as_float(eye))
    light = Light(sun=torch.tensor([0.0, -1.0, 0.0]), position=torch.tensor([0.7, -1.15, -0.6]), ambient=0.55, sky=torch.ones(2, 3), clouds=-1)
    return builder.solids(), cameras, light, set(range(6))


def write_video(frames: np.ndarray, path: Path) -> None:
    command = f"ffmpeg -y -loglevel error -f rawvideo -pix_fmt rgb24 -s {WIDTH}x{HEIGHT} -r {RATE} -i - -c:v libx264 -preset slow -crf 14 -pix_fmt yuv420p -movflags +faststart".split()
    subprocess.run([*command, str(path)], input=frames.tobytes(), check=True)


def write_truth(clip: dict[str, np.ndarray], path: Path) -> None:
    """A scene file (version 1) in metres whose first camera is the world."""
    first = np.linalg.inv(clip["cam_to_world"][0].astype(np.float64))
    poses = first @ clip["cam_to_world"]
    poses[0] = np.eye(4)
    frames = len(poses)
    focal = clip["focal"].astype(np.float64)
    members = {
        "times": np.arange(frames) / RATE,
        "rgb": clip["rgb"],
        # Ten bits of mantissa are 0.1 %: the file packs to a third.
        "depth": (clip["depth"].view(np.uint32) + 0x1000 & 0xFFFFE000).view(np.float32),
        "confidence": np.where(clip["depth"] > 0, 255, 0).astype(np.uint8),
        "mask": clip["mask"].astype(np.uint8),
        "mask_now": clip["mask_now"].astype(np.uint8),
        "intrinsics": np.stack([focal, focal, np.full(frames, WIDTH / 2), np.full(frames, HEIGHT / 2)], 1),
        "cam_to_world": poses,
        "tracks_uv": clip["tracks_uv"].astype(np.float32),
        "tracks_visible": clip["tracks_visible"].astype(np.uint8),
        "tracks_confidence": np.ones(clip["tracks_visible"].shape, np.float32),
        "tracks_mobility": clip["tracks_moving"].astype(np.float32),
        "tracks_xyz": (clip["tracks_xyz"] @ first[:3, :3].T + first[:3, 3]).astype(np.float32),
    }
    meta = {"version": 1, "title": "Sample room (exact truth)", "source": {"name": "room.mp4", "sha256": None, "frames": list(range(frames))}, "size": [WIDTH, HEIGHT], "networks": {}, "settings": {}, "metresPerUnit": 1.0, "summary": {}, "timings": {}}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in members.items():
            packed = io.BytesIO()
            np.save(packed, np.ascontiguousarray(array))
            archive.writestr(f"{name}.npy", packed.getvalue())
        archive.writestr("meta.json", json.dumps(meta, indent=1))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default="public/samples")
    parser.add_argument("--subdivision", type=int, default=4)
    options = parser.parse_args()
    torch.set_num_threads(1)
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    solids, cameras, light, shell = build()
    clip = render_clip(np.random.default_rng(1), solids, cameras, light, _bank(), shell, subdivision=options.subdivision, tracks=256, pairs=[], augment=False)
    # Light film grain: a rendered surface without any would be cleaner than a camera's.
    grain = np.random.default_rng(2).normal(0, 1.2, clip["rgb"].shape)
    clip["rgb"] = np.clip(clip["rgb"] + grain, 0, 255).round().astype(np.uint8)
    write_video(clip["rgb"], out / "room.mp4")
    write_truth(clip, out / "room-truth.npz")


if __name__ == "__main__":
    main()
