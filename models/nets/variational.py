"""Sub-pixel refinement: a few unrolled steps of the classical variational flow equations with learned weights."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .layers import box, inside, warp


def high_pass(image: Tensor) -> Tensor:
    """Remove slow light changes and even out contrast, [B,3,H,W] -> [B,3,H,W]."""
    mean = box(image, 9)
    grey = image.mean(1, keepdim=True)
    centre = box(grey, 9)
    spread = torch.sqrt(torch.clamp(box(grey * grey, 9) - centre * centre, min=0) + 1e-3)
    return (image - mean) / spread


def gradient(image: Tensor) -> tuple[Tensor, Tensor]:
    """Central differences in x and y, [B,C,H,W] each."""
    padded = F.pad(image, (1, 1, 1, 1), mode="replicate")
    return (padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2]) / 2, (padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]) / 2


def neighbours(field: Tensor, step: int) -> list[Tensor]:
    """Left, right, upper and lower neighbour at distance `step`, border repeated."""
    padded = F.pad(field, (step,) * 4, mode="replicate")
    return [padded[:, :, step:-step, : -2 * step], padded[:, :, step:-step, 2 * step :], padded[:, :, : -2 * step, step:-step], padded[:, :, 2 * step :, step:-step]]


class VariationalStep(nn.Module):
    """One linearisation of brightness constancy around the flow, then Jacobi sweeps with edge-aware smoothness.

    All weights are positive scalars (log-parametrised): they start at classical values and are trained with the rest.
    """

    def __init__(self, *, steps: tuple[int, ...], window: int = 5, smoothness: float):
        super().__init__()
        self.steps, self.window = steps, window
        self.log_smoothness = nn.Parameter(torch.tensor(float(smoothness)).log())
        self.log_edge = nn.Parameter(torch.tensor(8.0).log())
        self.log_jump = nn.Parameter(torch.tensor(0.5).log())
        self.log_residual = nn.Parameter(torch.tensor(0.15).log())
        self.register_buffer("swapped", torch.tensor([1, 0]), persistent=False)

    def forward(self, first: Tensor, second: Tensor, guide: Tensor, flow: Tensor, trust: Tensor) -> tuple[Tensor, Tensor]:
        """first, second high-passed [B,3,H,W]; guide image1; trust [B,1,H,W] scales the data term. Gives flow and residual."""
        moved = warp(second, flow)
        gx1, gy1 = gradient(first)
        gx2, gy2 = gradient(moved)
        gx, gy, rest = (gx1 + gx2) / 2, (gy1 + gy2) / 2, moved - first
        # Large residuals are occlusions or mismatches: their say fades like a Lorentzian's.
        scale = self.log_residual.exp()
        error = (rest * rest).mean(1, keepdim=True)
        power = (gx * gx + gy * gy).mean(1, keepdim=True)
        weight = trust * inside(flow, guide) / ((1 + box(error, 3) / (scale * scale + power)) * (power + 0.02))
        products = torch.cat([(gx * gx).mean(1, keepdim=True), (gx * gy).mean(1, keepdim=True), (gy * gy).mean(1, keepdim=True), (gx * rest).mean(1, keepdim=True), (gy * rest).mean(1, keepdim=True)], 1)
        a, b, c, p, q = box(products * weight, self.window).split(1, 1)
        start, u0, v0 = flow, flow[:, :1], flow[:, 1:]
        # Data term pulls to flow + Gauss-Newton step: (A + s) f = A f0 - r + s * mean of neighbours.
        right = torch.cat([a * u0 + b * v0 - p, b * u0 + c * v0 - q], 1)
        # Smoothness weights and inverse matrix of a distance are kept when it comes again (lagged nonlinearity).
        systems: dict[int, tuple] = {}
        for step in self.steps:
            near_flows = neighbours(flow, step)
            if step not in systems:
                shares = self._shares(guide, flow, near_flows, step)
                total = shares.sum(0)
                aa, cc = a + total, c + total
                scale = 1 / (aa * cc - b * b + 1e-6)
                systems[step] = shares.unbind(0), torch.cat([cc, aa], 1) * scale, b * scale
            shares, straight, across = systems[step]
            pull = right + shares[0] * near_flows[0] + shares[1] * near_flows[1] + shares[2] * near_flows[2] + shares[3] * near_flows[3]
            flow = straight * pull - across * pull.index_select(1, self.swapped)
        # A linearisation only holds nearby.
        flow = start + torch.clamp(flow - start, -1.5, 1.5)
        return flow, error

    def _shares(self, guide: Tensor, flow: Tensor, near_flows: list[Tensor], step: int) -> Tensor:
        """Smoothness towards each neighbour [4,B,1,H,W]: less across colour edges and where the flow jumps."""
        contrast = (torch.stack(neighbours(guide, step)) - guide).abs().sum(2, keepdim=True)
        jump = ((torch.stack(near_flows) - flow) ** 2).sum(2, keepdim=True)
        edges = torch.exp(self.log_smoothness - self.log_edge.exp() * contrast)
        return edges * torch.rsqrt(1 + jump * torch.exp(-2 * self.log_jump)) + 1e-4
