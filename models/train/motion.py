"""Train the judge of motion masks: `python3 -m models.train.motion --minutes 30 --clues DIR --out OUT [--resume]`.

DIR holds what `npm run eval -- clues --data SHARDS --out DIR` writes: the pipeline's own clues on rendered clips, with the truth.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..nets.motion import CLUES, MotionNet
from .common import Run, TrainConfig

AT = {name: index for index, name in enumerate(CLUES)}
MAY_LACK = (("luma", "contrast"), ("depth",), ("prior",), ("mobility",), ("first", "epipolar"), ("far",), ("bound", "bound before", "bound after"), ("before", "bound before"), ("after", "bound after"))
"""Planes that are left out now and then, so that no single one is leaned on."""
EVIDENCE = ("free", "bound", "before", "after", "bound before", "bound after", "far")


@dataclass(kw_only=True)
class MotionConfig(TrainConfig):
    clues: str = ""
    batch: int = 8
    rate: float = 1e-3
    average: float = 0.998
    crop_height: int = 80
    crop_width: int = 112
    held: float = 0.12
    lack: float = 0.3


@dataclass(frozen=True)
class Clip:
    clues: np.ndarray
    """f16 [T,20,h,w]"""
    truth: np.ndarray
    """f32 [T,2,h,w]: share of the pixel that moves in the clip; just now"""


def read_clip(path: Path) -> Clip:
    with np.load(path) as file:
        truth = torch.from_numpy(np.stack([file["mask"], file["mask_now"]], 1)).float()
        clues = file["clues"][:, :, : truth.shape[2] // 2, : truth.shape[3] // 2]
        return Clip(clues.astype(np.float16), F.avg_pool2d(truth, 2).numpy())


def vary(rng: np.random.Generator, clues: np.ndarray, truth: np.ndarray, config: MotionConfig) -> tuple[np.ndarray, np.ndarray]:
    """A crop of a frame at another scale, mirrored, with other noise, and without some planes."""
    clues = torch.from_numpy(clues.astype(np.float32))[None]
    truth = torch.from_numpy(truth)[None]
    high, wide = config.crop_height, config.crop_width
    zoom = max(high / clues.shape[2], wide / clues.shape[3], np.exp(rng.uniform(np.log(0.7), np.log(1.6))))
    size = [int(np.ceil(clues.shape[2] * zoom)), int(np.ceil(clues.shape[3] * zoom))]
    clues, truth = (F.interpolate(x, size, mode="bilinear", align_corners=False)[0].numpy() for x in (clues, truth))
    y, x = rng.integers(size[0] - high + 1), rng.integers(size[1] - wide + 1)
    clues, truth = clues[:, y : y + high, x : x + wide].copy(), truth[:, y : y + high, x : x + wide].copy()
    if rng.random() < 0.5:
        clues, truth = clues[:, :, ::-1].copy(), truth[:, :, ::-1].copy()
        clues[AT["free x"]] *= -1
    if rng.random() < 0.5:
        # The clip backwards.
        for a, b in (("before", "after"), ("bound before", "bound after")):
            clues[[AT[a], AT[b]]] = clues[[AT[b], AT[a]]]
        clues[[AT["free x"], AT["free y"]]] *= -1
    gain = rng.normal(0, 0.25)
    for name in EVIDENCE:
        plane = clues[AT[name]]
        clues[AT[name]] = np.where(plane >= 0, np.log1p(np.expm1(plane.clip(0)) * np.exp(gain)), plane)
    clues[AT["luma"]] = clues[AT["luma"]] * np.exp(rng.normal(0, 0.3)) * rng.choice([-1, 1], p=[0.2, 0.8]) + rng.normal(0, 0.1)
    clues[AT["contrast"]] *= np.exp(rng.normal(0, 0.3))
    for group in MAY_LACK:
        if rng.random() < config.lack:
            clues[[AT[name] for name in group]] = -1.0 if group[0] in ("before", "after") else 0.0
    return clues, truth


def batches(rng: np.random.Generator, clips: list[Clip], config: MotionConfig) -> Iterator[tuple[Tensor, Tensor]]:
    weight = np.array([0.4 + min(1.0, 10 * clip.truth[:, 0].mean()) for clip in clips])
    while True:
        rows = []
        for k in rng.choice(len(clips), config.batch, p=weight / weight.sum()):
            t = rng.integers(len(clips[k].clues))
            rows.append(vary(rng, clips[k].clues[t], clips[k].truth[t], config))
        clues, truth = zip(*rows)
        yield torch.from_numpy(np.stack(clues)), torch.from_numpy(np.stack(truth))


def loss(net: MotionNet, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, dict[str, float]]:
    """Cross-entropy and a soft 1 - IoU per frame: movers are few pixels, and it is their outline that counts."""
    clues, truth = batch
    logit = net.logits(clues)
    entropy = F.binary_cross_entropy_with_logits(logit, truth)
    found = torch.sigmoid(logit)
    both, either = (found * truth).sum((2, 3)), (found + truth - found * truth).sum((2, 3))
    overlap = ((both + 4) / (either + 4)).mean()
    total = entropy + 0.5 * (1 - overlap)
    return total, {"loss": total.item(), "entropy": entropy.item(), "overlap": overlap.item()}


@torch.no_grad()
def clip_score(net: MotionNet, clip: Clip) -> float:
    """IoU over a clip of what moves in it; where nothing does, 1 less twenty times the share that is said to move, at least 0."""
    found = net(pad(torch.from_numpy(clip.clues.astype(np.float32))))[:, 0, : clip.truth.shape[2], : clip.truth.shape[3]].numpy() > 0.5
    truth = clip.truth[:, 0] > 0.5
    return float((found & truth).sum() / (found | truth).sum()) if truth.any() else max(0.0, 1 - 20 * float(found.mean()))


def pad(clues: Tensor) -> Tensor:
    return F.pad(clues, (0, -clues.shape[3] % 8, 0, -clues.shape[2] % 8), mode="replicate")


def main() -> None:
    config = MotionConfig.from_command_line()
    torch.set_num_threads(config.threads)
    clips = [read_clip(path) for path in sorted(Path(config.clues).glob("*.npz"))]
    rng = np.random.default_rng(config.seed)
    order = np.random.default_rng(0).permutation(len(clips))
    held = [clips[k] for k in order[: int(config.held * len(clips))]]
    rest = [clips[k] for k in order[len(held) :]]
    run = Run("motion", MotionNet(), config, batches(rng, rest, config), loss, lambda net: 1 - float(np.mean([clip_score(net, clip) for clip in held])))
    run.train()


if __name__ == "__main__":
    main()
