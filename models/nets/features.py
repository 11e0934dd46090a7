"""The trunk: fixed patch descriptors that match from the first step on, next to learned features."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .layers import box, conv, cosine_basis, resize, unit

# Luma and two opponent colours.
OPPONENT = ((0.299, 0.587, 0.114), (0.5, -0.5, 0.0), (0.25, 0.25, -0.5))


class PatchDescriptor(nn.Module):
    """Cosine coefficients of a normalised patch around each stride x stride cell: their dot product is a smooth NCC."""

    def __init__(self, *, stride: int, patch: int, luma: int, colour: int):
        super().__init__()
        self.stride, self.margin = stride, (patch - stride) // 2
        self.register_buffer("luma", cosine_basis(patch, luma), persistent=False)
        self.register_buffer("colour", cosine_basis(patch, colour).repeat(2, 1, 1, 1), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        padded = F.pad(image, (self.margin,) * 4, mode="replicate")
        luma = F.conv2d(padded[:, :1], self.luma, stride=self.stride)
        return unit(torch.cat([luma, F.conv2d(padded[:, 1:], self.colour, stride=self.stride, groups=2)], 1))


class Encoder(nn.Module):
    """Image [B,3,H,W] in [0,1] -> unit matching features match4 [B,64,H/4,W/4], match8 [B,88,H/8,W/8], and context4, context8."""

    def __init__(self, *, widths: tuple[int, int, int] = (16, 32, 48)):
        super().__init__()
        a, b, c = widths
        self.patch4, self.patch8 = PatchDescriptor(stride=2, patch=10, luma=20, colour=6), PatchDescriptor(stride=4, patch=32, luma=32, colour=12)
        self.stem = nn.Sequential(conv(8, a, kernel=5, stride=2), nn.ReLU())
        self.quarter = nn.Sequential(conv(a, b, stride=2), nn.InstanceNorm2d(b, affine=True), nn.ReLU(), conv(b, b), nn.ReLU(), conv(b, b))
        self.eighth = nn.Sequential(nn.ReLU(), conv(b, c, stride=2), nn.InstanceNorm2d(c, affine=True), nn.ReLU(), conv(c, c), nn.ReLU(), conv(c, c))
        self.match4, self.match8 = conv(b, 32, kernel=1), conv(c, 32, kernel=1)
        # How much the learned half weighs against the patch descriptor: little at first.
        self.share4, self.share8 = nn.Parameter(torch.tensor(0.2)), nn.Parameter(torch.tensor(0.2))
        self.register_buffer("opponent", torch.tensor(OPPONENT)[:, :, None, None], persistent=False)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        opponent = F.conv2d(image, self.opponent)
        half = F.avg_pool2d(opponent, 2)
        # Wide means are taken on small pictures: a large pooling window is slow in every runtime.
        small = F.avg_pool2d(half, 4)
        mean = box(small, 9)
        power = box(F.avg_pool2d(half[:, :1] ** 2, 4), 9)
        spread = torch.sqrt(torch.clamp(power - mean[:, :1] ** 2, min=0) + 4e-4)
        local = (half - resize(mean, 4)) / resize(spread, 4)
        fine = (opponent - resize(mean, 8)) / resize(spread, 8)
        context4 = self.quarter(self.stem(torch.cat([image * 4 - 2, fine, resize(spread, 8) * 4, resize(local[:, :1], 2)], 1)))
        context8 = self.eighth(context4)
        return {
            "match4": unit(torch.cat([self.patch4(local), self.share4 * unit(self.match4(context4))], 1)),
            "match8": unit(torch.cat([self.patch8(local), self.share8 * unit(self.match8(context8))], 1)),
            "context4": context4,
            "context8": context8,
        }
