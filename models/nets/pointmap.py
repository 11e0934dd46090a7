"""Two-view pointmaps: a learned depth per picture, a solved relative pose, depth corrected by parallax, the last two in turns.

Sane by construction: points1 = z1 K^-1 p, points2 = R (z2 K^-1 p) + t with z = exp(.), one focal length, and a pose
that Gauss-Newton finds from matches and depth. Learning supplies the depth prior, the trust in matches and the fusion.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .algebra import small_rotation, solve
from .features import Encoder
from .flow import SWEEPS, GlobalMatch, pyramid
from .layers import bilinear_upsampling_logits, conv, convex_upsample, pixel_grid, resize, warp, zero_conv
from .variational import VariationalStep


class Residual(nn.Module):
    """x + f(x), f zero at first; a dilated one sees farther."""

    def __init__(self, width: int, *, dilation: int = 1):
        super().__init__()
        self.inner, self.outer = conv(width, width, dilation=dilation), zero_conv(width, width)

    def forward(self, value: Tensor) -> Tensor:
        return value + self.outer(torch.relu(self.inner(torch.relu(value))))


class DepthPrior(nn.Module):
    """One picture -> features at 1/2, 1/4 and 1/8, log depth at 1/8, confidence logit, log focal (in widths)."""

    def __init__(self, *, widths: tuple[int, ...] = (16, 32, 64, 96, 128), blocks: tuple[tuple[int, ...], ...] = ((), (), (1,), (1, 2), (1, 2, 1))):
        super().__init__()
        self.down = nn.ModuleList()
        last = 5
        for index, (width, dilations) in enumerate(zip(widths, blocks)):
            layers = [conv(last, width, kernel=5 if index == 0 else 3, stride=2), nn.ReLU(), conv(width, width), nn.ReLU()]
            if index in (1, 2, 3):
                layers.insert(1, nn.InstanceNorm2d(width, affine=True))
            self.down.append(nn.Sequential(*layers, *(Residual(width, dilation=dilation) for dilation in dilations)))
            last = width
        self.spread = nn.Sequential(nn.Linear(last, 96), nn.ReLU(), nn.Linear(96, last))
        self.up = nn.ModuleList([conv(last + widths[3], 96), conv(96 + widths[2], 64)])
        self.mix = Residual(64)
        self.depth = zero_conv(64, 2)
        self.focal = nn.Linear(last, 1)
        nn.init.zeros_(self.focal.weight)
        nn.init.constant_(self.focal.bias, -0.3)

    def forward(self, image: Tensor) -> tuple[list[Tensor], Tensor, Tensor, Tensor]:
        height, width = image.shape[-2:]
        place = (pixel_grid(image) + 0.5) / torch.cat([torch.ones_like(image[:1, :1]) * width, torch.ones_like(image[:1, :1]) * height], 1) - 0.5
        value = torch.cat([image * 2 - 1, (place * 2).expand(len(image), -1, -1, -1)], 1)
        levels = []
        for layer in self.down:
            value = layer(value)
            levels.append(value)
        whole = self.spread(value.mean((2, 3)))
        value = value + whole[:, :, None, None]
        for layer, skip in zip(self.up, (levels[3], levels[2])):
            value = torch.relu(layer(torch.cat([resize(value, 2), skip], 1)))
        value = self.mix(value)
        depth, confidence = self.depth(value).split(1, 1)
        # From a fiftieth to fifty times the middle: nothing may run away.
        depth = 4 * torch.tanh(depth / 4)
        return [levels[0], levels[1], value], depth, confidence, self.focal(whole).clamp(-1.2, 1.2)


class PointmapNet(nn.Module):
    """image1, image2 [B,3,H,W] -> points1, points2 [B,3,H,W] in camera 1, confidence1, confidence2 [B,1,H,W] > 1."""

    def __init__(self, *, turns: int = 3, rounds: int = 3):
        super().__init__()
        self.turns, self.rounds = turns, rounds
        self.prior = DepthPrior()
        self.encoder, self.match = Encoder(), GlobalMatch(context=48)
        self.refine8, self.refine4 = VariationalStep(steps=SWEEPS[1:] * 2, smoothness=0.2), VariationalStep(steps=SWEEPS * 2, smoothness=0.2)
        self.trust = nn.Sequential(conv(64 + 3, 24), nn.ReLU(), zero_conv(24, 1))
        # Noise of the flow (cells) and spread of the depth prior (log depth) decide how much parallax counts.
        self.log_noise, self.log_prior = nn.Parameter(torch.tensor(0.15).log()), nn.Parameter(torch.tensor(0.3).log())
        self.fuse = nn.Sequential(conv(64 + 5, 48), nn.ReLU(), conv(48, 48, dilation=2), nn.ReLU())
        self.delta = zero_conv(48, 2)
        self.guide = nn.Sequential(conv(48 + 32, 48), nn.ReLU(), conv(48, 32), nn.ReLU())
        self.mask = zero_conv(32, 9 * 16, kernel=1)
        self.fine = zero_conv(32, 2)
        self.register_buffer("bilinear", bilinear_upsampling_logits(4).view(1, -1, 1, 1), persistent=False)

    def forward(self, image1: Tensor, image2: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        out = self.predict(image1, image2)
        return out["points1"], out["points2"], out["confidence1"], out["confidence2"]

    def _flow(self, first: dict[str, Tensor], second: dict[str, Tensor], pyramid1: list, pyramid2: list) -> tuple[Tensor, Tensor]:
        """Flow in cells of 1/8, refined at 1/4 first, and the log-confidence of the match."""
        _, flow, log_mass = self.match(first, second)
        for step, level in ((self.refine8, 3), (self.refine4, 2)):
            if level == 2:
                flow = 2 * resize(flow, 2)
            for _ in range(2):
                flow, _ = step(pyramid1[level][1], pyramid2[level][1], pyramid1[level][0], flow, torch.ones_like(flow[:, :1]))
        return F.avg_pool2d(flow, 2) / 2, log_mass

    def correspond(self, image1: Tensor, image2: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Flow both ways [B,2,H/8,W/8] in cells, and its log-confidences [B,1,H/8,W/8]."""
        first, second = self.encoder(image1), self.encoder(image2)
        pyramid1, pyramid2 = pyramid(image1), pyramid(image2)
        return *self._flow(first, second, pyramid1, pyramid2), *self._flow(second, first, pyramid2, pyramid1)

    def predict(self, image1: Tensor, image2: Tensor, matches: tuple[Tensor, ...] | None = None) -> dict[str, Tensor]:
        """All outputs and what the loss needs; `matches` are correspond()'s, when they were found before."""
        (levels1, depth1, sure1, focal1), (levels2, depth2, sure2, focal2) = self.prior(image1), self.prior(image2)
        log_focal = (focal1 + focal2) / 2
        flow12, mass12, flow21, mass21 = matches or self.correspond(image1, image2)
        width = depth1.shape[-1]
        focal = torch.exp(log_focal)[:, :, None, None] * width
        rays = self._rays(depth1, focal)
        loop, loop2 = flow12 + warp(flow21, flow12), flow21 + warp(flow12, flow21)
        agreement, agreement2 = (torch.exp(-10 * (gap * gap).sum(1, keepdim=True)) for gap in (loop, loop2))
        weight = agreement * torch.exp(mass12) * torch.sigmoid(2 + self.trust(torch.cat([levels1[2], mass12, agreement, loop.abs().sum(1, keepdim=True).clamp(max=10) * 0.2], 1)))
        # The pose needs depth and depth needs the pose: a few turns from the prior on.
        better1, better2 = depth1, depth2
        for _ in range(self.turns):
            rotation, shift, ratio = self._pose(rays, better1, better2, flow12, weight, focal)
            # Picture 2's depth takes the scale of picture 1's.
            scale2 = ratio[:, None, None, None]
            back = rotation.transpose(1, 2)
            fresh1 = self._parallax(rays, better1, rotation, shift, flow12, focal)
            fresh2 = self._parallax(rays, better2 + scale2, back, -back @ shift, flow21, focal)
            better1 = self._combine(better1, depth1, fresh1, agreement)
            better2 = self._combine(better2 + scale2, depth2 + scale2, fresh2, agreement2)
            depth2 = depth2 + scale2
        log1, conf1 = self._finish(levels1, better1, sure1, fresh1, mass12 + torch.log(agreement + 1e-3))
        log2, conf2 = self._finish(levels2, better2, sure2, fresh2, mass21 + torch.log(agreement2 + 1e-3))
        z1, z2 = torch.exp(log1.clamp(-5, 6)), torch.exp(log2.clamp(-5, 6))
        full = self._rays(image1, torch.exp(log_focal)[:, :, None, None] * image1.shape[-1])
        points2 = (rotation.transpose(1, 2) @ ((full * z2).flatten(2) - shift)).reshape(-1, 3, *image1.shape[-2:])
        return {"points1": full * z1, "points2": points2, "confidence1": 1 + torch.exp(conf1), "confidence2": 1 + torch.exp(conf2), "log_focal": log_focal, "prior1": depth1, "prior2": depth2, "rotation": rotation, "shift": shift}

    @staticmethod
    def _rays(like: Tensor, focal: Tensor) -> Tensor:
        """Directions with z = 1 through the pixel centres, [B,3,H,W]; focal [B,1,1,1] in pixels of this size."""
        height, width = like.shape[-2:]
        grid = pixel_grid(like)
        x, y = (grid[:, :1] + (0.5 - width / 2)) / focal, (grid[:, 1:] + (0.5 - height / 2)) / focal
        return torch.cat([x, y, torch.ones_like(x)], 1)

    def _pose(self, rays: Tensor, depth1: Tensor, depth2: Tensor, flow: Tensor, weight: Tensor, focal: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Camera 1 to camera 2 (R [B,3,3], t [B,3,1]) by reweighted Gauss-Newton, and log of the scale of depth 2."""
        points = (rays * torch.exp(depth1)).flatten(2)
        target = (rays[:, :2] + flow / focal).flatten(2)
        base = weight.flatten(2)
        rotation = torch.eye(3, device=rays.device).expand(len(rays), 3, 3)
        shift = torch.zeros_like(points[:, :, :1])
        unit = torch.eye(6, device=rays.device) * torch.tensor([1e-3, 1e-3, 1e-3, 2e-3, 2e-3, 2e-3], device=rays.device)
        for step in range(self.rounds):
            moved = rotation @ points + shift
            inverse = 1 / moved[:, 2:].clamp(min=0.05)
            x, y = moved[:, :1] * inverse, moved[:, 1:2] * inverse
            rx, ry = target[:, :1] - x, target[:, 1:] - y
            robust = base / (1 + (rx * rx + ry * ry) * focal.flatten(2) ** 2 / (4.0 if step < 2 else 0.5))
            zero = torch.zeros_like(x)
            rows_x = torch.cat([-x * y, 1 + x * x, -y, inverse, zero, -x * inverse], 1)
            rows_y = torch.cat([-1 - y * y, x * y, x, zero, inverse, -y * inverse], 1)
            normal = (rows_x * robust) @ rows_x.transpose(1, 2) + (rows_y * robust) @ rows_y.transpose(1, 2)
            right = (rows_x * robust * rx + rows_y * robust * ry).sum(2, keepdim=True)
            total = robust.sum(2, keepdim=True) + 1e-4
            change = solve(normal / total + unit, right / total)
            turn = small_rotation(change[:, :3, 0])
            rotation, shift = turn @ rotation, turn @ shift + change[:, 3:]
        moved = rotation @ points + shift
        seen = warp(depth2, flow).flatten(2)
        gap = torch.log(moved[:, 2:].clamp(min=0.05)) - seen
        ratio = (robust * gap).sum(2) / total[:, :, 0]
        return rotation, shift, ratio[:, 0]

    @staticmethod
    def _parallax(rays: Tensor, depth: Tensor, rotation: Tensor, shift: Tensor, flow: Tensor, focal: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Newton step of log inverse depth from the flow along the epipolar line; its information; the off-line residual (cells)."""
        shape = depth.shape
        inverse = torch.exp(-depth).flatten(2)
        turned = rotation @ rays.flatten(2)
        moved = turned + inverse * shift
        z = moved[:, 2:].clamp(min=0.05)
        at = moved[:, :2] / z
        slope = (shift[:, :2] - at * shift[:, 2:]) / z * inverse
        rest = (rays[:, :2] + flow / focal).flatten(2) - at
        pixels = focal.flatten(2)
        power = (slope * slope).sum(1, keepdim=True) * pixels**2
        along = (slope * rest).sum(1, keepdim=True) * pixels**2
        step = (along / (power + 0.02)).clamp(-1, 1)
        across = (rest * rest).sum(1, keepdim=True) * pixels**2 - along * along / (power + 0.02)
        return step.reshape(shape), power.reshape(shape), across.clamp(min=0, max=25).reshape(shape)

    def _combine(self, depth: Tensor, prior: Tensor, fresh: tuple[Tensor, Tensor, Tensor], agreement: Tensor) -> Tensor:
        """Log depth between its prior and what parallax says, by their information."""
        step, power, across = fresh
        told = power * agreement / (torch.exp(2 * self.log_noise) + across)
        held = torch.exp(-2 * self.log_prior)
        return (told * (depth - step) + held * prior) / (told + held)

    def _finish(self, levels: list[Tensor], depth: Tensor, sure: Tensor, fresh: tuple[Tensor, Tensor, Tensor], match: Tensor) -> tuple[Tensor, Tensor]:
        """Correct, upsample along edges: log depth and confidence logit at full size."""
        step, power, across = fresh
        mean = depth.mean((2, 3), keepdim=True)
        value = self.fuse(torch.cat([levels[2], step, torch.log(power + 1e-3) * 0.3, torch.sqrt(across + 1e-4), match * 0.3, depth - mean], 1))
        delta = self.delta(value)
        guide = self.guide(torch.cat([resize(value, 2), levels[1]], 1))
        coarse = resize(torch.cat([depth + delta[:, :1], sure + delta[:, 1:]], 1), 2) + self.fine(guide)
        # The solved shift belongs to the scale of `depth`: a correction may bend, not rescale.
        log_depth, confidence = convex_upsample(coarse, self.mask(guide) + self.bilinear, 4).split(1, 1)
        return log_depth + mean - log_depth.mean((2, 3), keepdim=True), confidence.clamp(-6, 4)
