"""Exact ray-caster for affine images of unit solids: colour, depth, material points, flow and visibility.

Every solid is a unit box, sphere or cylinder moved by one affine map per frame (x = A_t q + c_t), so a surface point
keeps its material coordinate q for ever and flow, tracks and masks follow from q without any estimation.
Axes are OpenCV's: x right, y down, z forward. Pixel centres are at +0.5.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

BOX, SPHERE, CYLINDER = 0, 1, 2
FAR = 1e9


@dataclass(frozen=True, kw_only=True)
class Solids:
    """P solids over T frames."""

    kind: Tensor
    """i64 [P]"""
    affine: Tensor
    """f32 [T,P,3,3], unit solid -> world"""
    centre: Tensor
    """f32 [T,P,3] world"""
    texture: Tensor
    """i64 [P], index into the bank"""
    scale: Tensor
    """f32 [P], texture tiles per unit of length"""
    gloss: Tensor
    """f32 [P] 0..1"""
    emits: Tensor
    """f32 [P] share of the light that does not depend on shading"""
    moving: Tensor
    """bool [P], moves at some time of the clip"""


@dataclass(frozen=True, kw_only=True)
class Cameras:
    """One pinhole per frame; the focal length fx = fy is in px of the given size."""

    width: int
    height: int
    focal: Tensor
    """f32 [T]"""
    rotation: Tensor
    """f32 [T,3,3] camera to world"""
    centre: Tensor
    """f32 [T,3] world"""

    def rays(self, frame: int, uv: Tensor) -> Tensor:
        """World directions [M,3] with camera depth 1 through pixels uv [M,2]."""
        middle = uv.new_tensor([self.width / 2, self.height / 2])
        return torch.cat([(uv - middle) / self.focal[frame], torch.ones_like(uv[:, :1])], 1) @ self.rotation[frame].T

    def project(self, frame: int, points: Tensor) -> tuple[Tensor, Tensor]:
        """World points [M,3] -> uv [M,2] px and depth [M]."""
        local = (points - self.centre[frame]) @ self.rotation[frame]
        depth = local[:, 2]
        safe = torch.where(depth.abs() < 1e-6, torch.full_like(depth, 1e-6), depth)
        return local[:, :2] / safe[:, None] * self.focal[frame] + local.new_tensor([self.width / 2, self.height / 2]), depth

    def pixels(self, subdivision: int = 1) -> Tensor:
        """Centres of all (sub)pixels, row by row, [H*W*subdivision^2,2]."""
        step = 1 / subdivision
        y = (torch.arange(self.height * subdivision, device=self.focal.device) + 0.5) * step
        x = (torch.arange(self.width * subdivision, device=self.focal.device) + 0.5) * step
        return torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], -1).reshape(-1, 2)


def _enter(kind: int, origin: Tensor, ray: Tensor) -> Tensor:
    """Smallest positive ray parameter at which a unit solid's surface is met (from inside too); FAR where it is missed."""
    far = torch.full_like(origin[:, 0], FAR)
    if kind == BOX:
        inverse = 1 / torch.where(ray.abs() < 1e-9, torch.full_like(ray, 1e-9), ray)
        one, two = (-1 - origin) * inverse, (1 - origin) * inverse
        low, high = torch.minimum(one, two).amax(1), torch.maximum(one, two).amin(1)
    else:
        axes = slice(0, 3 if kind == SPHERE else 2)
        o, d = origin[:, axes], ray[:, axes]
        a, b, c = (d * d).sum(1) + 1e-12, (o * d).sum(1), (o * o).sum(1) - 1
        root = b * b - a * c
        half = torch.sqrt(torch.clamp(root, min=0))
        low, high = (-b - half) / a, (-b + half) / a
        missed = root < 0
        if kind == CYLINDER:
            z = torch.where(ray[:, 2].abs() < 1e-9, torch.full_like(ray[:, 2], 1e-9), ray[:, 2])
            one, two = (-1 - origin[:, 2]) / z, (1 - origin[:, 2]) / z
            low, high = torch.maximum(low, torch.minimum(one, two)), torch.minimum(high, torch.maximum(one, two))
        low = torch.where(missed, far, low)
    start = torch.where(low > 1e-4, low, high)
    return torch.where((low <= high) & (start > 1e-4), start, far)


def cast(solids: Solids, frame: int, origin: Tensor, ray: Tensor, *, skip: set[int] = frozenset()) -> tuple[Tensor, Tensor]:
    """Nearest hit of rays [M,3]: parameter [M] (FAR = none) and solid index [M] (-1 = none)."""
    affine, centre = solids.affine[frame], solids.centre[frame]
    reach = torch.linalg.norm(affine, dim=1).square().sum(1)
    # A point of the bounding sphere must come near the line: one matrix product sorts out most solids.
    along = (ray @ centre.T - (origin * ray).sum(1, keepdim=True)) / (ray * ray).sum(1, keepdim=True)
    apart = (origin * origin).sum(1, keepdim=True) - 2 * origin @ centre.T + (centre * centre).sum(1)
    near = (apart - along**2 * (ray * ray).sum(1, keepdim=True) < reach * 1.001 + 1e-3) & ((along > 0) | (apart < reach * 1.001))
    best, owner = ray.new_full((len(ray),), FAR), torch.full((len(ray),), -1, dtype=torch.long, device=ray.device)
    inverse = torch.linalg.inv(affine)
    for index, kind in enumerate(solids.kind.tolist()):
        if index in skip:
            continue
        rows = near[:, index].nonzero().squeeze(1)
        if not len(rows):
            continue
        distance = _enter(kind, (origin[rows] - centre[index]) @ inverse[index].T, ray[rows] @ inverse[index].T)
        closer = distance < best[rows]
        best[rows[closer]], owner[rows[closer]] = distance[closer], index
    return best, owner


def material(solids: Solids, frame: int, owner: Tensor, points: Tensor) -> Tensor:
    """World points [M,3] on solids owner [M] -> unit-solid coordinates q [M,3]."""
    inverse = torch.linalg.inv(solids.affine[frame])[owner]
    return (inverse @ (points - solids.centre[frame][owner])[..., None])[..., 0]


def place(solids: Solids, frame: int, owner: Tensor, q: Tensor) -> Tensor:
    """Unit-solid coordinates -> world points at a frame, [M,3]."""
    return (solids.affine[frame][owner] @ q[..., None])[..., 0] + solids.centre[frame][owner]


def normals(solids: Solids, frame: int, owner: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
    """Unit-solid normal and world unit normal, [M,3] each."""
    kind = solids.kind[owner][:, None]
    face = torch.nn.functional.one_hot(q.abs().argmax(1), 3) * q.sign()
    radial = torch.cat([q[:, :2], torch.zeros_like(q[:, :1])], 1)
    caps = torch.cat([torch.zeros_like(q[:, :2]), q[:, 2:].sign()], 1)
    on_cap = (q[:, 2:].abs() > 0.9995) | ((q[:, 2:].abs() - radial.norm(dim=1, keepdim=True)) > 0)
    own = torch.where(kind == BOX, face, torch.where(kind == SPHERE, q, torch.where(on_cap, caps, radial)))
    world = (torch.linalg.inv(solids.affine[frame])[owner].transpose(1, 2) @ own[..., None])[..., 0]
    return own, torch.nn.functional.normalize(world, dim=1)


class TextureBank:
    """K square textures [K,S,S,3] with mip levels in one flat array, sampled trilinearly with mirrored repeat."""

    def __init__(self, pictures: Tensor):
        self.size, self.levels = pictures.shape[1], []
        level = pictures.permute(0, 3, 1, 2)
        while level.shape[-1] >= 4:
            self.levels.append(level.permute(0, 2, 3, 1).reshape(len(level), -1, 3))
            level = torch.nn.functional.avg_pool2d(level, 2)
        self.flat = torch.cat(self.levels, 1)
        self.starts = torch.tensor([0] + [level.shape[1] for level in self.levels[:-1]]).cumsum(0).to(pictures.device)

    def _level(self, index: Tensor, uv: Tensor, level: Tensor) -> Tensor:
        side = self.size >> level
        span = side.float()[:, None]
        x = torch.remainder(uv, 2.0)
        x = torch.where(x > 1, 2 - x, x) * span - 0.5
        low = x.floor()
        share = x - low
        total = 0
        for dy in (0, 1):
            for dx in (0, 1):
                column = (low[:, 0].long() + dx).clamp(min=0).minimum(side - 1)
                row = (low[:, 1].long() + dy).clamp(min=0).minimum(side - 1)
                weight = (share[:, 0] if dx else 1 - share[:, 0]) * (share[:, 1] if dy else 1 - share[:, 1])
                total = total + weight[:, None] * self.flat[index, self.starts[level] + row * side + column]
        return total

    def sample(self, index: Tensor, uv: Tensor, footprint: Tensor) -> Tensor:
        """uv [M,2] in tiles, footprint [M] tiles per pixel -> colour [M,3]."""
        level = torch.log2(torch.clamp(footprint * self.size, min=1)).clamp(max=len(self.levels) - 1.001)
        low = level.floor().long()
        share = (level - low)[:, None]
        return (1 - share) * self._level(index, uv, low) + share * self._level(index, uv, low + 1)


@dataclass(frozen=True, kw_only=True)
class Light:
    sun: Tensor
    """f32 [3] unit direction towards the light"""
    position: Tensor | None
    """f32 [3] a lamp instead of the sun"""
    ambient: float
    sky: Tensor
    """f32 [2,3] zenith and horizon colour"""
    clouds: int
    """texture of the clouds, -1 = none"""


def shade(solids: Solids, bank: TextureBank, light: Light, cameras: Cameras, frame: int, *, subdivision: int = 1, skip_shadow: set[int] = frozenset()) -> Tensor:
    """Colour f32 [H,W,3] in [0,1], averaged over subdivision^2 rays per pixel."""
    ray = cameras.rays(frame, cameras.pixels(subdivision))
    origin = cameras.centre[frame].expand_as(ray)
    distance, owner = cast(solids, frame, origin, ray)
    colour = _sky(light, bank, ray)
    hit = (owner >= 0).nonzero().squeeze(1)
    if len(hit):
        who, depth = owner[hit], distance[hit]
        points = origin[hit] + depth[:, None] * ray[hit]
        q = material(solids, frame, who, points)
        own, normal = normals(solids, frame, who, q)
        view = torch.nn.functional.normalize(ray[hit], dim=1)
        normal = torch.where((normal * view).sum(1, keepdim=True) > 0, -normal, normal)
        # Texture coordinates: the two axes across the dominant normal, in lengths of the first frame.
        size = torch.linalg.norm(solids.affine[0], dim=1)[who]
        axis = own.abs().argmax(1)
        spread = q * size
        uv = torch.stack([torch.where(axis == 0, spread[:, 1], spread[:, 0]), torch.where(axis == 2, spread[:, 1], spread[:, 2])], 1)
        uv = uv * solids.scale[who][:, None] + 0.37 * axis[:, None] + 0.11 * who[:, None]
        slant = (normal * view).sum(1).abs().clamp(min=0.12)
        footprint = depth / cameras.focal[frame] / subdivision / slant.sqrt() * solids.scale[who]
        albedo = bank.sample(solids.texture[who], uv, footprint)
        towards = light.sun.expand_as(points) if light.position is None else torch.nn.functional.normalize(light.position - points, dim=1)
        start = points + 2e-3 * depth[:, None].clamp(min=0.2) * normal
        blocked, _ = cast(solids, frame, start, towards, skip=skip_shadow)
        limit = FAR / 2 if light.position is None else torch.linalg.norm(light.position - points, dim=1)
        lit = (blocked > limit).float() if light.position is not None else (blocked > FAR / 2).float()
        lambert = (normal * towards).sum(1).clamp(min=0) * lit
        half = torch.nn.functional.normalize(towards - view, dim=1)
        shine = (normal * half).sum(1).clamp(min=0) ** 40 * lit * solids.gloss[who]
        soft = light.ambient * (0.75 - 0.25 * normal[:, 1])
        glow = solids.emits[who]
        colour[hit] = albedo * (glow + (1 - glow) * (soft + (1 - light.ambient) * 1.15 * lambert))[:, None] + 0.6 * shine[:, None]
    image = colour.clamp(0, 1).reshape(cameras.height, subdivision, cameras.width, subdivision, 3)
    return image.mean((1, 3))


def _sky(light: Light, bank: TextureBank, ray: Tensor) -> Tensor:
    direction = torch.nn.functional.normalize(ray, dim=1)
    up = (-direction[:, 1]).clamp(0, 1)[:, None]
    colour = light.sky[1] + (light.sky[0] - light.sky[1]) * up.sqrt()
    if light.clouds >= 0:
        flat = direction[:, [0, 2]] / (direction[:, 1:2].abs() + 0.25)
        index = torch.full((len(ray),), light.clouds, device=ray.device)
        colour = colour + (bank.sample(index, flat * 0.3, torch.full((len(ray),), 4e-3, device=ray.device)).mean(1, keepdim=True) - 0.4).clamp(min=0) * up.clamp(max=0.5)
    return colour


@dataclass(frozen=True, kw_only=True)
class Surface:
    """What each pixel centre of a frame sees, flat over H*W."""

    depth: Tensor
    """z-depth, 0 = sky"""
    owner: Tensor
    """solid, -1 = sky"""
    q: Tensor
    """material coordinate"""


def trace(solids: Solids, cameras: Cameras, frame: int, uv: Tensor) -> Surface:
    """Exact surface under pixels uv [M,2]."""
    ray = cameras.rays(frame, uv)
    origin = cameras.centre[frame].expand_as(ray)
    distance, owner = cast(solids, frame, origin, ray)
    safe = owner.clamp(min=0)
    q = material(solids, frame, safe, origin + distance.clamp(max=1e6)[:, None] * ray)
    return Surface(depth=torch.where(owner >= 0, distance, torch.zeros_like(distance)), owner=owner, q=q)


def follow(solids: Solids, cameras: Cameras, surface: Surface, source: int, frame: int, uv: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where the surface points seen at uv in `source` are at `frame`: uv [M,2], depth [M] (sky 0), world [M,3]. Sky turns with the camera."""
    sky = surface.owner < 0
    world = place(solids, frame, surface.owner.clamp(min=0), surface.q)
    far = cameras.centre[frame] + 1e5 * cameras.rays(source, uv)
    target, depth = cameras.project(frame, torch.where(sky[:, None], far, world))
    return target, depth, world


def seen(solids: Solids, cameras: Cameras, frame: int, owner: Tensor, world: Tensor, uv: Tensor, depth: Tensor) -> Tensor:
    """bool [M]: inside the picture and nothing in front (a ray is cast at the exact position)."""
    inside = (uv[:, 0] >= 0) & (uv[:, 1] >= 0) & (uv[:, 0] <= cameras.width) & (uv[:, 1] <= cameras.height) & (depth > 1e-3)
    result = torch.zeros_like(inside)
    rows = inside.nonzero().squeeze(1)
    if len(rows):
        met = trace(solids, cameras, frame, uv[rows])
        sky = owner[rows] < 0
        result[rows] = torch.where(sky, met.owner < 0, (met.depth - depth[rows]).abs() < 5e-3 * depth[rows] + 1e-3)
    return result
