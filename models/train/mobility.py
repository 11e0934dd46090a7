"""Train the judge of motion inside the tracker: `python3 -m models.train.mobility --minutes 20 --out OUT --shards SHARDS [--resume]`.

OUT holds a track checkpoint, whose tracker stays as it is; the judge's best weights are written into it. Half of the windows are tracks
of scenes that were never drawn, spoilt on purpose; half are the tracker's own tracks of rendered clips.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..nets.mobility import MobilityNet
from ..nets.track import TrackNet
from ..synth.motion import MotionScene, motion_scene
from .common import Run, TrainConfig

STILL_PX, MOVING_PX = 0.1, 1.0
"""Less than this at 320 px width is static, more is moving, between the two nobody can tell."""


@dataclass(kw_only=True)
class MobilityConfig(TrainConfig):
    scenes: int = 8000
    batch: int = 8
    rate: float = 1.5e-3
    average: float = 0.995
    drawn_share: float = 0.4
    moving_weight: float = 3.0
    """Moving points are few: they count this much more."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """What the judge sees of a window, with the truth."""

    uv: np.ndarray
    """f32 [N,8,2] px"""
    trust: np.ndarray
    """f32 [N,8]"""
    moved: np.ndarray
    """f32 [N] px at the point's distance; NaN = unknown"""
    unit: float
    """half the picture's width, px"""


def spoil(rng: np.random.Generator, uv: np.ndarray, visible: np.ndarray, start: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Exact tracks [N,T,2] -> tracks as a tracker finds them, with trust [N,T]: drift, wrong turns, occluders, false confidence."""
    count, frames, _ = uv.shape
    gap = np.abs(np.arange(frames) - start[:, None])
    pixel = unit / 160
    quality = np.exp(rng.normal(np.log(0.25), 0.9, (count, 1, 1))) * np.exp(rng.normal(0, 0.5)) * pixel
    steps = rng.normal(0, 1, (count, frames, 2)) * quality
    walk = np.cumsum(steps, 1)
    walk = walk - walk[np.arange(count), start][:, None]
    noisy = uv + 0.5 * walk + 0.3 * steps * (gap[..., None] > 0)
    # Some go astray at some distance from their start: they follow a neighbour, the picture, or jump.
    astray = rng.random(count) < rng.uniform(0.03, 0.3)
    hidden_lost = rng.random(count) < 0.6
    chance = rng.random((count, frames)) < 0.25
    off = (astray[:, None] & chance) | (hidden_lost[:, None] & ~visible)
    middle = uv[np.arange(count), start]
    apart = ((middle[:, None] - middle[None]) ** 2).sum(2) + np.eye(count) * 1e9
    neighbour = np.argsort(apart, 1)[np.arange(count), rng.integers(0, min(5, count - 1), count)]
    kind = rng.random(count)
    for direction in (1, -1):
        lost = np.zeros(count, bool)
        for k in range(1, frames):
            t, before = start + direction * k, start + direction * (k - 1)
            valid = (t >= 0) & (t < frames)
            rows = np.flatnonzero(valid)
            lost[rows] |= off[rows, t[rows]]
            go = rows[lost[rows]]
            other = neighbour[go]
            step = np.where((kind[go] < 0.7)[:, None], uv[other, t[go]] - uv[other, before[go]], rng.normal(0, 1, (len(go), 2)) * pixel)
            step = np.where((kind[go] > 0.9)[:, None], rng.normal(0, 12, (len(go), 2)) * pixel, step)
            noisy[go, t[go]] = noisy[go, before[go]] + np.clip(step, -200, 200)
    error = np.linalg.norm(noisy - uv, axis=2) / pixel
    logit = rng.normal(1.3, 1.3, (count, frames)) - np.clip(error - 2, 0, 6) * rng.uniform(0, 0.5, (count, 1)) - 1.0 * ~visible
    logit += rng.normal(0, 0.8, (count, 1)) + rng.normal(0, 0.5)
    trust = 1 / (1 + np.exp(-logit))
    trust[np.arange(count), start] = np.maximum(trust[np.arange(count), start], 0.97)
    return noisy.astype(np.float32), trust.astype(np.float32)


def vary(rng: np.random.Generator, uv: np.ndarray, trust: np.ndarray, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Mirrored, rolled, nearer or farther, reversed, or standing still at the end, as when a clip ends before its window."""
    if rng.random() < 0.5:
        uv = [width, 0] + uv * [-1, 1]
    angle, zoom, middle = rng.normal(0, 0.15), np.exp(rng.normal(0, 0.2)), uv.mean((0, 1))
    uv = middle + zoom * (uv - middle) @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if rng.random() < 0.5:
        uv, trust = uv[:, ::-1], trust[:, ::-1]
    if rng.random() < 0.1:
        last = rng.integers(2, uv.shape[1])
        uv, trust = uv.copy(), trust.copy()
        uv[:, last:], trust[:, last:] = uv[:, last - 1 : last], trust[:, last - 1 : last]
    return uv.astype(np.float32), trust.astype(np.float32)


def spoilt_window(rng: np.random.Generator, scene: MotionScene) -> Window:
    uv, trust = spoil(rng, scene.uv, scene.visible, scene.start, scene.size[0] / 2)
    return Window(uv=uv, trust=trust, moved=scene.moved, unit=scene.size[0] / 2)


def tracked_windows(tracker: TrackNet, clip: dict[str, np.ndarray], rng: np.random.Generator) -> list[Window]:
    """The tracker's own tracks of a clip, forwards and backwards: those with known paths, and a grid judged by the masks."""
    frames, height, width, _ = clip["rgb"].shape
    pictures = torch.from_numpy(clip["rgb"].transpose(0, 3, 1, 2).copy()).float() / 255
    start, count = clip["queries"].astype(int), len(clip["queries"])
    at = clip["tracks_uv"][np.arange(count), start].clip(0, [width - 1, height - 1])
    gone = np.linalg.norm(clip["tracks_xyz"] - clip["tracks_xyz"][np.arange(count), start][:, None], axis=2).max(1)
    moved = gone * clip["focal"][0] / clip["depth"][start, at[:, 1].astype(int), at[:, 0].astype(int)].clip(0.05)
    windows = []
    for backwards in (False, True):
        grid = (np.stack(np.meshgrid(np.arange(14), np.arange(9)), -1).reshape(-1, 2) + rng.uniform(0.2, 0.8, (126, 2))) * [width / 14, height / 9]
        first = 0 if rng.random() < 0.6 else int(rng.integers(frames))
        frame = frames - 1 - first if backwards else first
        pick = lambda plane: plane[frame][grid[:, 1].astype(int), grid[:, 0].astype(int)]
        grid_moved = np.where(pick(clip["mask_now"]), 9 * MOVING_PX, np.where(pick(clip["mask"]), np.nan, 0.0))
        own = frames - 1 - start if backwards else start
        queries = np.concatenate([np.concatenate([own[:, None], at], 1), np.concatenate([np.full((len(grid), 1), first), grid], 1)]).astype(np.float32)
        with torch.no_grad():
            uv, visible, confidence, _ = tracker(pictures.flip(0) if backwards else pictures, torch.from_numpy(queries))
        windows.append(Window(uv=uv.numpy(), trust=(visible * confidence).numpy(), moved=np.concatenate([moved, grid_moved]).astype(np.float32), unit=width / 2))
    return windows


def make_batch(rng: np.random.Generator, scenes: list[MotionScene], drawn: list[Window], config: MobilityConfig) -> tuple[Tensor, ...]:
    """uv [B,N,8,2], trust [B,N,8], moved [B,N] px at 320 px width, unit [B,1,1]; N differs from batch to batch."""
    count, rows = int(rng.integers(80, 257)), []
    for _ in range(config.batch):
        if drawn and (rng.random() < config.drawn_share or not scenes):
            window = drawn[rng.integers(len(drawn))]
        else:
            window = spoilt_window(rng, scenes[rng.integers(len(scenes))])
        some = rng.permutation(len(window.uv))[:count]
        some = np.concatenate([some, rng.integers(0, len(window.uv), count - len(some))])
        uv, trust = vary(rng, window.uv[some], window.trust[some], 2 * window.unit)
        rows.append((uv.clip(-2000, 4000), trust, window.moved[some] * np.float32(160 / window.unit), np.float32(window.unit)))
    uv, trust, moved, unit = (torch.from_numpy(np.stack(column)) for column in zip(*rows))
    return uv, trust, moved, unit.reshape(-1, 1, 1)


def endless(make) -> Iterator:
    while True:
        yield make()


def loss(net: nn.Module, batch: tuple[Tensor, ...], moving_weight: float) -> tuple[Tensor, dict[str, float]]:
    uv, trust, moved, unit = batch
    logit = net(uv, trust, unit)
    moves = (moved > MOVING_PX).float()
    weight = ((moved > MOVING_PX) | (moved < STILL_PX)).float() * (1 + (moving_weight - 1) * moves)
    total = (F.binary_cross_entropy_with_logits(logit, moves, reduction="none") * weight).sum() / weight.sum()
    right = (((logit > 0) == (moves > 0)).float() * weight).sum() / weight.sum()
    return total, {"loss": total.item(), "right": right.item()}


def draw_scenes(seed: int, count: int) -> list[MotionScene]:
    rng, scenes = np.random.default_rng(seed), []
    while len(scenes) < count:
        scene = motion_scene(rng)
        if scene and len(scene.uv) >= 96:
            scenes.append(scene)
    return scenes


def main() -> None:
    config = MobilityConfig.from_command_line()
    torch.set_num_threads(config.threads)
    path = Path(config.out) / "track.pt"
    package = torch.load(path, map_location="cpu", weights_only=True)
    tracker = TrackNet().eval()
    tracker.load_state_dict(package["best"])
    rng, drawn = np.random.default_rng(config.seed), []
    for file in sorted(Path(config.shards).glob("*.npz")) if config.shards else []:
        with np.load(file) as clip:
            drawn += tracked_windows(tracker, clip, rng)
    # The first eighth of both kinds is for validation only.
    scenes = draw_scenes(config.seed, config.scenes)
    held, held_drawn = scenes[: len(scenes) // 8], drawn[: len(drawn) // 8]
    scenes, drawn = scenes[len(held) :], drawn[len(held_drawn) :]
    fixed = [make_batch(np.random.default_rng(k), held, held_drawn, config) for k in range(24)]
    net = MobilityNet()
    net.load_state_dict(tracker.mobility.state_dict())

    def validate(net: nn.Module) -> float:
        return float(np.mean([loss(net, batch, config.moving_weight)[1]["loss"] for batch in fixed]))

    run = Run("mobility", net, config, endless(lambda: make_batch(rng, scenes, drawn, config)), lambda net, batch: loss(net, batch, config.moving_weight), validate)
    run.train()
    for part in ("net", "mean", "best"):
        if part in package:
            package[part] |= {f"mobility.{key}": tensor for key, tensor in run.best_state.items()}
    torch.save(package, path)


if __name__ == "__main__":
    main()
