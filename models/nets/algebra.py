"""Small dense algebra inside networks, of plain operators only."""

import torch
from torch import Tensor


def solve(matrix: Tensor, right: Tensor) -> Tensor:
    """X of A X = R for damped symmetric positive A [...,n,n], R [...,n,k]: Gauss-Jordan without pivoting, unrolled."""
    size = matrix.shape[-1]
    # Rows and columns scaled to a unit diagonal keep the elimination safe in single precision.
    keep = torch.eye(size, dtype=matrix.dtype, device=matrix.device)
    scale = torch.rsqrt((matrix * keep).sum(-1, keepdim=True) + 1e-12)
    whole = torch.cat([matrix * scale * scale.transpose(-1, -2), right * scale], -1)
    for k in range(size):
        row = whole[..., k : k + 1, :] / (whole[..., k : k + 1, k : k + 1] + 1e-9)
        # Every row loses its share of the pivot row; the pivot row itself becomes `row`.
        whole = whole - (whole[..., k : k + 1] - keep[:, k : k + 1]) * row
    return whole[..., size:] * scale


def small_rotation(omega: Tensor) -> Tensor:
    """Rotation matrix [B,3,3] of a small rotation vector [B,3]; exactly orthogonal and free of sines (q = (w/2, 1) / length)."""
    half = omega / 2
    length = torch.rsqrt(1 + (half * half).sum(1, keepdim=True))
    x, y, z, w = *(half * length).split(1, 1), length
    rows = [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), 2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x), 2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]
    return torch.cat(rows, 1).reshape(-1, 3, 3)
