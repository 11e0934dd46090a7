"""Which tracks move in the world: a robust fit of the scene's motion (smooth field, then depth-dependent parallax), and attention between tracks.

Works on finished tracks alone, so it can learn from thousands of scenes that were never drawn.
"""

import torch
from torch import Tensor, nn

from .algebra import solve

MIDDLE = 4


def squash(value: Tensor) -> Tensor:
    """Keeps small values and the order of large ones: 1 -> 0.7, 10 -> 1.8 of at most 2."""
    return value * torch.rsqrt(1 + 0.25 * value * value)


class MotionFit(nn.Module):
    """Tracks [B,N,S,2] px with trust [B,N,S] in 0..1 -> what a static scene cannot explain.

    Each frame's displacement from the middle frame is a quadratic field plus rho times an affine field, where rho is one
    number per track: to first order what a camera sees of static points (plane and parallax). Alternating, robust.
    """

    def forward(self, at: Tensor, trust: Tensor, unit: Tensor) -> dict[str, Tensor]:
        """unit: half the picture's width, px. Displacements and residuals come back in px, [B,N,S,2]."""
        origin = at[:, :, MIDDLE]
        centre = origin.mean(1, keepdim=True)
        place = (origin - centre) / unit
        x, y = place[..., :1], place[..., 1:]
        quadratic = torch.cat([torch.ones_like(x), x, y, x * x, x * y, y * y], 2).clamp(-4, 4)
        affine = quadratic[:, :, :3]
        moved = at - origin.unsqueeze(2)
        known = trust * trust[:, :, MIDDLE : MIDDLE + 1]
        total = known.sum(2, keepdim=True) + 1e-2
        weight = known
        for scale in (16.0, 6.0, 3.0):
            plane = self._field(quadratic, self._solve(quadratic, moved, weight))
            rest = moved - plane
            weight = known / (1 + self._misfit(rest, known, total) / scale**2)
        smooth_rest = rest
        # The direction of parallax: the strongest pattern that the residuals of trusted tracks share.
        flat = (rest * torch.sqrt(known).unsqueeze(3)).flatten(2)
        mean_weight = weight.mean(2, keepdim=True)
        spread = (flat * mean_weight).transpose(1, 2) @ flat
        power = (spread * torch.eye(spread.shape[1], device=at.device)).sum(2, keepdim=True)
        pattern = torch.softmax(20 * power / (power.amax(1, keepdim=True) + 1e-6), 1)
        for _ in range(3):
            pattern = spread @ (pattern * torch.rsqrt((pattern * pattern).sum(1, keepdim=True) + 1e-12))
        pattern = pattern * torch.rsqrt((pattern * pattern).sum(1, keepdim=True) + 1e-12)
        rho = flat @ pattern
        for scale in (4.0, 2.0, 2.0):
            spread = torch.sqrt((rho * rho * mean_weight).sum(1, keepdim=True) / (mean_weight.sum(1, keepdim=True) + 1e-3) + 1e-4)
            rho = rho / spread
            basis = torch.cat([quadratic, rho, rho * x, rho * y], 2).clamp(-6, 6)
            solution = self._solve(basis, moved, weight)
            beyond = moved - self._field(quadratic, solution[:, :, :6])
            slope = self._field(affine, solution[:, :, 6:])
            pull = known.unsqueeze(3) * slope
            rho = ((pull * beyond).sum((2, 3)) / ((pull * slope).sum((2, 3)) + 0.3)).unsqueeze(2)
            rest = beyond - rho.unsqueeze(3) * slope
            weight = known / (1 + self._misfit(rest, known, total) / scale**2)
            mean_weight = weight.mean(2, keepdim=True)
        reach = torch.sqrt((slope * slope).sum(3).mean(2, keepdim=True) + 1e-4)
        return {"place": place, "moved": moved, "smooth": smooth_rest, "rest": rest, "rho": rho, "reach": reach, "weight": weight, "known": known}

    @staticmethod
    def _misfit(rest: Tensor, known: Tensor, total: Tensor) -> Tensor:
        """A track that fits badly in some frames loses its say in all."""
        return ((rest * rest).sum(3) * known).sum(2, keepdim=True) / total

    @staticmethod
    def _solve(basis: Tensor, moved: Tensor, weight: Tensor) -> Tensor:
        """Weighted least squares per frame, with a little damping: coefficients [B,S,K,2] of basis [B,N,K]."""
        count, size = basis.shape[1:]
        heavy = (basis.unsqueeze(1) * weight.permute(0, 2, 1).unsqueeze(3)).transpose(2, 3)
        damp = 2e-4 * torch.eye(size, device=basis.device)
        return solve(heavy @ basis.unsqueeze(1) / count + damp, heavy @ moved.permute(0, 2, 1, 3) / count)

    @staticmethod
    def _field(basis: Tensor, coefficients: Tensor) -> Tensor:
        return (basis.unsqueeze(1) @ coefficients).permute(0, 2, 1, 3)


class Between(nn.Module):
    """Attention between tracks; each head may prefer near tracks."""

    def __init__(self, width: int, *, heads: int = 4):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.feed = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))
        self.near = nn.Parameter(torch.linspace(0, 4, heads).exp() - 1)

    def forward(self, tokens: Tensor, apart: Tensor) -> Tensor:
        batch, count, width = tokens.shape
        parts = self.qkv(self.norm1(tokens)).reshape(batch, count, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        likeness = parts[0] @ parts[1].transpose(2, 3) * (width // self.heads) ** -0.5 - apart * self.near.reshape(1, -1, 1, 1)
        mixed = (torch.softmax(likeness, 3) @ parts[2]).permute(0, 2, 1, 3).reshape(batch, count, width)
        tokens = tokens + self.out(mixed)
        return tokens + self.feed(self.norm2(tokens))


class MobilityNet(nn.Module):
    """Tracks [B,N,8,2] px, trust [B,N,8] in 0..1, half the picture's width px -> logit [B,N] that a point moves."""

    def __init__(self, *, width: int = 64, depth: int = 3):
        super().__init__()
        self.fit = MotionFit()
        self.embed = nn.Linear(2 + 16 * 5 + 8 * 2 + 6, width)
        self.second = nn.Linear(width, width)
        self.mix = nn.ModuleList([Between(width) for _ in range(depth)])
        self.head = nn.Linear(width, 1)

    def features(self, at: Tensor, trust: Tensor, unit: Tensor) -> tuple[Tensor, Tensor]:
        found = self.fit(at, trust, unit)
        place, known, rho = found["place"], found["known"], found["rho"]
        share = found["weight"].mean(2, keepdim=True)
        common = lambda value: torch.log((value * share).sum(1, keepdim=True) / (share.sum(1, keepdim=True) + 1e-3) + 1e-2)
        energy = lambda field: ((field * field).sum(3) * known).sum(2, keepdim=True) / (known.sum(2, keepdim=True) + 1e-2)
        motion, noise, left = common(energy(found["moved"])), common(energy(found["rest"])), energy(found["rest"])
        # Residuals in px, relative to the noise of the fit and to the motion of the scene.
        scale_noise, scale_motion = torch.exp(-0.5 * noise).unsqueeze(3), torch.exp(-0.5 * motion).unsqueeze(3)
        lines = [squash(found["rest"]), squash(found["rest"] * scale_noise * 0.5), squash(found["smooth"] * 0.5), squash(found["smooth"] * scale_motion * 4), squash(found["moved"] * 0.1)]
        count = at.shape[1]
        one = torch.ones_like(rho)
        scalars = [motion * one * 0.3, noise * one * 0.3, torch.log(left + 1e-2) * 0.3, squash(rho), torch.log(found["reach"] + 0.1) * 0.3, share]
        tokens = torch.cat([place, *(line.flatten(2) for line in lines), trust * 2 - 1, found["weight"] * 2 - 1, *scalars], 2)
        apart = ((place.unsqueeze(2) - place.unsqueeze(1)) ** 2).sum(3).unsqueeze(1)
        return tokens, apart

    def forward(self, at: Tensor, trust: Tensor, unit: Tensor) -> Tensor:
        with torch.no_grad() if self.training else torch.enable_grad():
            tokens, apart = self.features(at, trust, unit)
        tokens = self.second(torch.relu(self.embed(tokens)))
        for layer in self.mix:
            tokens = layer(tokens, apart)
        return self.head(torch.relu(tokens))[..., 0]
