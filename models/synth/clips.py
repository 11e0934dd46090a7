"""Clips with exact truth: frames, depth, cameras, masks, flow pairs and long tracks in one dictionary of arrays."""

import numpy as np
import torch

from .augment import photometric
from .render import Cameras, Light, Solids, TextureBank, follow, seen, shade, trace


def rigid_step(solids: Solids, owner: torch.Tensor, q: torch.Tensor, i: int, j: int) -> torch.Tensor:
    """How far surface points move in the world between two frames, [M]."""
    safe = owner.clamp(min=0)
    first, second = ((solids.affine[t][safe] @ q[..., None])[..., 0] + solids.centre[t][safe] for t in (i, j))
    return torch.where(owner >= 0, (first - second).norm(dim=1), torch.zeros_like(first[:, 0]))


def sample_queries(rng: np.random.Generator, surfaces: list, moving: torch.Tensor, count: int) -> list[tuple[int, int]]:
    """(frame, flat pixel) pairs; up to half on moving things; no sky."""
    chosen = []
    for index in range(count):
        frame = int(rng.integers(len(surfaces)))
        owner = surfaces[frame].owner
        moves = (owner >= 0) & moving[owner.clamp(min=0)]
        pool = (moves if index % 2 and moves.sum() > 20 else owner >= 0).nonzero().squeeze(1)
        if len(pool):
            chosen.append((frame, int(pool[rng.integers(len(pool))])))
    return chosen


def render_clip(rng: np.random.Generator, solids: Solids, cameras: Cameras, light: Light, bank: TextureBank, skip_shadow: set[int], *, subdivision: int = 2, tracks: int = 96, pairs: list[tuple[int, int]] | None = None, augment: bool = True) -> dict[str, np.ndarray]:
    """All truth of a clip of T frames; see the keys below for shapes. Flow pairs default to neighbours and some wider ones."""
    frames, height, width = len(cameras.focal), cameras.height, cameras.width
    uv = cameras.pixels()
    surfaces = [trace(solids, cameras, t, uv) for t in range(frames)]
    images = [shade(solids, bank, light, cameras, t, subdivision=subdivision, skip_shadow=skip_shadow).cpu().numpy() for t in range(frames)]
    rgb = photometric(rng, images) if augment else [(image * 255 + 0.5).astype(np.uint8) for image in images]
    plane = lambda tensor: tensor.reshape(height, width).cpu().numpy()
    ever = [(s.owner >= 0) & solids.moving[s.owner.clamp(min=0)] for s in surfaces]
    steps = [rigid_step(solids, s.owner, s.q, t, min(t + 1, frames - 1) if t + 1 < frames else t - 1) for t, s in enumerate(surfaces)]
    cam_to_world = np.tile(np.eye(4, dtype=np.float32), (frames, 1, 1))
    cam_to_world[:, :3, :3], cam_to_world[:, :3, 3] = cameras.rotation.cpu(), cameras.centre.cpu()
    clip = {
        "rgb": np.stack(rgb),  # u8 [T,H,W,3]
        "depth": np.stack([plane(s.depth) for s in surfaces]),  # f32 [T,H,W], 0 = sky
        "mask": np.stack([plane(m) for m in ever]),  # bool [T,H,W] belongs to a moving thing
        "mask_now": np.stack([plane(step > 1e-4) for step in steps]),  # bool [T,H,W] moves to the next frame
        "focal": cameras.focal.cpu().numpy(),  # f32 [T] px
        "cam_to_world": cam_to_world,  # f32 [T,4,4]
    }
    if pairs is None:
        pairs = []
        for i in range(frames):
            # From each frame to the next without a gap, so that things that move can be followed through the clip.
            for j in (i + 1, i + int(rng.integers(2, 5)) * int(rng.choice([-1, 1]))):
                if 0 <= j < frames:
                    pairs.append((i, j))
    flow, visible = [], []
    for i, j in pairs:
        target, depth, world = follow(solids, cameras, surfaces[i], i, j, uv)
        flow.append(((target - uv) * (depth > 1e-3)[:, None]).clamp(-500, 500).reshape(height, width, 2).cpu().numpy())
        visible.append(plane(seen(solids, cameras, j, surfaces[i].owner, world, target, depth)))
    clip["flow_pairs"] = np.array(pairs, np.int32).reshape(-1, 2)
    clip["flow"], clip["flow_visible"] = np.array(flow, np.float16).reshape(-1, height, width, 2), np.array(visible, bool).reshape(-1, height, width)
    chosen = sample_queries(rng, surfaces, solids.moving, tracks)
    owner = torch.stack([surfaces[t].owner[p] for t, p in chosen])
    q = torch.stack([surfaces[t].q[p] for t, p in chosen])
    places, worlds, shown = [], [], []
    for t in range(frames):
        world = (solids.affine[t][owner] @ q[..., None])[..., 0] + solids.centre[t][owner]
        at, depth = cameras.project(t, world)
        places.append(at), worlds.append(world), shown.append(seen(solids, cameras, t, owner, world, at, depth))
    clip["tracks_uv"] = torch.stack(places, 1).clamp(-1e4, 1e4).cpu().numpy()  # f32 [N,T,2]
    clip["tracks_xyz"] = torch.stack(worlds, 1).cpu().numpy()  # f32 [N,T,3] world
    clip["tracks_visible"] = torch.stack(shown, 1).cpu().numpy()  # bool [N,T]
    # A point moves if its own surface does: one that lies on a turning axis does not.
    clip["tracks_moving"] = ((torch.stack(worlds, 1) - worlds[0][:, None]).norm(dim=2).amax(1) > 1e-3).cpu().numpy()  # bool [N]
    clip["queries"] = np.array([t for t, _ in chosen], np.int32)  # frame where the point was picked
    return clip
