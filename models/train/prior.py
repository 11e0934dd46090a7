"""Train what one picture tells of depth and focal length: `python3 -m models.train.prior --minutes 60 --shards STILLS [--resume]`.

Thousands of single pictures (`models.synth.stills`) teach the depth prior what a few hundred clips cannot; `models.train.pointmap --prior`
then teaches the two-view part beside it.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from ..nets.pointmap import DepthPrior
from ..synth.augment import photometric
from .clips import stream, usual_lens
from .common import Run, TrainConfig

SIZES = ((160, 256), (160, 256), (160, 256), (128, 192), (192, 320), (224, 128))
HELD_OUT = 3
"""The first files of the folder are for validation only."""


@dataclass(kw_only=True)
class PriorConfig(TrainConfig):
    batch: int = 12
    rate: float = 1e-3


class Stills:
    """All pictures of a growing folder, in memory."""

    def __init__(self, folder: str, *, seed: int):
        self.folder, self.rng, self.packs, self.drawn = Path(folder), np.random.default_rng(seed), [], 0

    def sample(self) -> tuple[np.ndarray, np.ndarray, float]:
        if self.drawn % 5000 == 0:
            files = sorted(self.folder.glob("*.npz"))[HELD_OUT:]
            known = {pack["file"] for pack in self.packs}
            self.packs += [{"file": path, **np.load(path)} for path in files if path not in known]
        self.drawn += 1
        pack = self.packs[self.rng.integers(len(self.packs))]
        k = self.rng.integers(len(pack["focal"]))
        return pack["rgb"][k], pack["depth"][k], float(pack["focal"][k])


def cut(rng: np.random.Generator, still: tuple[np.ndarray, np.ndarray, float], size: tuple[int, int]) -> dict[str, np.ndarray]:
    """The middle of a picture at the aspect of `size`, closer or wider, mirrored now and then, in another light."""
    image, depth, focal = still
    (height, width), (tall, wide) = size, depth.shape
    cut_width = min(wide, tall * width / height) * rng.uniform(0.75, 1.0)
    top, left = round((tall - cut_width * height / width) / 2), round((wide - cut_width) / 2)
    view = (slice(top, tall - top), slice(left, wide - left))
    image, depth = image[view], depth[view].astype(np.float32)
    if rng.random() < 0.5:
        image, depth = image[:, ::-1], depth[:, ::-1]
    focal *= wide / (wide - 2 * left)
    image = cv2.resize(np.ascontiguousarray(image), (width, height), interpolation=cv2.INTER_AREA if width < cut_width else cv2.INTER_LINEAR)
    image = photometric(rng, [image.astype(np.float32) / 255])[0]
    return {"image": image, "depth": cv2.resize(np.ascontiguousarray(depth), (width, height), interpolation=cv2.INTER_NEAREST)[4::8, 4::8], "focal": np.float32(focal)}


def make_batch(folder: Stills, rng: np.random.Generator, config: PriorConfig) -> dict[str, np.ndarray]:
    size = SIZES[rng.integers(len(SIZES))]
    cuts: list[dict[str, np.ndarray]] = []
    while len(cuts) < config.batch:
        one = cut(rng, folder.sample(), size)
        if usual_lens(rng, one["focal"]):
            cuts.append(one)
    return {key: np.stack([one[key] for one in cuts]) for key in cuts[0]}


def steps(gap: Tensor, inside: Tensor) -> Tensor:
    """Mean difference of neighbours 1, 2 and 4 cells apart: the shape of things, whatever their place."""
    total = gap.new_zeros(())
    for far in (1, 2, 4):
        for a, b, m, n in ((gap[:, far:], gap[:, :-far], inside[:, far:], inside[:, :-far]), (gap[:, :, far:], gap[:, :, :-far], inside[:, :, far:], inside[:, :, :-far])):
            both = (m & n).float()
            total = total + ((a - b).abs() * both).sum() / both.sum().clamp(min=1)
    return total / 6


def loss(net: nn.Module, batch: dict[str, np.ndarray]) -> tuple[Tensor, dict[str, float]]:
    """Log depth up to its scale, where it is sure (DUSt3R, equation 4), its slopes, sky far away, and the focal length."""
    device = next(net.parameters()).device
    image, depth, focal = (torch.from_numpy(batch[key]).to(device) for key in ("image", "depth", "focal"))
    _, guess, sure, log_focal = net(image.permute(0, 3, 1, 2).float() / 255)
    inside = (depth > 0) & (depth < 200)
    gap = guess[:, 0] - torch.log(depth.clamp(min=1e-2))
    middle = torch.stack([g[m].median() if m.any() else g.mean() for g, m in zip(gap, inside)])[:, None, None]
    gap = gap - middle
    count = inside.float().sum().clamp(min=1)
    plain = (gap.abs() * inside).sum() / count
    trust = 1 + torch.exp(sure[:, 0].clamp(-6, 4))
    weighed = ((trust * gap.abs() - 0.3 * torch.log(trust)) * inside).sum() / count
    empty = depth == 0
    far = torch.stack([torch.quantile(g[m].detach(), 0.9) if m.any() else g.max().detach() for g, m in zip(guess[:, 0], inside)])[:, None, None]
    sky = (empty * (0.1 * (trust - 1) + 0.2 * torch.relu(far + 0.5 - guess[:, 0]))).mean()
    focal_gap = (log_focal[:, 0] - torch.log(focal)).abs().mean()
    shape = steps(gap, inside)
    return weighed + shape + sky + 0.3 * focal_gap, {"depth": plain.item(), "steps": shape.item(), "focal": focal_gap.item()}


def main() -> None:
    config = PriorConfig.from_command_line()
    rng = np.random.default_rng(5)
    fixed = []
    for path in sorted(Path(config.shards).glob("*.npz"))[:HELD_OUT]:
        with np.load(path) as pack:
            cuts = [cut(rng, (pack["rgb"][k], pack["depth"][k], float(pack["focal"][k])), SIZES[0]) for k in range(len(pack["focal"]))]
        fixed.append({key: np.stack([one[key] for one in cuts]) for key in cuts[0]})

    def validate(net: nn.Module) -> float:
        return float(np.mean([loss(net, batch)[1]["depth"] for batch in fixed]))

    Run("prior", DepthPrior(), config, stream(make_batch, config, seed=config.seed, source=Stills), loss, validate).train()


if __name__ == "__main__":
    main()
