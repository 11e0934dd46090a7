"""Tracks without pictures are exact, and the fit behind the judge of motion explains parallax but not a mover."""

import numpy as np
import torch

from models.nets.mobility import MobilityNet, MotionFit
from models.synth.motion import motion_scene, nearest
from models.synth.render import cast
from models.synth.scene import SceneConfig, sample_scene
from models.train.mobility import MobilityConfig, make_batch, spoil, spoilt_window


def static_tracks(count: int = 150) -> torch.Tensor:
    """A camera that slides and turns past points at random depths, [1,N,8,2] px of 320x200."""
    rng = np.random.default_rng(2)
    points = np.stack([rng.uniform(-3, 3, count), rng.uniform(-2, 2, count), rng.uniform(4, 12, count)], 1)
    frames = []
    for t in range(8):
        angle = 0.01 * t
        turned = (points - [0.06 * t, 0, 0.02 * t]) @ np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
        frames.append(turned[:, :2] / turned[:, 2:] * 200 + [160, 100])
    return torch.from_numpy(np.stack(frames, 1)).float()[None]


def test_parallax_is_explained_and_a_mover_is_not():
    at = static_tracks()
    at[0, :15] += torch.arange(8.0)[None, :, None] * torch.tensor([0.2, 1.5])
    found = MotionFit()(at, torch.full(at.shape[:3], 0.95), torch.full((1, 1, 1), 160.0))
    size = lambda name: found[name].norm(dim=3).mean(2)[0]
    assert size("rest")[15:].median() < 0.5 and size("smooth")[15:].median() > 1.5 * size("rest")[15:].median()
    assert size("rest")[:15].median() > 3 * size("rest")[15:].median()


def test_judge_takes_any_number_of_tracks():
    net = MobilityNet().eval()
    with torch.no_grad():
        for count in (1, 3, 150):
            logit = net(static_tracks()[:, :count], torch.full((1, count, 8), 0.9), torch.full((1, 1, 1), 160.0))
            assert logit.shape == (1, count) and logit.isfinite().all()


def test_rays_meet_the_same_surfaces_as_the_renderer():
    solids, cameras, _, _ = sample_scene(np.random.default_rng(5), SceneConfig(textures=2))
    uv = torch.rand(200, 2) * torch.tensor([256.0, 160.0])
    rays = torch.stack([cameras.rays(t, uv) for t in range(8)])
    distance, owner = nearest(solids, torch.linalg.inv(solids.affine), cameras.centre[:, None], rays)
    for t in (0, 7):
        wanted, wanted_owner = cast(solids, t, cameras.centre[t].expand_as(rays[t]), rays[t])
        assert (owner[t] == wanted_owner).float().mean() > 0.99
        assert torch.allclose(distance[t][owner[t] >= 0], wanted[owner[t] >= 0], rtol=1e-3)


def test_scenes_and_spoilt_tracks():
    rng = np.random.default_rng(0)
    scenes = [scene for scene in (motion_scene(rng) for _ in range(12)) if scene]
    assert len(scenes) > 6 and any((scene.moved > 2).any() for scene in scenes)
    scene = scenes[0]
    own = np.arange(len(scene.start)), scene.start
    assert scene.visible[own].mean() > 0.99
    uv, trust = spoil(rng, scene.uv, scene.visible, scene.start, scene.size[0] / 2)
    assert np.abs(uv[own] - scene.uv[own]).max() < 1e-3 and ((trust >= 0) & (trust <= 1)).all() and (trust[own] > 0.9).all()
    error = np.linalg.norm(uv - scene.uv, axis=2)
    assert 0.05 < np.median(error[scene.visible]) < 3 and error.max() > 5
    batch = make_batch(rng, scenes, [spoilt_window(rng, scene)], MobilityConfig(batch=2))
    assert batch[0].shape[0] == 2 and batch[0].shape[:3] == batch[1].shape and batch[2].shape == batch[0].shape[:2]
