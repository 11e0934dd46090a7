"""Train the track network: `python3 -m models.train.track --minutes 25 --shards DIR --trunk flow.pt [--resume]`."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..nets.track import TrackNet
from .clips import ClipFolder, held_out, stream, warm_start
from .common import Run, TrainConfig


@dataclass(kw_only=True)
class TrackConfig(TrainConfig):
    trunk: str | None = None
    height: int = 128
    width: int = 192
    tracks: int = 48


def make_window(clip: dict[str, np.ndarray], rng: np.random.Generator, config: TrackConfig) -> dict[str, np.ndarray] | None:
    """A random crop of a clip, mirrored and time-reversed now and then, with the tracks whose query lies in it."""
    frames, full_height, full_width = clip["depth"].shape
    top, left = rng.integers(full_height - config.height + 1), rng.integers(full_width - config.width + 1)
    rgb = clip["rgb"][:, top : top + config.height, left : left + config.width]
    uv = clip["tracks_uv"] - [left, top]
    start = clip["queries"].astype(int)
    shown = clip["tracks_visible"] & ((uv >= 0) & (uv <= [config.width, config.height])).all(2)
    keep = np.flatnonzero(shown[np.arange(len(uv)), start])
    if len(keep) < 12:
        return None
    keep = rng.permutation(keep)[: config.tracks]
    uv, shown, start = uv[keep], shown[keep], start[keep]
    # A grid of points without truth keeps them company, as in the page: most of a picture stands still.
    rows, columns = 6, 8
    grid = (np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1).reshape(-1, 2) + rng.uniform(0.2, 0.8, (rows * columns, 2))) * [config.width / columns, config.height / rows]
    grid = np.concatenate([np.full((len(grid), 1), rng.integers(frames)), grid], 1)
    if rng.random() < 0.5:
        rgb, uv, grid = rgb[:, :, ::-1], [config.width, 0] + uv * [-1, 1], [0, config.width, 0] + grid * [1, -1, 1]
    if rng.random() < 0.5:
        rgb, uv, shown, start = rgb[::-1], uv[:, ::-1], shown[:, ::-1], frames - 1 - start
    queries = np.concatenate([np.concatenate([start[:, None], uv[np.arange(len(uv)), start]], 1), grid])
    return {"rgb": np.ascontiguousarray(rgb), "uv": uv.astype(np.float32), "visible": np.ascontiguousarray(shown), "queries": queries.astype(np.float32)}


def make_batch(folder: ClipFolder, rng: np.random.Generator, config: TrackConfig) -> dict[str, np.ndarray]:
    while (window := make_window(folder.sample(), rng, config)) is None:
        pass
    return window


def loss(net: nn.Module, batch: dict[str, np.ndarray]) -> tuple[Tensor, dict[str, float]]:
    """Robust position error of all rounds (hidden points count a fifth) + cross entropy of the two judgements (mobility.py trains the third)."""
    device = next(net.parameters()).device
    frames, uv, shown, queries = (torch.from_numpy(batch[key]).to(device) for key in ("rgb", "uv", "visible", "queries"))
    frames = frames.permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        features = net.encoder(frames)
    path, logits = net.predict(frames, features, queries)
    path, logits = [at[: len(uv)] for at in path], logits[: len(uv)]
    shown_f = shown.float()
    weight = torch.where(shown, 1.0, 0.2)
    position = 0.0
    for index, at in enumerate(path):
        error = torch.sqrt(((at - uv) ** 2).sum(2) + 1e-4).clamp(max=60)
        position = position + 0.8 ** (len(path) - 1 - index) * (weight * error**0.7).mean()
    close = ((error < 4) & shown).float()
    judged = F.binary_cross_entropy_with_logits(logits[..., 0], shown_f) + F.binary_cross_entropy_with_logits(logits[..., 1], close)
    total = position + judged
    parts = {"error": (error * shown_f).sum().item() / shown_f.sum().item(), "first": ((path[0] - uv).norm(dim=2).clamp(max=60) * shown_f).sum().item() / shown_f.sum().item(), "visible": ((logits[..., 0] > 0) == shown).float().mean().item(), "total": total.item()}
    return total, parts


def main() -> None:
    config = TrackConfig.from_command_line()
    net = TrackNet()
    warm_start(net, config.trunk, ("encoder", "flow"))
    net.mobility.requires_grad_(False)
    rng = np.random.default_rng(5)
    fixed = [window for clip in held_out(config.shards) for _ in range(2) if (window := make_window(clip, rng, config))]

    def validate(net: nn.Module) -> float:
        return float(np.mean([loss(net, window)[1]["total"] for window in fixed]))

    Run("track", net, config, stream(make_batch, config, seed=config.seed), loss, validate).train()


if __name__ == "__main__":
    main()
