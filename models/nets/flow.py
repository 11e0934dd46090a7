"""Optical flow: global matching at 1/8, local cost volumes at 1/4, variational refinement at every size.

Matching by construction, learning for correction: with untrained weights every learned residual is zero and the
network is a classical coarse-to-fine matcher.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .features import Encoder
from .layers import bilinear_upsampling_logits, conv, convex_upsample, global_correlation, inside, local_correlation, pixel_grid, resize, unit, warp, window_offsets, zero_conv
from .variational import VariationalStep, high_pass


class GlobalMatch(nn.Module):
    """Soft-argmax over all positions (near ones a little likelier), then a confidence-weighted bilateral spread: sure pixels tell unsure ones."""

    def __init__(self, *, context: int):
        super().__init__()
        self.log_temperature = nn.Parameter(torch.tensor(40.0).log())
        self.log_prior = nn.Parameter(torch.tensor(1.0).log())
        self.log_reach = nn.Parameter(torch.tensor(4.0).log())
        self.log_similarity = nn.Parameter(torch.tensor(3.0).log())
        self.log_trust = nn.Parameter(torch.tensor(2.0).log())
        self.project = conv(context, 32, kernel=1)

    def forward(self, first: dict[str, Tensor], second: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Flow in cells [B,2,h,w], the same spread, and log-confidence [B,1,h,w]."""
        batch, _, height, width = first["match8"].shape
        grid = pixel_grid(first["match8"])
        places = grid.flatten(2).transpose(1, 2)
        square = (places * places).sum(2, keepdim=True)
        apart = torch.clamp(square - 2 * places @ places.transpose(1, 2) + square.transpose(1, 2), min=0)
        likeness = global_correlation(first["match8"], second["match8"]) * self.log_temperature.exp()
        likeness = likeness - self.log_prior.exp() * torch.log(1 + apart)
        # Both directions must agree: a wrong peak seldom chooses back.
        share = torch.softmax(likeness, 2) * torch.softmax(likeness, 1)
        best, index = share.max(2, keepdim=True)
        # Only the mass around the best place counts: a mean over two far peaks is nowhere.
        peak = torch.gather(places.expand(batch, -1, -1), 1, index.expand(-1, -1, 2))
        distance = (peak * peak).sum(2, keepdim=True) - 2 * peak @ places.transpose(1, 2) + square.transpose(1, 2)
        near = share * (distance < 6.5).float()
        mass = near.sum(2, keepdim=True)
        flow = near @ places / (mass + 1e-6) - mass / (mass + 1e-6) * places
        log_mass = torch.log(mass + 1e-4)
        reach = torch.exp(-2 * self.log_reach)
        colour = unit(self.project(first["context8"])).flatten(2).transpose(1, 2) * self.log_similarity.exp()
        kinship = colour @ colour.transpose(1, 2) / self.log_similarity.exp() + reach * (places @ places.transpose(1, 2))
        bias = self.log_trust.exp() * log_mass - 0.5 * reach * square
        spread = torch.softmax(kinship + bias.transpose(1, 2), 2) @ flow
        # Second round: matches that contradict their surroundings lose their say.
        bias = bias - torch.log(1 + ((flow - spread) ** 2).sum(2, keepdim=True))
        spread = torch.softmax(kinship + bias.transpose(1, 2), 2) @ flow
        image = lambda tokens: tokens.transpose(1, 2).reshape(batch, -1, height, width)
        return image(flow), image(spread), image(log_mass)


class Update(nn.Module):
    """One look at the local cost around the current flow: soft-argmax step, plus a learned step from the same evidence."""

    def __init__(self, *, context: int, hidden: int, extra: int, radius: int, dilations: tuple[int, ...]):
        super().__init__()
        self.radius, self.hidden = radius, hidden
        self.log_temperature = nn.Parameter(torch.tensor(40.0).log())
        self.log_prior = nn.Parameter(torch.tensor(0.3).log())
        self.register_buffer("offsets", window_offsets(radius), persistent=False)
        window = (2 * radius + 1) ** 2
        self.squeeze = nn.Sequential(conv(window, 32, kernel=1), nn.ReLU())
        self.body = nn.ModuleList([conv(32 + context + hidden + extra + 6, hidden)] + [conv(hidden, hidden, dilation=d) for d in dilations])
        self.step = zero_conv(hidden, 3)

    def forward(self, first: Tensor, second: Tensor, context: Tensor, state: Tensor, flow: Tensor, extra: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Flow in cells of this level -> (state, flow)."""
        cost = local_correlation(first, warp(second, flow), self.radius)
        distance = (self.offsets**2).sum(0).unsqueeze(0)
        share = torch.softmax(cost * self.log_temperature.exp() - self.log_prior.exp() * distance, 1)
        shift = torch.stack([(share * self.offsets[0]).sum(1), (share * self.offsets[1]).sum(1)], 1)
        peak = share.max(1, keepdim=True)[0]
        mean = flow.mean((2, 3), keepdim=True)
        within = inside(flow, first)
        evidence = [self.squeeze(cost * 4), context, state, shift, peak, (flow - mean) * 0.2, within, *extra]
        value = torch.cat(evidence, 1)
        for index, layer in enumerate(self.body):
            fresh = torch.relu(layer(value))
            value = fresh if index == 0 else value + fresh
        step = self.step(value)
        gate = torch.sigmoid(step[:, 2:])
        return torch.tanh(value), flow + gate * shift * within + step[:, :2]


SWEEPS = (8, 4, 2, 1)
"""Neighbour distances of the smoothing sweeps: far ones first, so that plain regions and hidden ones fill quickly."""


class FlowNet(nn.Module):
    """image1, image2 [B,3,H,W] RGB in [0,1], H and W multiples of 32 -> flow [B,2,H,W] px, sigma [B,1,H,W] px.

    sigma is the deviation per axis of a normal error with the same median; gross errors are more frequent than it says.
    """

    def __init__(self, *, rounds8: int = 2, rounds4: int = 2, rounds2: int = 2):
        super().__init__()
        self.encoder = Encoder()
        self.rounds8, self.rounds4, self.rounds2 = rounds8, rounds4, rounds2
        self.match = GlobalMatch(context=48)
        self.context4 = conv(32, 16, kernel=1)
        self.update4 = Update(context=16, hidden=32, extra=3, radius=3, dilations=(2,))
        self.mask = nn.Sequential(conv(32, 32), nn.ReLU(), zero_conv(32, 9 * 4, kernel=1))
        self.sigma = nn.Sequential(conv(32, 16), nn.ReLU(), zero_conv(16, 2))
        self.refine8, self.refine4 = VariationalStep(steps=SWEEPS[1:] * 2, smoothness=0.2), VariationalStep(steps=SWEEPS * 2, smoothness=0.2)
        self.refine2 = VariationalStep(steps=SWEEPS * 2 + (1,), smoothness=0.3)
        self.refine1 = nn.ModuleList([VariationalStep(steps=SWEEPS * 2 + (1,), smoothness=0.6) for _ in range(2)])
        self.polish = nn.Sequential(conv(11, 16), nn.ReLU(), conv(16, 16), nn.ReLU(), zero_conv(16, 3))
        self.register_buffer("bilinear", bilinear_upsampling_logits(2).view(1, -1, 1, 1), persistent=False)
        # What is learned is the mean error; train/sigma.py finds the step from there to sigma.
        self.register_buffer("log_calibration", torch.zeros(()))

    def forward(self, image1: Tensor, image2: Tensor) -> tuple[Tensor, Tensor]:
        stages, log_sigma = self.predict(image1, image2)
        return stages[-1][0], (log_sigma + self.log_calibration).exp()

    def predict(self, image1: Tensor, image2: Tensor) -> tuple[list[tuple[Tensor, int]], Tensor]:
        """All intermediate flows with their stride, in cells of that stride (for the training loss), and log sigma."""
        first, second = self.encoder(image1), self.encoder(image2)
        pyramid1, pyramid2 = pyramid(image1), pyramid(image2)
        raw, flow, log_mass = self.match(first, second)
        stages = [(flow, 8)]

        def refine(step: VariationalStep, level: int, flow: Tensor, trust: Tensor) -> tuple[Tensor, Tensor]:
            (guide, smooth1), (_, smooth2) = pyramid1[level], pyramid2[level]
            return step(smooth1, smooth2, guide, flow, trust)

        plain = torch.ones_like(log_mass)
        for _ in range(self.rounds8):
            flow, _ = refine(self.refine8, 3, flow, plain)
        stages.append((flow, 8))
        hints = resize(torch.cat([log_mass, (raw - flow).abs().clamp(max=8)], 1), 2)
        flow, plain, context = 2 * resize(flow, 2), resize(plain, 2), torch.relu(self.context4(first["context4"]))
        state = torch.zeros_like(first["context4"])
        flow, _ = refine(self.refine4, 2, flow, plain)
        for _ in range(self.rounds4):
            state, flow = self.update4(first["match4"], second["match4"], context, state, flow, [hints])
            flow, _ = refine(self.refine4, 2, flow, plain)
            stages.append((flow, 4))
        trust, log_sigma = resize(self.sigma(state), 2).split(1, 1)
        flow = 2 * convex_upsample(flow, self.mask(state) + self.bilinear, 2)
        for _ in range(self.rounds2):
            flow, _ = refine(self.refine2, 1, flow, torch.exp(trust))
        stages.append((flow, 2))
        flow, trust, log_sigma = 2 * resize(flow, 2), resize(trust, 2), resize(log_sigma, 2)
        start = flow
        for step in self.refine1:
            flow, error = refine(step, 0, flow, torch.exp(trust))
            stages.append((flow, 1))
        evidence = torch.cat([image1 - 0.5, warp(image2, flow) - 0.5, torch.log(error + 0.01), trust, log_sigma, flow - start], 1)
        change = self.polish(evidence)
        stages.append((flow + change[:, :2], 1))
        return stages, torch.clamp(log_sigma + change[:, 2:], -4, 5)


def pyramid(image: Tensor) -> list[tuple[Tensor, Tensor]]:
    """(picture, high-passed picture) at 1/1, 1/2, 1/4 and 1/8."""
    levels = [image]
    for _ in range(3):
        levels.append(F.avg_pool2d(levels[-1], 2))
    return [(level, high_pass(level)) for level in levels]
