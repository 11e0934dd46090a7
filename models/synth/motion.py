"""Tracks without pictures: exact trajectories of random scenes, spoilt the way a tracker spoils them.

Judging what moves needs geometry, not colour: thousands of scenes cost minutes when no pixel is shaded.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .render import BOX, SPHERE, Cameras, Solids
from .scene import SceneConfig, sample_scene

FAR = 1e9


@dataclass(frozen=True, kw_only=True)
class MotionScene:
    uv: np.ndarray
    """f32 [N,T,2] px"""
    visible: np.ndarray
    """bool [N,T]"""
    moved: np.ndarray
    """f32 [N]: how far the point itself moves over the window, px at its distance"""
    start: np.ndarray
    """i64 [N] frame in which the point was picked"""
    size: tuple[int, int]


def nearest(solids: Solids, inverse: Tensor, origin: Tensor, ray: Tensor) -> tuple[Tensor, Tensor]:
    """Nearest hit of rays [T,M,3] from origin [T,1,3] among all solids at once: distance [T,M] and owner (-1 = none)."""
    start = (inverse @ (origin - solids.centre)[..., None])[..., 0].unsqueeze(1)
    along = torch.einsum("tpij,tmj->tmpi", inverse, ray)
    one = 1 / torch.where(along.abs() < 1e-9, torch.full_like(along, 1e-9), along)
    low, high = torch.minimum((-1 - start) * one, (1 - start) * one), torch.maximum((-1 - start) * one, (1 - start) * one)
    box_low, box_high = low.amax(3), high.amin(3)

    def ball(axes: int) -> tuple[Tensor, Tensor]:
        o, d = start[..., :axes], along[..., :axes]
        a, b, c = (d * d).sum(3) + 1e-12, (o * d).sum(3), (o * o).sum(3) - 1
        root = b * b - a * c
        half = torch.sqrt(root.clamp(min=0))
        return torch.where(root < 0, torch.full_like(a, FAR), (-b - half) / a), (-b + half) / a

    sphere_low, sphere_high = ball(3)
    round_low, round_high = ball(2)
    kind = solids.kind
    enter = torch.where(kind == BOX, box_low, torch.where(kind == SPHERE, sphere_low, torch.maximum(round_low, low[..., 2])))
    leave = torch.where(kind == BOX, box_high, torch.where(kind == SPHERE, sphere_high, torch.minimum(round_high, high[..., 2])))
    hit = torch.where(enter > 1e-4, enter, leave)
    hit = torch.where((enter <= leave) & (hit > 1e-4), hit, torch.full_like(hit, FAR))
    distance, owner = hit.min(2)
    return distance, torch.where(distance < FAR / 2, owner, torch.full_like(owner, -1))


def motion_scene(rng: np.random.Generator, *, points: int = 320) -> MotionScene | None:
    """Points of a random scene over eight frames, many on moving things; None where the camera is stuck in something."""
    width = int(rng.integers(256, 513))
    config = SceneConfig(width=width, height=int(width * rng.uniform(0.5, 0.8)), textures=2)
    solids, cameras, _, _ = sample_scene(rng, config)
    inverse = torch.linalg.inv(solids.affine)
    frames = config.frames
    turned = lambda uv: torch.stack([cameras.rays(t, uv[t]) for t in range(frames)])
    # Candidates everywhere, in every frame: moving things are small, so many are looked at and few are kept.
    tries = torch.from_numpy(rng.uniform(0, 1, (frames, points, 2)).astype(np.float32)) * torch.tensor([config.width, config.height])
    origin = cameras.centre[:, None]
    ray = turned(tries)
    distance, owner = nearest(solids, inverse, origin, ray)
    if (distance.quantile(0.03) < 0.25) or ((owner >= 0).float().mean() < 0.3):
        return None
    frame, index = (owner >= 0).nonzero(as_tuple=True)
    who = owner[frame, index]
    world = cameras.centre[frame] + distance[frame, index][:, None] * ray[frame, index]
    local = (inverse[frame, who] @ (world - solids.centre[frame, who])[..., None])[..., 0]
    moves = solids.moving[who].numpy()
    share = rng.choice([0.0, 0.1, 0.25, 0.5])
    often = np.where(moves, max(share, 0.02) / max(moves.sum(), 1), (1 - share) / max((~moves).sum(), 1))
    if rng.random() < 0.3:
        often = np.ones(len(moves))
    if rng.random() < 0.4:
        # All picked in one frame, as when a window is started at its first or last frame.
        often = often * (frame.numpy() == rng.choice([0, frames - 1])) + 1e-12
    count = min(points, len(moves))
    keep = rng.choice(len(moves), count, replace=False, p=often / often.sum())
    who, local, start = who[keep], local[keep], frame[keep]
    path = (solids.affine[:, who] @ local[None, ..., None])[..., 0] + solids.centre[:, who]
    places, depths = zip(*(cameras.project(t, path[t]) for t in range(frames)))
    uv, depth = torch.stack(places), torch.stack(depths)
    met, _ = nearest(solids, inverse, origin, turned(uv))
    inside = (uv >= 0).all(2) & (uv[..., 0] <= config.width) & (uv[..., 1] <= config.height) & (depth > 1e-2)
    visible = inside & ((met - depth).abs() < 5e-3 * depth + 1e-3)
    gone = (path - path[start, torch.arange(count)]).norm(dim=2).amax(0)
    moved = gone * cameras.focal[0] / depth.gather(0, start[None])[0].clamp(min=0.05)
    return MotionScene(uv=uv.clamp(-1e4, 1e4).permute(1, 0, 2).numpy(), visible=visible.T.numpy(), moved=moved.numpy(), start=start.numpy(), size=(config.width, config.height))
