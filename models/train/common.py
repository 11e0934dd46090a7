"""What every training run shares: budget in minutes, learning rate, checkpoints, log, keep the best by validation."""

import argparse
import csv
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path

import torch
from torch import Tensor, nn


@dataclass(kw_only=True)
class TrainConfig:
    minutes: float = 60.0
    device: str = "cpu"
    resume: bool = False
    fresh_rate: bool = True
    """Restart the learning-rate cycle on resume; the budget counts from this start."""
    out: str = "/tmp/foursight-train"
    shards: str | None = None
    textures: str | None = None
    rate: float = 4e-4
    batch: int = 4
    seed: int = 1
    threads: int = 2
    save_minutes: float = 3.0
    average: float = 0.997
    """Validated and shipped are running means of the weights: steadier than the last step on small batches."""

    @classmethod
    def from_command_line(cls):
        parser = argparse.ArgumentParser()
        for item in fields(cls):
            name = "--" + item.name.replace("_", "-")
            if isinstance(item.default, bool):
                parser.add_argument(name, action=argparse.BooleanOptionalAction, default=item.default)
            else:
                parser.add_argument(name, type=str if item.default is None else type(item.default), default=item.default)
        return cls(**vars(parser.parse_args()))


@dataclass
class Run:
    """One training run of a network; `batches` yields what `loss` takes, `validate` gives one figure, smaller is better."""

    name: str
    net: nn.Module
    config: TrainConfig
    batches: Iterator
    loss: Callable[[nn.Module, object], tuple[Tensor, dict[str, float]]]
    validate: Callable[[nn.Module], float]
    step: int = 0
    best: float = math.inf
    best_state: dict = field(default_factory=dict)
    mean: dict = field(default_factory=dict)
    """Running mean of the weights."""
    taken: int = 0

    @property
    def path(self) -> Path:
        return Path(self.config.out) / f"{self.name}.pt"

    def train(self) -> None:
        config = self.config
        torch.manual_seed(config.seed)
        torch.set_num_threads(config.threads)
        Path(config.out).mkdir(parents=True, exist_ok=True)
        self.net.to(config.device)
        optimiser = torch.optim.AdamW(self._groups(), lr=config.rate, weight_decay=1e-5)
        if config.resume and self.path.exists():
            self._restore(optimiser)
        self.mean = {key: tensor.to(config.device, copy=True) for key, tensor in (self.mean or self.net.state_dict()).items()}
        start = saved = time.time()
        budget = config.minutes * 60
        with open(Path(config.out) / f"{self.name}.csv", "a", newline="") as handle:
            log = csv.writer(handle)
            sums: dict[str, float] = {}
            while (elapsed := time.time() - start) < budget:
                for group in optimiser.param_groups:
                    group["lr"] = group["speed"] * config.rate * self._shape(elapsed / budget)
                loss, parts = self.loss(self.net, next(self.batches))
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                norm = nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
                if torch.isfinite(norm):
                    optimiser.step()
                    self._average()
                self.step += 1
                for key, value in parts.items():
                    sums[key] = sums.get(key, 0) + value
                if self.step % 50 == 0:
                    log.writerow([self.step, round(elapsed), *(f"{key}={value / 50:.4f}" for key, value in sums.items())])
                    handle.flush()
                    sums = {}
                if time.time() - saved > config.save_minutes * 60:
                    self._save(optimiser, log)
                    handle.flush()
                    saved = time.time()
            self._save(optimiser, log)

    def _groups(self) -> list[dict]:
        """Scalars are temperatures and weights of the fixed parts: they learn ten times faster."""
        learned = [parameter for parameter in self.net.parameters() if parameter.requires_grad]
        return [{"params": [p for p in learned if p.ndim], "speed": 1.0}, {"params": [p for p in learned if not p.ndim], "speed": 10.0}]

    @staticmethod
    def _shape(progress: float) -> float:
        """Short warm-up, then a cosine down to 2 %."""
        return min(1.0, 0.1 + progress / 0.03) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))

    @torch.no_grad()
    def _average(self) -> None:
        self.taken += 1
        share = 1 - min(self.config.average, self.taken / (self.taken + 10))
        for key, tensor in self.net.state_dict().items():
            self.mean[key].lerp_(tensor, share)

    def _save(self, optimiser: torch.optim.Optimizer, log) -> None:
        state = {key: tensor.detach().cpu().clone() for key, tensor in self.net.state_dict().items()}
        mean = {key: tensor.detach().cpu().clone() for key, tensor in self.mean.items()}
        self.net.eval()
        self.net.load_state_dict(mean)
        with torch.no_grad():
            value = self.validate(self.net)
        self.net.load_state_dict(state)
        self.net.train()
        log.writerow([self.step, "validation", f"{value:.4f}"])
        if value < self.best:
            self.best, self.best_state = value, mean
        package = {"net": state, "mean": mean, "best": self.best_state, "best_value": self.best, "optimiser": optimiser.state_dict(), "step": self.step, "seed": self.config.seed}
        torch.save(package, self.path.with_suffix(".part"))
        self.path.with_suffix(".part").replace(self.path)

    def _restore(self, optimiser: torch.optim.Optimizer) -> None:
        package = torch.load(self.path, map_location="cpu", weights_only=True)
        self.net.load_state_dict(package["net"])
        if "optimiser" in package:
            optimiser.load_state_dict(package["optimiser"])
        self.mean = package.get("mean", package["net"])
        self.step, self.best, self.best_state = package["step"], package["best_value"], package["best"]
