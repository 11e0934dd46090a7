"""The generator's truth must agree with itself: flow with pictures, depth with poses, tracks with flow."""

import numpy as np
import pytest
import torch

from models.synth.clips import render_clip
from models.synth.layers2d import LayerConfig, LayerPairs
from models.synth.render import BOX, CYLINDER, SPHERE, Cameras, Light, TextureBank, cast
from models.synth.scene import Builder, SceneConfig, look_at, sample_scene, turn
from models.synth.textures import texture
from models.synth.trial import write_clip


@pytest.fixture(scope="module")
def clip() -> dict:
    rng = np.random.default_rng(0)
    bank = TextureBank(torch.from_numpy(np.stack([texture(rng, [], size=128) for _ in range(6)])))
    builder = Builder(3, 6, rng)
    builder.add(BOX, [50, 1, 50], [0, 2, 0], texture=0, scale=0.3)
    builder.add(BOX, [50, 50, 1], [0, 0, 9], texture=1, scale=0.3)
    builder.add(SPHERE, [0.8, 0.8, 0.8], [1.2, 0.4, 5], texture=2)
    moves = (turn("y", np.linspace(0, 0.5, 3)), np.stack([np.linspace(-1.5, -0.5, 3), np.full(3, 0.3), np.full(3, 4.0)], 1))
    builder.add(BOX, [0.6, 0.6, 0.6], [0, 0, 0], texture=3, pose=moves)
    eye = np.stack([np.linspace(0, 0.5, 3), np.zeros(3), np.zeros(3)], 1)
    as_float = lambda array: torch.from_numpy(array.astype(np.float32))
    cameras = Cameras(width=96, height=64, focal=torch.full((3,), 80.0), rotation=as_float(look_at(eye, np.array([[0.1, 0.3, 5.0]] * 3))), centre=as_float(eye))
    light = Light(sun=torch.tensor([0.0, -1.0, -0.2]), position=None, ambient=0.9, sky=torch.ones(2, 3), clouds=-1)
    return render_clip(rng, builder.solids(), cameras, light, bank, set(), tracks=40, pairs=[(0, 2), (2, 0), (0, 1), (1, 2)], augment=False)


def sample_nearest(plane: np.ndarray, uv: np.ndarray) -> np.ndarray:
    return plane[np.clip(uv[..., 1].astype(int), 0, plane.shape[0] - 1), np.clip(uv[..., 0].astype(int), 0, plane.shape[1] - 1)]


def grid(height: int, width: int) -> np.ndarray:
    return np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), -1)


def test_flow_warps_one_picture_onto_the_other(clip):
    for (i, j), flow, visible in zip(clip["flow_pairs"], clip["flow"].astype(np.float32), clip["flow_visible"]):
        target = grid(64, 96) + flow
        warped, still = sample_nearest(clip["rgb"][j], target).astype(float), clip["rgb"][j].astype(float)
        error = lambda image: np.abs(image - clip["rgb"][i])[visible].mean()
        assert error(warped) < 0.6 * error(still)


def test_depth_agrees_through_the_poses(clip):
    world = grid(64, 96)
    z = clip["depth"][0]
    local = np.stack([(world[..., 0] - 48) / 80 * z, (world[..., 1] - 32) / 80 * z, z], -1)
    for j in (1, 2):
        pose = np.linalg.inv(clip["cam_to_world"][j]) @ clip["cam_to_world"][0]
        moved = local @ pose[:3, :3].T + pose[:3, 3]
        uv = moved[..., :2] / moved[..., 2:] * 80 + [48, 32]
        inside = (z > 0) & (uv > 1).all(2) & (uv < [95, 63]).all(2) & ~clip["mask"][0]
        relative = np.abs(sample_nearest(clip["depth"][j], uv) / moved[..., 2] - 1)[inside]
        assert np.median(relative) < 0.01 and (relative < 0.03).mean() > 0.85


def test_static_flow_is_the_cameras(clip):
    z = clip["depth"][0]
    at = grid(64, 96)
    local = np.stack([(at[..., 0] - 48) / 80 * z, (at[..., 1] - 32) / 80 * z, z], -1)
    pose = np.linalg.inv(clip["cam_to_world"][2]) @ clip["cam_to_world"][0]
    moved = local @ pose[:3, :3].T + pose[:3, 3]
    ego = moved[..., :2] / moved[..., 2:] * 80 + [48, 32] - at
    gap = np.linalg.norm(ego - clip["flow"][0].astype(float), axis=2)
    assert gap[~clip["mask"][0]].max() < 0.02
    assert np.median(gap[clip["mask"][0]]) > 1


def test_tracks_and_masks(clip):
    start, uv = clip["queries"], clip["tracks_uv"]
    own = uv[np.arange(len(uv)), start]
    assert clip["tracks_visible"][np.arange(len(uv)), start].all()
    masks = np.array([sample_nearest(clip["mask"][t], p[None])[0] for t, p in zip(start, own)])
    assert (masks == clip["tracks_moving"]).all()
    assert np.abs(clip["tracks_xyz"][~clip["tracks_moving"]] - clip["tracks_xyz"][~clip["tracks_moving"]][:, :1]).max() < 1e-4


def test_trial_clips_are_what_was_rendered(clip, tmp_path):
    write_clip(clip, tmp_path)
    for line, pose in zip((tmp_path / "poses.txt").read_text().splitlines(), clip["cam_to_world"], strict=True):
        _, tx, ty, tz, x, y, z, w = map(float, line.split())
        rotation = [[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)], [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)], [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]]
        assert np.allclose(rotation, pose[:3, :3], atol=1e-5) and np.allclose([tx, ty, tz], pose[:3, 3], atol=1e-5)
    assert np.allclose(np.load(tmp_path / "depth.npz")["depth"], clip["depth"], rtol=1e-3)
    assert (np.load(tmp_path / "flow_fw.npz")["flow"] == clip["flow"][2:]).all()


def test_solids_are_hit_where_they_are():
    for kind, wanted in ((BOX, 4.0), (SPHERE, 4.0), (CYLINDER, 4.0)):
        builder = Builder(1, 1, np.random.default_rng(0))
        builder.add(kind, [1, 1, 1], [0, 0, 5], texture=0)
        distance, owner = cast(builder.solids(), 0, torch.zeros(2, 3), torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]))
        assert distance[0] == pytest.approx(wanted, abs=1e-4) and owner.tolist() == [0, -1]


def test_random_scenes_are_finite():
    rng = np.random.default_rng(3)
    for _ in range(6):
        solids, cameras, _, _ = sample_scene(rng, SceneConfig(frames=3, width=32, height=32, textures=4))
        assert solids.affine.isfinite().all() and cameras.rotation.isfinite().all()
        assert torch.allclose(cameras.rotation @ cameras.rotation.transpose(1, 2), torch.eye(3), atol=1e-5)
        assert torch.allclose(torch.linalg.det(cameras.rotation), torch.ones(3), atol=1e-5)


def test_layer_pairs_warp():
    source = LayerPairs(LayerConfig(height=64, width=96, max_shift=10, bank=8), 0)
    moved, still = [], []
    for _ in range(12):
        first, second, flow, visible = source.sample()
        target = grid(64, 96) + flow
        moved.append(np.abs(sample_nearest(second, target).astype(float) - first)[visible].mean())
        still.append(np.abs(second.astype(float) - first)[visible].mean())
    assert np.mean(moved) < 0.6 * np.mean(still)
