"""Shapes, exactness of the building blocks, and that the untrained networks already match."""

import torch
import torch.nn.functional as F

from models.nets.algebra import small_rotation, solve
from models.nets.flow import FlowNet
from models.nets.layers import bilinear_upsampling_logits, box, convex_upsample, local_correlation, resize, warp, window_offsets
from models.nets.pointmap import PointmapNet
from models.nets.track import TrackNet


def picture(height: int, width: int, shift: float = 0.0) -> torch.Tensor:
    torch.manual_seed(1)
    wide = F.interpolate(torch.rand(1, 3, height // 4, width // 4 + 8), scale_factor=4, mode="bicubic").clamp(0, 1)
    return warp(wide, torch.cat([torch.full_like(wide[:, :1], -shift), torch.zeros_like(wide[:, :1])], 1))[..., 16 : 16 + width]


def test_box_is_a_mean():
    image = torch.rand(2, 3, 20, 24)
    for size in (3, 5, 9):
        padded = F.pad(image, (size // 2,) * 4, mode="replicate")
        assert torch.allclose(box(image, size), F.avg_pool2d(padded, size, 1), atol=1e-5)


def test_local_correlation_finds_the_shift():
    first = torch.randn(1, 16, 12, 20)
    second = torch.roll(first, (1, 2), (2, 3))
    cost = local_correlation(first, second, 3)[0, :, 5, 9]
    offset = window_offsets(3)[:, cost.argmax(), 0, 0]
    assert offset.tolist() == [2.0, 1.0]


def test_convex_upsampling_starts_bilinear():
    field = torch.randn(1, 2, 6, 8)
    logits = bilinear_upsampling_logits(4).view(1, -1, 1, 1).expand(1, -1, 6, 8)
    assert (convex_upsample(field, logits, 4) - resize(field, 4))[..., 4:-4, 4:-4].abs().max() < 0.1


def test_solve_and_rotation():
    basis = torch.randn(3, 8, 6)
    matrix = basis.transpose(1, 2) @ basis + 0.1 * torch.eye(6)
    right = torch.randn(3, 6, 1)
    assert torch.allclose(matrix @ solve(matrix, right), right, atol=1e-3)
    rotation = small_rotation(torch.tensor([[0.1, -0.2, 0.05]]))
    assert torch.allclose(rotation @ rotation.transpose(1, 2), torch.eye(3), atol=1e-6)


def test_untrained_flow_matches():
    torch.manual_seed(0)
    net = FlowNet().eval()
    with torch.no_grad():
        flow, sigma = net(picture(96, 128), picture(96, 128, 6.0))
    assert flow.shape == (1, 2, 96, 128) and sigma.shape == (1, 1, 96, 128) and (sigma > 0).all()
    middle = flow[0, :, 24:-24, 24:-24]
    assert (middle[0] - 6).abs().median() < 0.5 and middle[1].abs().median() < 0.5


def test_untrained_tracks_follow():
    torch.manual_seed(0)
    net = TrackNet().eval()
    frames = torch.cat([picture(96, 128, float(t)) for t in range(8)])
    queries = torch.tensor([[0.0, 40.0, 40.0], [4.0, 60.5, 50.5], [7.0, 70.0, 30.0]])
    with torch.no_grad():
        uv, visible, confidence, mobility = net(frames, queries)
    assert uv.shape == (3, 8, 2) and visible.shape == confidence.shape == (3, 8) and mobility.shape == (3,)
    wanted = queries[:, None, 1:] + torch.stack([torch.arange(8.0)[None] - queries[:, :1], torch.zeros(3, 8)], 2)
    assert (uv - wanted).norm(dim=2).median() < 0.5
    assert all(((p >= 0) & (p <= 1)).all() for p in (visible, confidence, mobility))


def test_pointmaps_are_sane():
    torch.manual_seed(0)
    net = PointmapNet().eval()
    with torch.no_grad():
        points1, points2, sure1, sure2 = net(picture(64, 96), picture(64, 96, 2.0))
    assert points1.shape == points2.shape == (1, 3, 64, 96)
    assert (points1[:, 2] > 0).all() and points2.isfinite().all() and (sure1 > 1).all() and (sure2 > 1).all()
    # x / z and y / z belong to one pinhole with its centre in the middle.
    slope = (points1[:, 0] / points1[:, 2])[0]
    assert torch.allclose(slope[:, :1] + slope[:, -1:], torch.zeros(64, 1), atol=1e-4)
