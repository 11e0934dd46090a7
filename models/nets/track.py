"""Point tracks over a short window: dense flow and Lucas-Kanade along time, correlation maps per query, a learned mixer.

The flow network's trunk gives the descriptors. With untrained weights the tracker follows the flow from frame to frame,
corrects itself on the query's own patch and can re-acquire by coarse matching;
learning decides which evidence to believe, fills what is hidden and judges visibility; mobility.py judges the finished tracks.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .algebra import solve
from .features import Encoder
from .layers import extent, pixel_grid, resize, window_offsets
from .mobility import MobilityNet
from .variational import VariationalStep, gradient, high_pass

TOKEN = 64


def sample(maps: Tensor, at: Tensor, unit: Tensor) -> Tensor:
    """maps [M,C,h,w] of the whole picture at any size, at positions [M,N,P,2] px -> [M,C,N,P]; unit [2] = 2 / picture size."""
    return F.grid_sample(maps, at * unit - 1, mode="bilinear", padding_mode="border", align_corners=False)


class Mixer(nn.Module):
    """Tokens [N,S,D]: convolution over time, then attention between tracks of the same frame (the scene's motion)."""

    def __init__(self, width: int, *, heads: int = 2):
        super().__init__()
        self.heads = heads
        self.time = nn.ModuleList([nn.Conv1d(width, width, 3, padding=1), nn.Conv1d(width, width, 3, padding=1)])
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.feed = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))

    def forward(self, tokens: Tensor) -> Tensor:
        value = tokens.transpose(1, 2)
        tokens = tokens + self.time[1](torch.relu(self.time[0](value))).transpose(1, 2)
        count, frames, width = tokens.shape
        parts = self.qkv(self.norm1(tokens)).reshape(count, frames, 3, self.heads, width // self.heads).permute(2, 1, 3, 0, 4)
        share = torch.softmax(parts[0] @ parts[1].transpose(2, 3) * (width // self.heads) ** -0.5, 3)
        mixed = (share @ parts[2]).permute(2, 0, 1, 3).reshape(count, frames, width)
        tokens = tokens + self.out(mixed)
        return tokens + self.feed(self.norm2(tokens))


class FrameFlow(nn.Module):
    """Flow from each picture to its partner by variational steps alone, 1/16 to 1/2: quick, for neighbouring frames."""

    def __init__(self):
        super().__init__()
        sweeps = (8, 4, 2, 1)
        self.coarse, self.middle = VariationalStep(steps=sweeps[1:] * 2, smoothness=0.2), VariationalStep(steps=sweeps * 2, smoothness=0.2)
        self.fine = VariationalStep(steps=sweeps * 2 + (1,), smoothness=0.3)

    def forward(self, pyramid: list[Tensor], smooth: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Frames [S,3,H,W] at 1/2, 1/4, 1/8, 1/16, and high-passed -> flow to the next frame and to the one before, [S-1,2,H/2,W/2] each."""
        here, there = (lambda maps: torch.cat([maps[:-1], maps[1:]])), (lambda maps: torch.cat([maps[1:], maps[:-1]]))
        starts, goals, guides = [here(maps) for maps in smooth], [there(maps) for maps in smooth], [here(maps) for maps in pyramid]
        flow = torch.zeros_like(guides[3][:, :2])
        for step, level, rounds in ((self.coarse, 3, 4), (self.coarse, 2, 3), (self.middle, 1, 2), (self.fine, 0, 1)):
            if level < 3:
                flow = 2 * resize(flow, 2)
            for _ in range(rounds):
                flow, _ = step(starts[level], goals[level], guides[level], flow, torch.ones_like(flow[:, :1]))
        half = pyramid[0].shape[0] - 1
        return flow[:half], flow[half:]


class TrackNet(nn.Module):
    """frames [S,3,H,W] RGB in [0,1], queries [N,3] (frame, x, y) px -> uv [N,S,2] px, visible, confidence [N,S], mobility [N]."""

    def __init__(self, *, rounds: int = 2):
        super().__init__()
        self.rounds = rounds
        self.encoder, self.flow = Encoder(), FrameFlow()
        self.log_temperature = nn.Parameter(torch.tensor([40.0, 40.0]).log())
        self.log_prior = nn.Parameter(torch.tensor(1.0).log())
        self.register_buffer("window", window_offsets(3).reshape(2, -1).T, persistent=False)
        self.embed = nn.Linear(49 * 2 + 22, TOKEN)
        self.mixer = nn.ModuleList([Mixer(TOKEN), Mixer(TOKEN)])
        self.step = nn.Linear(TOKEN, 4)
        self.judge = nn.Linear(TOKEN + 9, TOKEN)
        self.judge_mixer = Mixer(TOKEN)
        self.heads = nn.Linear(TOKEN, 2)
        for layer in (self.step, self.heads):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        # Visible and sure as logistic functions of the nine plain signs; the judge corrects them.
        self.first_guess, self.first_bias = nn.Parameter(torch.zeros(9, 2)), nn.Parameter(torch.tensor([2.0, 1.0]))
        with torch.no_grad():
            self.first_guess[5:7] = -0.5
        self.mobility = MobilityNet()

    def forward(self, frames: Tensor, queries: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        features = self.encoder(frames)
        path, logits = self.predict(frames, features, queries)
        chance = torch.sigmoid(logits)
        visible, confidence = chance[..., 0], chance[..., 1]
        half_width = extent(frames)[:, :1, 0] / 2
        mobility = self.mobility(path[-1].unsqueeze(0), (visible * confidence).unsqueeze(0), half_width)
        return path[-1], visible, confidence, torch.sigmoid(mobility[0])

    def predict(self, frames: Tensor, features: dict[str, Tensor], queries: Tensor) -> tuple[list[Tensor], Tensor]:
        """Estimates of all rounds [N,S,2] px and the logits [N,S,2] of visible and confidence."""
        count, size = queries.shape[0], frames.shape[0]
        start = queries[:, 1:]
        own = (torch.ones_like(frames[:, 0, 0, 0]).cumsum(0)[None] - 1 - queries[:, :1]).abs()
        is_query = (own < 0.5).float().unsqueeze(2)
        unit = (2 / extent(frames)).reshape(2)
        maps = [self._maps(features[level], start, is_query, unit) for level in ("match8", "match4")]
        at, peak = self._coarse(maps[0], start / 8, own)
        levels = [frames]
        for _ in range(4):
            levels.append(F.avg_pool2d(levels[-1], 2))
        smooth = [high_pass(level) for level in levels]
        flows = self.flow(levels[1:], smooth[1:])
        pyramid = [(2**k, smooth[k]) for k in (2, 1, 0)]
        template = [self._template(image, scale, start, is_query, unit) for scale, image in pyramid]
        jumped, rest_jumped = self._lucas_kanade(pyramid[1:], template[1:], at * 8, is_query, unit)
        chained, doubt = self._chain(pyramid, template, queries, flows, unit)
        chained, rest_chained = self._lucas_kanade(pyramid[2:], template[2:], chained, is_query, unit)
        # A jump to the globally best place must explain the patch clearly better than the unbroken path.
        better = torch.sigmoid(8 * (rest_chained - 1.3 * rest_jumped - 1.0))
        at = chained + better * (jumped - chained)
        path, tokens = [at], queries.new_zeros(1, 1, TOKEN)
        for _ in range(self.rounds):
            at = is_query * start.unsqueeze(1) + (1 - is_query) * at
            evidence, shift = self._look(maps, at, unit)
            tuned, rest = self._lucas_kanade(pyramid[1:], template[1:], at, is_query, unit)
            at = at + torch.sigmoid(6 * (0.8 - rest)) * (tuned - at)
            tokens = self._tokens(evidence, at, shift, rest, peak, own, start, frames)
            for mixer in self.mixer:
                tokens = mixer(tokens)
            change = self.step(tokens)
            # Neighbours in time: hidden frames may take the mean of the frames before and after.
            padded = torch.cat([at[:, :1], at, at[:, -1:]], 1)
            middle = (padded[:, 2:] + padded[:, :-2]) / 2
            gate = torch.sigmoid(change[..., 2:3] - 3)
            at = at + (1 - is_query) * (gate * (middle - at) + 4 * change[..., :2])
            path.append(at)
        _, rest = self._aligned(pyramid[1][1], 2, template[1], at.transpose(0, 1), unit)
        seen = torch.cat([torch.log(rest.transpose(0, 1) + 0.01), torch.log(doubt + 0.1), torch.log(peak + 1e-3), own.unsqueeze(2)], 2)
        extra = torch.cat([self._global_motion(at, self._inside(at, frames) * torch.sigmoid(2 - 2 * rest.transpose(0, 1))), seen], 2)
        verdict = self.judge_mixer(torch.relu(self.judge(torch.cat([tokens, extra], 2))))
        logits = self.heads(verdict)
        inside = self._inside(at, frames)
        return path, (logits + extra @ self.first_guess + self.first_bias + 4 * is_query - 8 * (1 - inside)).clamp(-12, 12)

    @staticmethod
    def _inside(at: Tensor, frames: Tensor) -> Tensor:
        height, width = frames.shape[-2:]
        x, y = at[..., :1], at[..., 1:]
        return ((x >= 0) & (y >= 0) & (x <= width) & (y <= height)).float()

    @staticmethod
    def _maps(feature: Tensor, start: Tensor, is_query: Tensor, unit: Tensor) -> Tensor:
        """Correlation of each query's descriptor with every frame, [N*S,1,h,w]."""
        size, channels, height, width = feature.shape
        vectors = sample(feature, start.reshape(1, 1, -1, 2).expand(size, -1, -1, -1), unit)[:, :, 0]
        wanted = (vectors * is_query.permute(1, 2, 0)).sum(0).transpose(0, 1)
        maps = wanted.unsqueeze(0) @ feature.flatten(2)
        return maps.transpose(0, 1).reshape(-1, 1, height, width)

    def _coarse(self, maps: Tensor, start: Tensor, own: Tensor) -> tuple[Tensor, Tensor]:
        """Best cell of each map under a weak prior on distance, refined by the mass around it: [N,S,2] cells, mass [N,S,1]."""
        height, width = maps.shape[-2:]
        count, size = own.shape
        places = (pixel_grid(maps) + 0.5).flatten(2)
        square = (places * places).sum(1)
        apart = ((start * start).sum(1, keepdim=True) - 2 * start @ places[0] + square).clamp(min=0)
        prior = torch.log(1 + apart.unsqueeze(1) / (0.5 + own.unsqueeze(2)))
        share = torch.softmax(maps.reshape(count, size, height * width) * self.log_temperature[0].exp() - self.log_prior.exp() * prior, 2)
        index = share.max(2, keepdim=True)[1].reshape(count * size)
        peak = places[0].transpose(0, 1)[index].reshape(count, size, 2)
        distance = (peak * peak).sum(2, keepdim=True) - 2 * peak @ places + square.unsqueeze(1)
        near = share * (distance < 2.5).float()
        mass = near.sum(2, keepdim=True)
        return near @ places[0].transpose(0, 1) / (mass + 1e-6), mass

    def _look(self, maps: list[Tensor], at: Tensor, unit: Tensor) -> tuple[Tensor, Tensor]:
        """Local windows of both maps around the estimate [N,S,98], and the soft-argmax step of the finer one in px."""
        windows = [sample(cells, at.reshape(-1, 1, 1, 2) + scale * self.window, unit).reshape(-1, at.shape[1], len(self.window)) for cells, scale in zip(maps, (8, 4))]
        far = (self.window**2).sum(1)
        share = torch.softmax(windows[1] * self.log_temperature[1].exp() - 0.3 * far, 2)
        return torch.cat(windows, 2), 4 * share @ self.window

    def _template(self, image: Tensor, scale: int, start: Tensor, is_query: Tensor, unit: Tensor) -> dict[str, Tensor]:
        """Patch of each query in its frame: values [N,3,49], and the Gauss-Newton rows [N,2,3,49] that turn residuals into a step."""
        gx, gy = gradient(image)
        spots = (start.unsqueeze(1) + scale * self.window).unsqueeze(0)
        values = sample(torch.cat([image, gx, gy], 1), spots.expand(len(image), -1, -1, -1), unit)
        values = (values * is_query.permute(1, 2, 0).unsqueeze(3)).sum(0).transpose(0, 1)
        value, gx, gy = values.split(3, 1)
        fall = torch.exp(-(self.window**2).sum(1) / 8)
        a, b, c = ((one * two * fall).sum((1, 2)).reshape(-1, 1, 1) for one, two in ((gx, gx), (gx, gy), (gy, gy)))
        damp = 0.03 * (a + c) + 0.05
        determinant = (a + damp) * (c + damp) - b * b
        rows = torch.stack([((c + damp) * gx - b * gy) / determinant, ((a + damp) * gy - b * gx) / determinant], 1)
        return {"value": value, "rows": rows * fall}

    def _aligned(self, image: Tensor, scale: int, template: dict[str, Tensor], at: Tensor, unit: Tensor) -> tuple[Tensor, Tensor]:
        """One inverse-compositional step on frames [K,3,h,w] from positions at [K,N,2] px: new positions and residual [K,N,1]."""
        seen = sample(image, at.unsqueeze(2) + scale * self.window, unit).permute(0, 2, 1, 3)
        rest = seen - template["value"]
        square = (rest * rest).mean(2, keepdim=True)
        pull = (template["rows"] * (rest / (1 + square)).unsqueeze(2)).sum((3, 4))
        return at - scale * pull.clamp(-1.5, 1.5), square.mean((2, 3)).unsqueeze(2)

    def _lucas_kanade(self, pyramid: list, template: list, at: Tensor, is_query: Tensor, unit: Tensor) -> tuple[Tensor, Tensor]:
        """Two steps per level in all frames at once; positions [N,S,2] and residual [N,S,1]."""
        at = at.transpose(0, 1)
        free = 1 - is_query.transpose(0, 1)
        for (scale, image), patch in zip(pyramid, template):
            for _ in range(2):
                moved, rest = self._aligned(image, scale, patch, at, unit)
                at = at + free * (moved - at)
        return at.transpose(0, 1), rest.transpose(0, 1)

    def _chain(self, pyramid: list, template: list, queries: Tensor, flows: tuple[Tensor, Tensor], unit: Tensor) -> tuple[Tensor, Tensor]:
        """Follow frame by frame away from the query's frame, forwards and backwards side by side, [N,S,2].

        Next to it [N,S,1]: how badly the flow led back, at worst on the way (px), a sign of something in front.

        The flow says where to go on, the query's own patch corrects the place, so errors do not add up; where the patch
        is not found (hidden, turned) the flow alone decides. flows: forward and backward [S-1,2,H/2,W/2].
        """
        origin, first = queries[:, 1:], queries[:, :1]
        size = flows[0].shape[0] + 1
        # Entry k: what the step from frame k to k + 1 needs, and its mirror image, the step from the last but k to the one before.
        beside = lambda there, back: torch.stack([there, back.flip(0)], 1)
        away, home = beside(*flows) * 2, beside(flows[1], flows[0]) * 2
        pairs = [(scale, beside(image, image)) for scale, image in pyramid[1:]]
        times = torch.arange(1, size, device=queries.device, dtype=queries.dtype).reshape(-1, 1, 1)
        active = torch.stack([(first < times - 0.5).float(), (first > size - 0.5 - times).float()], 1)
        at = torch.stack([origin, origin])
        worst = torch.zeros_like(at[..., :1])
        visited = [torch.cat([at, worst], 2)]
        place = lambda flow, spots: sample(flow, spots.unsqueeze(2), unit).squeeze(3).transpose(1, 2)
        for step in range(1, size):
            moves = place(away[step - 1], at)
            guess = at + active[step - 1] * moves
            gap = moves + place(home[step - 1], guess)
            worst = torch.maximum(worst, active[step - 1] * torch.sqrt((gap * gap).sum(2, keepdim=True) + 1e-4))
            found = guess
            for (scale, images), patch in zip(pairs, template[1:]):
                for _ in range(2):
                    found, rest = self._aligned(images[step], scale, patch, found, unit)
            sure = torch.sigmoid(6 * (0.8 - rest))
            at = guess + active[step - 1] * sure * (found - guess)
            visited.append(torch.cat([at, worst], 2))
        forward = torch.stack([spot[0] for spot in visited], 1)
        backward = torch.stack([spot[1] for spot in visited[::-1]], 1)
        later = torch.stack([(first[:, 0] < t - 0.5).float() for t in range(size)], 1).unsqueeze(2)
        both = backward + later * (forward - backward)
        return both[..., :2], both[..., 2:]

    def _tokens(self, evidence: Tensor, at: Tensor, shift: Tensor, rest: Tensor, peak: Tensor, own: Tensor, start: Tensor, frames: Tensor) -> Tensor:
        height, width = frames.shape[-2:]
        padded = torch.cat([at[:, :1], at, at[:, -1:]], 1)
        before, after = (padded[:, :-2] - at) * 0.1, (padded[:, 2:] - at) * 0.1
        place = torch.cat([at[..., :1] / width, at[..., 1:] / height], 2) * 2 - 1
        moved = (at - start.unsqueeze(1)) * 0.05
        mean = moved.mean(0, keepdim=True)
        gap = own.unsqueeze(2)
        values = [evidence * 3, before.clamp(-3, 3), after.clamp(-3, 3), place, moved, moved - mean, (shift * 0.2), torch.log(rest + 0.01) * 0.5, torch.log(peak + 1e-3) * 0.3, (gap < 0.5).float(), gap * 0.2, self._inside(at, frames), evidence[..., 24:25] * 3, evidence[..., 73:74] * 3, (before + after).abs().clamp(max=3), (before * before + after * after).sum(2, keepdim=True).clamp(max=3)]
        return torch.relu(self.embed(torch.cat(values, 2)))

    @staticmethod
    def _global_motion(at: Tensor, trust: Tensor) -> Tensor:
        """How badly each track fits the quadratic motion field of most tracks, [N,S,5]: a sign of a track gone astray.

        Motion counts from the middle frame, which all tracks share whatever their query's frame; trust [N,S,1] in 0..1.
        """
        scale, middle = 0.01, at.shape[1] // 2
        origin = at[:, middle]
        x, y = (origin * scale).split(1, 1)
        centre_x, centre_y = x - x.mean(), y - y.mean()
        basis = torch.cat([torch.ones_like(x), centre_x, centre_y, centre_x * centre_x, centre_x * centre_y, centre_y * centre_y], 1)
        moved = ((at - origin.unsqueeze(1)) * scale).permute(1, 0, 2)
        known = trust.permute(1, 0, 2)
        weight = known
        unit = 1e-3 * torch.eye(6, device=at.device)
        total = known.sum(0) + 1e-3
        for _ in range(5):
            heavy = basis.unsqueeze(0) * weight
            normal = heavy.transpose(1, 2) @ basis / at.shape[0] + unit
            right = heavy.transpose(1, 2) @ moved / at.shape[0]
            fit = basis @ solve(normal, right)
            error = ((moved - fit) ** 2).sum(2, keepdim=True) / scale**2
            # A track that fits badly anywhere loses its say everywhere.
            mean = (error * known).sum(0) / total
            weight = known / (1 + mean / 64) ** 2
        flow = ((fit / scale) ** 2).sum(2, keepdim=True).mean(0)
        # Where the scene moves much, parallax moves things apart much.
        score = (0.5 * torch.log(mean / (1 + 0.36 * flow) + 0.01)).unsqueeze(0).expand_as(error).permute(1, 0, 2)
        rest = ((moved - fit) / scale).permute(1, 0, 2)
        return torch.cat([score, 0.5 * torch.log(error.permute(1, 0, 2) + 0.01).clamp(max=8), (rest * 0.1).clamp(-3, 3), weight.permute(1, 0, 2)], 2)
