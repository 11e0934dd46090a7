"""Operators that several networks share. Everything here exports to plain opset-17 operators that WebGPU runs right."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def conv(inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1, dilation: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, stride, dilation * (kernel // 2), dilation, groups)


def zero_conv(inputs: int, outputs: int, *, kernel: int = 3) -> nn.Conv2d:
    """A convolution whose output is zero until training says otherwise: the network starts as pure matching."""
    layer = conv(inputs, outputs, kernel=kernel)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def pixel_grid(like: Tensor) -> Tensor:
    """[1,2,H,W] (x, y) of the pixel centres counted from 0, made of cumulative sums so that H and W stay dynamic."""
    ones = torch.ones_like(like[:1, :1])
    return torch.cat([ones.cumsum(3), ones.cumsum(2)], 1) - 1


def extent(like: Tensor) -> Tensor:
    """[1,2,1,1]: width and height."""
    height, width = like.shape[-2:]
    one = like.new_ones(1, 1, 1, 1)
    return torch.cat([one * width, one * height], 1)


def warp(image: Tensor, flow: Tensor) -> Tensor:
    """Sample image [B,C,H,W] at pixel + flow [B,2,H,W] px, bilinear, border repeated.

    What depends on the size alone is made from the image, which is warped again and again: the export keeps one copy of it.
    """
    scale = 2 / extent(image)
    start = (pixel_grid(image) + 0.5) * scale - 1
    return F.grid_sample(image, (start + flow * scale).permute(0, 2, 3, 1), mode="bilinear", padding_mode="border", align_corners=False)


def inside(flow: Tensor, like: Tensor) -> Tensor:
    """[B,1,H,W]: 1 where pixel + flow lies in the picture; `like` is any tensor of that size that outlives the flow."""
    last = extent(like) - 1
    position = pixel_grid(like) + flow
    return ((torch.relu(-position) + torch.relu(position - last)).sum(1, keepdim=True) <= 0).float()


def resize(image: Tensor, scale: float) -> Tensor:
    return F.interpolate(image, scale_factor=scale, mode="bilinear", align_corners=False, recompute_scale_factor=False)


def _running_sum(image: Tensor, size: int, axis: int) -> Tensor:
    """Sum over `size` neighbours along an axis by doubling: a handful of additions, fast in every runtime."""
    total, width = image, 1
    # Cuts counted from the end need no shape arithmetic in the exported graph.
    cut = lambda tensor, start, stop: tensor[:, :, start:stop] if axis == 2 else tensor[:, :, :, start:stop]
    while 2 * width <= size:
        total = cut(total, 0, -width) + cut(total, width, None)
        width *= 2
    parts = cut(total, 0, width - size) if width < size else total
    for done in range(width, size):
        parts = parts + cut(image, done, done - size + 1 or None)
    return parts


def box(image: Tensor, size: int) -> Tensor:
    """Mean over size x size pixels, border repeated. Running sums are ten times faster in PyTorch; in onnxruntime pooling wins."""
    padded = F.pad(image, (size // 2,) * 4, mode="replicate")
    if torch.onnx.is_in_onnx_export():
        return F.avg_pool2d(padded, size, 1)
    return _running_sum(_running_sum(padded, size, 2), size, 3) * (1 / (size * size))


def unit(feature: Tensor) -> Tensor:
    """Scale the channel vector to length 1."""
    return feature * torch.rsqrt((feature * feature).sum(1, keepdim=True) + 1e-6)


def global_correlation(first: Tensor, second: Tensor) -> Tensor:
    """[B,C,H,W] x2 -> [B,HW,HW] dot products."""
    return first.flatten(2).transpose(1, 2) @ second.flatten(2)


def local_correlation(first: Tensor, second: Tensor, radius: int) -> Tensor:
    """Dot products with the (2r+1)^2 neighbours, [B,(2r+1)^2,H,W], rows of dy outermost.

    One MatMul per dy gives every pair of a row; the wanted band is cut out by giving the flat rows one more column.
    """
    height, width = first.shape[-2:]
    side = 2 * radius + 1
    queries = first.permute(0, 2, 3, 1)
    keys = F.pad(second, (radius,) * 4, mode="replicate").permute(0, 2, 1, 3)
    bands = []
    for dy in range(side):
        row = queries @ keys[:, dy : dy + height]
        row = F.pad(row.flatten(2), (0, width)).reshape(-1, height, width, width + side)
        bands.append(row[..., :side])
    return torch.cat(bands, 3).permute(0, 3, 1, 2)


def window_offsets(radius: int) -> Tensor:
    """[2,(2r+1)^2,1,1] (dx, dy) in the order of local_correlation."""
    line = torch.arange(-radius, radius + 1, dtype=torch.float32)
    dy, dx = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([dx.flatten(), dy.flatten()])[:, :, None, None]


def bilinear_upsampling_logits(factor: int) -> Tensor:
    """[9*factor^2] logits over the 3x3 coarse neighbours with which convex upsampling starts as bilinear."""
    place = (torch.arange(factor) + 0.5) / factor - 0.5
    line = torch.clamp(1 - (place[None] - torch.tensor([-1.0, 0.0, 1.0])[:, None]).abs(), min=0)
    weight = line[:, None, :, None] * line[None, :, None, :]
    return torch.log(weight + 2e-3).reshape(-1)


def convex_upsample(field: Tensor, logits: Tensor, factor: int) -> Tensor:
    """Each fine pixel is a convex mix of its 3x3 coarse neighbours; field [B,C,h,w] -> [B,C,h*f,w*f]."""
    batch, channels, height, width = field.shape
    padded = F.pad(field, (1, 1, 1, 1), mode="replicate")
    shares = torch.softmax(logits.reshape(-1, 9, factor * factor, height, width), 1)
    total = 0
    for index in range(9):
        dy, dx = divmod(index, 3)
        total = total + shares[:, index].unsqueeze(1) * padded[:, :, dy : dy + height, dx : dx + width].unsqueeze(2)
    return F.pixel_shuffle(total.reshape(-1, channels * factor * factor, height, width), factor)


def cosine_basis(size: int, count: int, *, decay: float = 6.0) -> Tensor:
    """The `count` slowest cosine patterns but the constant on size x size pixels under a Gaussian, [count,1,size,size].

    Fast patterns count less, since a cell is sampled off its true place by up to half a cell.
    """
    place = (torch.arange(size) + 0.5) / size
    order = sorted(((u * u + v * v, u, v) for u in range(8) for v in range(8) if u + v))[:count]
    bell = torch.exp(-0.5 * ((place - 0.5) / 0.28) ** 2)
    bell = bell[None] * bell[:, None]
    rows = []
    for speed, u, v in order:
        wave = torch.cos(math.pi * u * place)[None, :] * torch.cos(math.pi * v * place)[:, None] * bell
        wave = wave - bell * (wave.sum() / bell.sum())
        rows.append(wave / wave.norm() / (1 + speed / decay))
    return torch.stack(rows)[:, None]
