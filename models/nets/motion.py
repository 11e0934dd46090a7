"""What moves, pixel by pixel, from what flow, tracks and the first geometry say of a frame (C4D's motion masks, learned).

It sees evidence rather than pictures (the planes of `CLUES`), so what it learns on rendered scenes holds on real ones.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CLUES = (
    "free x", "free y", "free", "bound", "before", "after", "bound before", "bound after", "far",
    "pixels", "sigma", "returns", "ego", "mobility", "first", "epipolar", "depth", "prior", "luma", "contrast",
)  # fmt: skip
"""The planes in their order; `src/solve/masks/clues.ts` makes them."""


class Block(nn.Module):
    """Two convolutions around a shortcut."""

    def __init__(self, width: int, *, dilation: int = 1):
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(F.relu(self.first(x))))


class MotionNet(nn.Module):
    """Clues [B,20,h,w] (h and w multiples of 8) -> shares [B,2,h,w] in 0..1: belongs to something that moves in the clip; moves just now."""

    def __init__(self, *, widths: tuple[int, ...] = (16, 24, 40, 56), dropout: float = 0.1):
        super().__init__()
        self.stem = nn.Conv2d(len(CLUES), widths[0], 3, padding=1)
        self.entry = Block(widths[0])
        pairs = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairs])
        self.deeper = nn.ModuleList([Block(b) for _, b in pairs])
        self.wide = nn.ModuleList([Block(widths[-1], dilation=d) for d in (2, 4)])
        self.thin = nn.Dropout2d(dropout)
        self.whole = nn.Linear(widths[-1], widths[-1])
        self.up = nn.ModuleList([nn.Conv2d(a + b, a, 3, padding=1) for a, b in pairs])
        self.finer = nn.ModuleList([Block(a) for a, _ in pairs])
        self.head = nn.Conv2d(widths[0], 2, 3, padding=1)

    def forward(self, clues: Tensor) -> Tensor:
        return torch.sigmoid(self.logits(clues))

    def logits(self, clues: Tensor) -> Tensor:
        x = self.entry(F.relu(self.stem(clues)))
        kept = []
        for down, deeper in zip(self.down, self.deeper):
            kept.append(x)
            x = self.thin(deeper(F.relu(down(x))))
        for block in self.wide:
            x = block(x)
        # What the whole frame is like (how noisy, how much parallax) shifts every pixel's judgement.
        x = x + self.whole(x.mean((2, 3)))[:, :, None, None]
        for fine, up, finer in reversed(list(zip(kept, self.up, self.finer))):
            x = torch.cat([fine, F.interpolate(x, scale_factor=2.0, mode="nearest")], 1)
            x = finer(F.relu(up(x)))
        return self.head(x)
