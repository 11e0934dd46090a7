"""Reading rendered shards for training: a producer process that stays ahead of the network."""

import multiprocessing as mp
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

HELD_OUT = 6
"""The first files of a shard folder are for validation only."""


class ClipFolder:
    """Random clips of a growing folder of shards."""

    def __init__(self, folder: str, *, seed: int, keep: int = 24):
        self.folder, self.rng, self.keep = Path(folder), np.random.default_rng(seed), keep
        self.files: list[Path] = []

    def sample(self) -> dict[str, np.ndarray]:
        if not self.files or self.rng.random() < 0.02:
            self.files = sorted(self.folder.glob("*.npz"))[HELD_OUT:]
        with np.load(self.files[self.rng.integers(len(self.files))]) as shard:
            return {key: shard[key] for key in shard.files if not key.startswith("flow")}


def held_out(folder: str) -> list[dict[str, np.ndarray]]:
    clips = []
    for path in sorted(Path(folder).glob("*.npz"))[:HELD_OUT]:
        with np.load(path) as shard:
            clips.append({key: shard[key] for key in shard.files if not key.startswith("flow")})
    return clips


def _produce(queue: mp.Queue, make: Callable, config: object, seed: int, source: type) -> None:
    import cv2

    cv2.setNumThreads(1)
    folder, rng = source(config.shards, seed=seed), np.random.default_rng(seed + 1)
    while True:
        queue.put(make(folder, rng, config))


def stream(make: Callable, config: object, *, seed: int, source: type = ClipFolder) -> Iterator:
    """Whatever `make(source(folder), rng, config)` returns, endlessly, from a second process."""
    context = mp.get_context("spawn")
    queue: mp.Queue = context.Queue(6)
    context.Process(target=_produce, args=(queue, make, config, seed, source), daemon=True).start()
    while True:
        yield queue.get()


def usual_lens(rng: np.random.Generator, focal: float) -> bool:
    """Whether to keep a picture of that focal length (in widths): phones and cameras film at 0.5 to 1, longer ones come only now and then."""
    return rng.random() < min(1.0, (0.75 / focal) ** 2)


def warm_start(net, path: str | None, parts: tuple[str, ...]) -> None:
    """Copy the trunk of a flow checkpoint into a network and freeze it."""
    import torch

    if path:
        state = torch.load(path, map_location="cpu", weights_only=True)["best"]
        for part in parts:
            getattr(net, part).load_state_dict({key.removeprefix(part + "."): value for key, value in state.items() if key.startswith(part + ".")})
    for part in parts:
        getattr(net, part).requires_grad_(False)
