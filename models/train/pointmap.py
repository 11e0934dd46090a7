"""Train the pointmap network: `python3 -m models.train.pointmap --minutes 25 --shards DIR --trunk flow.pt [--start pointmap.pt] [--prior prior.pt] [--resume]`."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from ..nets.pointmap import PointmapNet
from .clips import ClipFolder, held_out, stream, usual_lens, warm_start
from .common import Run, TrainConfig

SIZES = ((160, 256), (128, 224), (96, 160), (96, 160))


@dataclass(kw_only=True)
class PointmapConfig(TrainConfig):
    trunk: str | None = None
    start: str | None = None
    """A checkpoint to begin with, as far as its shapes fit."""
    prior: str | None = None
    """The depth prior's own checkpoint (`models.train.prior`)."""
    batch: int = 4


def load_fitting(net: nn.Module, path: str) -> None:
    """The best weights of a checkpoint wherever their shapes are the network's."""
    here, stored = net.state_dict(), torch.load(path, map_location="cpu", weights_only=True)["best"]
    net.load_state_dict({key: stored[key] if key in stored and stored[key].shape == tensor.shape else tensor for key, tensor in here.items()})


def make_pair(clip: dict[str, np.ndarray], rng: np.random.Generator, size: tuple[int, int]) -> dict[str, np.ndarray]:
    """Two frames cut to the aspect of `size` around the centre, mirrored now and then, resized."""
    height, width = size
    frames, full_height, full_width = clip["depth"].shape
    i = rng.integers(frames)
    j = int(np.clip(i + rng.choice([-5, -3, -2, -1, 1, 2, 3, 5]), 0, frames - 1))
    share = rng.uniform(0.85, 1.0)
    cut_width = min(full_width, full_height * width / height) * share
    cut_height = cut_width * height / width
    top, left = int(round((full_height - cut_height) / 2)), int(round((full_width - cut_width) / 2))
    view = (slice(top, full_height - top), slice(left, full_width - left))
    mirror = rng.random() < 0.5
    flip = np.diag([-1.0, 1, 1, 1]) if mirror else np.eye(4)
    images, depths = [], []
    for t in (i, j):
        image, depth = (np.ascontiguousarray(clip[key][t][view][:, ::-1] if mirror else clip[key][t][view]) for key in ("rgb", "depth"))
        images.append(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))
        depths.append(cv2.resize(depth.astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST))
    to_first = flip @ np.linalg.inv(clip["cam_to_world"][i].astype(float)) @ clip["cam_to_world"][j] @ flip
    return {"image": np.stack(images), "depth": np.stack(depths), "focal": np.float32(clip["focal"][i] / (full_width - 2 * left)), "pose": to_first.astype(np.float32)}


def make_batch(folder: ClipFolder, rng: np.random.Generator, config: PointmapConfig) -> dict[str, np.ndarray]:
    size = SIZES[rng.integers(len(SIZES))]
    pairs = []
    while len(pairs) < config.batch:
        pair = make_pair(folder.sample(), rng, size)
        if usual_lens(rng, pair["focal"]):
            pairs.append(pair)
    return {key: np.stack([pair[key] for pair in pairs]) for key in pairs[0]}


def truth_points(depth: Tensor, focal: Tensor) -> Tensor:
    """depth [B,H,W], focal [B] in widths -> camera points [B,3,H,W]."""
    height, width = depth.shape[1:]
    y, x = torch.meshgrid(torch.arange(height, device=depth.device) + 0.5 - height / 2, torch.arange(width, device=depth.device) + 0.5 - width / 2, indexing="ij")
    f = (focal * width)[:, None, None]
    return torch.stack([x / f * depth, y / f * depth, depth], 1)


def errors(out: dict[str, Tensor], depth: Tensor, focal: Tensor, pose: Tensor) -> tuple[list[Tensor], list[Tensor], Tensor]:
    """Relative distance of both pointmaps [B,H,W] after dividing by the mean distance, their validity, and the predicted mean."""
    first, second = truth_points(depth[:, 0], focal), truth_points(depth[:, 1], focal)
    second = (pose[:, :3, :3] @ second.flatten(2) + pose[:, :3, 3:]).reshape(first.shape)
    valid = [(depth[:, k] > 0) & (depth[:, k] < 200) for k in (0, 1)]
    truths, guesses = [first, second], [out["points1"], out["points2"]]
    # The median keeps a far background from setting the scale.
    scale = lambda points: torch.stack([torch.cat([points[k][b].norm(dim=0)[valid[k][b]] for k in (0, 1)]).median() for b in range(len(depth))])[:, None, None, None]
    norm, guess_norm = scale(truths).clamp(min=1e-3), scale(guesses).clamp(min=1e-3)
    gaps = [(guess / guess_norm - truth / norm).norm(dim=1) / (0.7 * (truth / norm).norm(dim=1) + 0.3) for guess, truth in zip(guesses, truths)]
    return gaps, valid, guess_norm


def loss(net: nn.Module, batch: dict[str, np.ndarray]) -> tuple[Tensor, dict[str, float]]:
    """Confidence-weighted pointmap loss + direct terms on the depth prior, focal length and rotation."""
    device = next(net.parameters()).device
    image, depth, focal, pose = (torch.from_numpy(batch[key]).to(device) for key in ("image", "depth", "focal", "pose"))
    image = image.permute(0, 1, 4, 2, 3).float() / 255
    with torch.no_grad():
        matches = net.correspond(image[:, 0], image[:, 1])
    out = net.predict(image[:, 0], image[:, 1], matches)
    gaps, valid, norm = errors(out, depth, focal, pose)
    regression, sky, plain = 0.0, 0.0, 0.0
    for k, gap in enumerate(gaps):
        sure = out[f"confidence{k + 1}"][:, 0]
        inside = valid[k].float()
        regression = regression + ((sure * gap.clamp(max=5) - 0.3 * torch.log(sure)) * inside).sum() / inside.sum().clamp(min=1)
        plain = plain + (gap.clamp(max=5) * inside).sum() / inside.sum().clamp(min=1)
        empty = (depth[:, k] == 0).float()
        near = torch.relu(torch.log(5 * norm[:, 0].detach()) - torch.log(out[f"points{k + 1}"][:, 2].clamp(min=1e-2)))
        sky = sky + (empty * (0.1 * (sure - 1) + 0.1 * near)).mean()
    prior = 0.0
    for k in (0, 1):
        goal = depth[:, k, 4::8, 4::8]
        inside = (goal > 0) & (goal < 200)
        gap = out[f"prior{k + 1}"][:, 0] - torch.log(goal.clamp(min=1e-2))
        middle = torch.stack([g[m].median() if m.any() else g.mean() for g, m in zip(gap, inside)])[:, None, None]
        prior = prior + ((gap - middle).abs() * inside).sum() / inside.sum().clamp(min=1)
    focal_gap = (out["log_focal"][:, 0] - torch.log(focal)).abs().mean()
    turn_gap = (out["rotation"].transpose(1, 2) - pose[:, :3, :3]).abs().sum((1, 2)).clamp(max=0.5).mean()
    total = regression + sky + 0.5 * prior + 0.5 * focal_gap + 1.0 * turn_gap
    return total, {"points": plain.item() / 2, "prior": prior.item() / 2, "focal": focal_gap.item(), "turn": turn_gap.item()}


def main() -> None:
    config = PointmapConfig.from_command_line()
    net = PointmapNet()
    if config.start:
        load_fitting(net, config.start)
    if config.prior:
        load_fitting(net.prior, config.prior)
        # A few hundred clips would only teach it their own furniture.
        net.prior.requires_grad_(False)
    warm_start(net, config.trunk, ("encoder", "match", "refine8", "refine4"))
    rng = np.random.default_rng(5)
    clips = held_out(config.shards)
    fixed = [{key: value[None] for key, value in make_pair(clip, rng, (160, 256)).items()} for clip in clips for _ in range(4)]

    def validate(net: nn.Module) -> float:
        return float(np.mean([loss(net, pair)[1]["points"] for pair in fixed]))

    Run("pointmap", net, config, stream(make_batch, config, seed=config.seed), loss, validate).train()


if __name__ == "__main__":
    main()
