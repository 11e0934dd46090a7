"""Train the flow network: `python3 -m models.train.flow --minutes 60 --device cpu --resume --textures DIR --shards DIR`."""

import multiprocessing as mp
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from ..nets.flow import FlowNet
from ..synth.layers2d import LayerConfig, LayerPairs
from .clips import HELD_OUT
from .common import Run, TrainConfig

Pair = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(kw_only=True)
class FlowConfig(TrainConfig):
    height: int = 128
    width: int = 192
    max_shift: float = 36.0
    rendered_share: float = 0.5
    """How many pairs come from rendered shards, where there are any."""


class RenderedPairs:
    """Random crops of random pairs from the shards; frames up to 3 apart are stored by the shard writer as pairs."""

    def __init__(self, folder: str | None, *, height: int, width: int, seed: int):
        self.folder, self.height, self.width = folder, height, width
        self.rng = np.random.default_rng(seed)
        self.files: list[Path] = []

    def sample(self) -> Pair | None:
        if self.folder and (not self.files or self.rng.random() < 0.02):
            self.files = sorted(Path(self.folder).glob("*.npz"))[HELD_OUT:]
        if not self.files:
            return None
        shard = np.load(self.files[self.rng.integers(len(self.files))])
        index = self.rng.integers(len(shard["flow"]))
        i, j = shard["flow_pairs"][index]
        height, width = shard["rgb"].shape[1:3]
        top, left = self.rng.integers(height - self.height + 1), self.rng.integers(width - self.width + 1)
        view = (slice(top, top + self.height), slice(left, left + self.width))
        return shard["rgb"][i][view], shard["rgb"][j][view], shard["flow"][index][view].astype(np.float32), shard["flow_visible"][index][view]


def held_out_pairs(folder: str | None, *, per_clip: int = 5) -> list[Pair]:
    """Whole pairs of the clips that are never trained on."""
    pairs = []
    for path in sorted(Path(folder).glob("*.npz"))[:HELD_OUT] if folder else []:
        with np.load(path) as shard:
            for index in range(0, len(shard["flow"]), max(1, len(shard["flow"]) // per_clip)):
                i, j = shard["flow_pairs"][index]
                pairs.append((shard["rgb"][i], shard["rgb"][j], shard["flow"][index].astype(np.float32), shard["flow_visible"][index]))
    return pairs


def flip(rng: np.random.Generator, pair: Pair) -> Pair:
    first, second, flow, visible = pair
    for axis in (0, 1):
        if rng.random() < 0.5:
            first, second, flow, visible = (np.flip(array, axis) for array in (first, second, flow, visible))
            flow = flow * np.array([1, -1] if axis == 0 else [-1, 1], np.float32)
    return first, second, flow, visible


def _produce(queue: mp.Queue, config: FlowConfig, seed: int) -> None:
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    layers = LayerPairs(LayerConfig(height=config.height, width=config.width, max_shift=config.max_shift, textures=config.textures), seed)
    rendered = RenderedPairs(config.shards, height=config.height, width=config.width, seed=seed)
    while True:
        pairs = []
        for _ in range(config.batch):
            pair = rendered.sample() if rng.random() < config.rendered_share else None
            pairs.append(flip(rng, pair or layers.sample()))
        queue.put(tuple(np.stack([np.ascontiguousarray(pair[k]) for pair in pairs]) for k in range(4)))


def batches(config: FlowConfig, *, seed: int) -> Iterator[tuple[Tensor, ...]]:
    """image1, image2 f32 [B,3,H,W] in [0,1], flow [B,2,H,W] px, visible [B,1,H,W] 0/1; made in a second process."""
    context = mp.get_context("spawn")
    queue: mp.Queue = context.Queue(8)
    context.Process(target=_produce, args=(queue, config, seed), daemon=True).start()
    while True:
        yield to_tensors(queue.get(), config.device)


def to_tensors(arrays: tuple[np.ndarray, ...], device: str) -> tuple[Tensor, ...]:
    first, second, flow, visible = (torch.from_numpy(array).to(device) for array in arrays)
    image1, image2 = (image.permute(0, 3, 1, 2).float() / 255 for image in (first, second))
    return image1, image2, flow.permute(0, 3, 1, 2), visible.unsqueeze(1).float()


def loss(net: nn.Module, batch: tuple[Tensor, ...]) -> tuple[Tensor, dict[str, float]]:
    """Robust end-point error of every stage (the last weighs most) + Laplace likelihood of the uncertainty."""
    image1, image2, truth, visible = batch
    stages, log_sigma = net.predict(image1, image2)
    total = 0.0
    # Hidden pixels are guesses: they count, but less.
    weight = 0.3 + 0.7 * visible
    for index, (flow, stride) in enumerate(stages):
        cells = (..., slice(stride // 2, None, stride), slice(stride // 2, None, stride))
        error = torch.sqrt(((stride * flow - truth[cells]) ** 2).sum(1, keepdim=True) + 1e-4)
        share = 0.8 ** (len(stages) - 1 - index)
        total = total + share * (weight[cells] * error**0.7).mean()
        if index == 0:
            first = error.mean().item()
    spread = (error.detach() * torch.exp(-log_sigma) + log_sigma).mean()
    return total + 0.1 * spread, {"epe": error.mean().item(), "visible": (error * visible).sum().item() / visible.sum().item(), "match": first, "nll": spread.item()}


def main() -> None:
    config = FlowConfig.from_command_line()
    held = LayerPairs(LayerConfig(height=160, width=256, max_shift=config.max_shift / 2, textures=config.textures, bank=48), 987)
    pairs = [held.sample() for _ in range(16)] + held_out_pairs(config.shards)
    fixed = [to_tensors(tuple(array[None] for array in pair), config.device) for pair in pairs]

    def validate(net: nn.Module) -> float:
        return float(np.mean([((net(a, b)[0] - flow).square().sum(1, keepdim=True).sqrt() ** 0.5).mean().item() for a, b, flow, _ in fixed]))

    Run("flow", FlowNet(), config, batches(config, seed=config.seed + 17), loss, validate).train()


if __name__ == "__main__":
    main()
