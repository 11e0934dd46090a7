"""Random 4D scenes: rooms and open ground, many things at rest, a few that move, a camera that somebody holds."""

from dataclasses import dataclass, field, replace

import numpy as np
import torch

from .render import BOX, CYLINDER, SPHERE, Cameras, Light, Solids


def turn(axis: str, angle: np.ndarray | float) -> np.ndarray:
    """Rotation matrices [...,3,3] about x, y or z."""
    angle = np.asarray(angle, float)
    c, s, one, zero = np.cos(angle), np.sin(angle), np.ones_like(angle), np.zeros_like(angle)
    rows = {"x": [one, zero, zero, zero, c, -s, zero, s, c], "y": [c, zero, s, zero, one, zero, -s, zero, c], "z": [c, -s, zero, s, c, zero, zero, zero, one]}[axis]
    return np.stack(rows, -1).reshape(*angle.shape, 3, 3)


def look_at(centre: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Camera-to-world rotation [T,3,3] with the horizon level; y points down."""
    z = target - centre
    z /= np.linalg.norm(z, axis=-1, keepdims=True)
    x = np.cross(np.broadcast_to([0.0, 1.0, 0.0], z.shape), z)
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    return np.stack([x, np.cross(z, x), z], -1)


def smooth_path(rng: np.random.Generator, frames: int, *, knots: int = 4, size: float = 1.0) -> np.ndarray:
    """A smooth random curve [T,3] that starts at 0."""
    points = rng.normal(0, size, (knots + 2, 3)).cumsum(0)
    at = np.linspace(1, knots, frames)
    low = np.clip(at.astype(int), 1, knots - 1)
    s = (at - low)[:, None]
    a, b, c, d = (points[low + k] for k in (-1, 0, 1, 2))
    curve = 0.5 * (2 * b + (c - a) * s + (2 * a - 5 * b + 4 * c - d) * s**2 + (3 * b - a - 3 * c + d) * s**3)
    return curve - curve[0]


@dataclass
class Builder:
    """Collects solids; every one belongs to a thing with a pose per frame."""

    frames: int
    textures: int
    rng: np.random.Generator
    kind: list = field(default_factory=list)
    affine: list = field(default_factory=list)
    centre: list = field(default_factory=list)
    look: list = field(default_factory=list)

    def add(self, kind: int, size, at, *, turned: np.ndarray | None = None, pose: tuple[np.ndarray, np.ndarray] | None = None, texture: int | None = None, scale: float | None = None, gloss: float = 0.0, emits: float = 0.0) -> None:
        """A solid with half-sizes `size` at `at` in its thing's frame; pose = (affine [T,3,3], centre [T,3]) of a moving thing."""
        local = (np.eye(3) if turned is None else turned) @ np.diag(size)
        outer, middle = pose if pose else (np.broadcast_to(np.eye(3), (self.frames, 3, 3)), np.zeros((self.frames, 3)))
        self.kind.append(kind)
        self.affine.append(outer @ local)
        self.centre.append(middle + outer @ np.asarray(at, float))
        texture = self.rng.integers(self.textures) if texture is None else texture
        scale = np.exp(self.rng.uniform(np.log(0.4), np.log(2.5))) / max(np.median(size), 0.15) ** 0.5 * 0.6 if scale is None else scale
        self.look.append((texture, scale, gloss, emits))

    def freeze(self, first: int) -> None:
        """The solids from `first` on stay as they are in the middle of the clip."""
        middle = self.frames // 2
        for poses in (self.affine, self.centre):
            poses[first:] = [np.broadcast_to(pose[middle], pose.shape) for pose in poses[first:]]

    def solids(self) -> Solids:
        look = np.array(self.look)
        as_float = lambda array: torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))
        affine, centre = as_float(np.stack(self.affine, 1)), as_float(np.stack(self.centre, 1))
        moved = (affine - affine[:1]).abs().amax((0, 2, 3)) + (centre - centre[:1]).abs().amax((0, 2)) > 1e-5
        return Solids(kind=torch.tensor(self.kind), affine=affine, centre=centre, texture=torch.from_numpy(look[:, 0]).long(), scale=as_float(look[:, 1]), gloss=as_float(look[:, 2]), emits=as_float(look[:, 3]), moving=moved)


def add_table(builder: Builder, at: np.ndarray, size: np.ndarray, yaw: float, texture: int) -> None:
    around = turn("y", yaw)
    height, thick = size[1] * 2, 0.03
    builder.add(BOX, [size[0], thick, size[2]], at + [0, -height, 0], turned=around, texture=texture)
    for x in (-0.9, 0.9):
        for z in (-0.9, 0.9):
            builder.add(CYLINDER, [0.03, 0.03, height / 2], at + around @ [x * size[0], -height / 2, z * size[2]], turned=turn("x", np.pi / 2), texture=texture)


def add_tree(builder: Builder, at: np.ndarray, height: float) -> None:
    builder.add(CYLINDER, [0.06 * height, 0.06 * height, 0.3 * height], at + [0, -0.3 * height, 0], turned=turn("x", np.pi / 2))
    texture = builder.rng.integers(builder.textures)
    for _ in range(builder.rng.integers(1, 4)):
        builder.add(SPHERE, height * builder.rng.uniform(0.15, 0.32, 3), at + [*(builder.rng.normal(0, 0.1 * height, 2)), 0] + [0, -0.75 * height, 0], texture=texture, scale=1.5)


def _clutter(builder: Builder, at: np.ndarray, size: float) -> None:
    """Something at rest that stands on the ground point `at` (y of the ground)."""
    rng = builder.rng
    kind = rng.choice(["box", "sphere", "cylinder", "ellipsoid", "table", "tower"], p=[0.35, 0.1, 0.2, 0.1, 0.15, 0.1])
    half = size * rng.uniform(0.4, 1.2, 3)
    yaw, gloss = rng.uniform(0, 6.28), (rng.uniform(0.2, 0.8) if rng.random() < 0.25 else 0)
    if kind == "box":
        builder.add(BOX, half, at - [0, half[1], 0], turned=turn("y", yaw), gloss=gloss)
    elif kind == "sphere":
        builder.add(SPHERE, [half[0]] * 3, at - [0, half[0], 0], gloss=gloss)
    elif kind == "cylinder":
        builder.add(CYLINDER, [half[0], half[0], half[1]], at - [0, half[1], 0], turned=turn("x", np.pi / 2), gloss=gloss)
    elif kind == "ellipsoid":
        builder.add(SPHERE, half, at - [0, half[1], 0], turned=turn("y", yaw), gloss=gloss)
    elif kind == "table":
        add_table(builder, at, half, yaw, rng.integers(builder.textures))
    else:
        y = 0.0
        for _ in range(rng.integers(2, 4)):
            part = half * rng.uniform(0.4, 0.9)
            builder.add(rng.choice([BOX, SPHERE]), part, at - [0, y + part[1], 0], turned=turn("y", rng.uniform(0, 6.28)), gloss=gloss)
            y += 2 * part[1]


def _on_board(builder: Builder, place, half_width: float, half_depth: float, room: float, unit: float) -> None:
    """A loose row of small things on a board: `place(x, y, z)` is a point above the middle of the board, y up."""
    rng, x = builder.rng, -half_width
    while (x := x + unit * rng.uniform(0.5, 3)) < half_width:
        half = unit * rng.uniform(0.3, 1.1, 3)
        half[1] = min(half[1] * rng.uniform(0.6, 2), 0.48 * room)
        kind = rng.choice([BOX, CYLINDER, SPHERE], p=[0.6, 0.28, 0.12])
        if kind != BOX:
            half[2] = half[0]
        at = place(x, half[1], rng.uniform(-0.7, 0.7) * max(half_depth - half[2], 0))
        turned = turn("y", rng.choice([0, rng.uniform(0, 6.28)]))
        builder.add(kind, [half[0], half[2], half[1]] if kind == CYLINDER else half, at, turned=turn("x", np.pi / 2) if kind == CYLINDER else turned, gloss=rng.choice([0, rng.uniform(0, 0.7)]))
        x += half[0]


def _furniture(builder: Builder, room: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cupboards, shelves, a desk or a sofa along a wall of a room of half-sizes `room`; gives a point worth a look and the way out of the wall."""
    rng = builder.rng
    angle = rng.integers(4) * np.pi / 2
    around = turn("y", angle)
    out = around @ np.array([0, 0, -1.0])
    deep = room[2] if angle in (0, np.pi) else room[0]
    wide = min(rng.uniform(0.5, 1.8), room[0] if angle in (0, np.pi) else room[2])
    along = rng.uniform(-1, 1) * ((room[0] if angle in (0, np.pi) else room[2]) - wide)
    # x along the wall, y up from the floor, z out of the wall.
    place = lambda x, y, z: around @ np.array([along + x, room[1] - y, deep - z])
    texture, other = rng.integers(builder.textures, size=2)

    def box(x: tuple, y: tuple, z: tuple, look: int, gloss: float = 0.0) -> None:
        ends = np.array([x, y, z], float)
        builder.add(BOX, (ends[:, 1] - ends[:, 0]) / 2, place(*ends.mean(1)), turned=around, texture=look, gloss=gloss)

    kind = rng.choice(["cupboards", "shelf", "desk", "sofa"], p=[0.35, 0.3, 0.2, 0.15])
    if kind == "cupboards":
        tall, depth, gloss = rng.uniform(0.6, 1.0), rng.uniform(0.4, 0.65), rng.choice([0, rng.uniform(0, 0.6)])
        doors = rng.integers(1, 6)
        for left in np.linspace(-wide, wide, doors + 1)[:-1]:
            box((left + 0.01, left + 2 * wide / doors - 0.01), (0.08, tall), (0, depth + rng.choice([0, 0.02])), texture, gloss)
        box((-wide, wide), (tall, tall + 0.04), (0, depth + 0.03), other, gloss)
        _on_board(builder, lambda x, y, z: place(x, tall + 0.04 + y, depth / 2 + z), wide, depth / 2, 0.6, rng.uniform(0.06, 0.18))
        if rng.random() < 0.5:
            box((-wide * rng.uniform(0.3, 1), wide), (tall + rng.uniform(0.45, 0.7), 2 * room[1] - rng.choice([0, 0.3])), (0, rng.uniform(0.25, 0.4)), texture, gloss)
        middle = place(0, tall, depth)
    elif kind == "shelf":
        tall, depth, boards = rng.uniform(0.7, 2.1), rng.uniform(0.22, 0.5), rng.integers(2, 6)
        for side in (-wide, wide - 0.03):
            box((side, side + 0.03), (0, tall), (0, depth), texture)
        if rng.random() < 0.6:
            box((-wide, wide), (0, tall), (0, 0.02), texture)
        step = tall / boards
        for level in range(boards + 1):
            box((-wide, wide), (level * step, level * step + 0.025), (0, depth), texture)
            if level and rng.random() < 0.8:
                _on_board(builder, lambda x, y, z: place(x, level * step + 0.025 + y, depth / 2 + z), wide - 0.05, depth / 2, step if level < boards else 0.5, rng.uniform(0.05, 0.14))
        middle = place(0, rng.uniform(0.3, 0.9) * tall, depth)
    elif kind == "desk":
        tall, depth, gap = rng.uniform(0.6, 0.85), rng.uniform(0.4, 0.8), rng.choice([0.05, rng.uniform(0, 1.5)])
        add_table(builder, place(0, 0, gap + depth / 2), np.array([wide, tall / 2, depth / 2]), angle, texture)
        _on_board(builder, lambda x, y, z: place(x, tall + 0.03 + y, gap + depth / 2 + z), wide, depth / 2, 0.7, rng.uniform(0.06, 0.2))
        middle = place(0, tall, gap + depth / 2)
    else:
        seat, back, depth, arm = rng.uniform(0.3, 0.5), rng.uniform(0.6, 1.1), rng.uniform(0.7, 1.0), rng.uniform(0.1, 0.25)
        box((-wide, wide), (0.05, seat), (0, depth), texture)
        box((-wide, wide), (seat, back), (0, 0.25), texture)
        if rng.random() < 0.7:
            for side in (-wide, wide - arm):
                box((side, side + arm), (0.05, seat + 0.2), (0, depth), texture)
        _on_board(builder, lambda x, y, z: place(x, seat + y, depth / 2 + z), wide - arm, depth / 3, 0.5, rng.uniform(0.12, 0.22))
        middle = place(0, seat, depth)
    return middle, out


def _progress(rng: np.random.Generator, frames: int) -> np.ndarray:
    """Monotone 0..1 along the clip: even, easing, or at rest for a part of it."""
    s = np.linspace(0, 1, frames)
    kind = rng.random()
    if kind < 0.5:
        return s
    if kind < 0.7:
        return s * s * (3 - 2 * s)
    start = rng.uniform(0.2, 0.6)
    return np.clip((s - start) / (1 - start), 0, 1) if kind < 0.9 else np.clip(s / start, 0, 1)


def _mover(builder: Builder, at: np.ndarray, size: float, travel: float, *, heading: float | None = None, kind: str | None = None) -> np.ndarray:
    """A thing that slides, rolls, turns, bounces, sways, breathes, walks, trots or waves; at rest for a while now and then. Gives how it goes over the ground, [T,3]."""
    rng, frames = builder.rng, builder.frames
    s = _progress(rng, frames)
    heading = rng.uniform(0, 6.28) if heading is None else heading
    way = np.stack([np.cos(heading) * s, 0 * s, np.sin(heading) * s], -1) * travel * rng.uniform(0.4, 1.5)
    way -= way[-1] * 0.5
    gloss = rng.uniform(0.2, 0.8) if rng.random() < 0.3 else 0
    kind = kind or rng.choice(["slide", "roll", "spin", "bounce", "sway", "breathe", "walk", "trot", "flag", "fly"])
    half = size * rng.uniform(0.5, 1.2, 3)
    still = np.broadcast_to(np.eye(3), (frames, 3, 3))
    if kind == "slide":
        builder.add(BOX, half, [0, -half[1], 0], pose=(still @ turn("y", heading), at + way), gloss=gloss)
        builder.add(BOX, half * [0.6, 0.4, 0.6], [0, -2.4 * half[1], 0], pose=(still @ turn("y", heading), at + way), gloss=gloss)
    elif kind == "roll":
        radius = half[0]
        rolled = turn("y", -heading) @ turn("z", s * travel / radius * 0.8) @ turn("y", heading)
        builder.add(SPHERE, [radius] * 3, [0, 0, 0], pose=(rolled, at + way - [0, radius, 0]), gloss=gloss)
    elif kind == "spin":
        angle = s * rng.choice([-1, 1]) * rng.uniform(0.3, 1.8) * min(1, travel * 2)
        builder.add(rng.choice([BOX, SPHERE]), half, [0, -half[1], 0], pose=(turn("y", angle), at + 0.2 * way), gloss=gloss)
    elif kind == "bounce":
        height = np.abs(np.sin(s * np.pi * rng.uniform(0.5, 2))) * travel * rng.uniform(0.3, 0.8)
        centre = at + way - np.stack([0 * s, half[0] + height, 0 * s], -1)
        builder.add(SPHERE, [half[0]] * 3, [0, 0, 0], pose=(turn("z", s * rng.uniform(-2, 2)), centre), gloss=gloss)
    elif kind == "sway":
        lean = np.repeat(np.eye(3)[None], frames, 0)
        lean[:, 0, 1] = np.sin(s * rng.uniform(1, 4)) * rng.uniform(0.2, 0.6)
        tall = half[1] * 2
        builder.add(CYLINDER, [0.15 * half[0], 0.15 * half[0], tall / 2], [0, -tall / 2, 0], turned=turn("x", np.pi / 2), pose=(lean, at + 0 * way))
        builder.add(SPHERE, half * 0.8, [0, -tall, 0], pose=(lean, at + 0 * way))
    elif kind == "breathe":
        swell = 1 + 0.35 * np.sin(s * rng.uniform(1.5, 4))[:, None] * rng.uniform(-1, 1, 3)
        builder.add(SPHERE, half, [0, -half[1], 0], pose=(swell[..., None] * np.eye(3), at + 0.3 * way))
    elif kind == "walk":
        tall = size * 3.5
        facing = still @ turn("y", -heading)
        swing = np.sin(s * travel / tall * 6 + rng.uniform(0, 6)) * 0.6
        builder.add(SPHERE, [0.14 * tall, 0.22 * tall, 0.1 * tall], [0, -0.65 * tall, 0], pose=(facing, at + way))
        builder.add(SPHERE, [0.08 * tall] * 3, [0, -0.93 * tall, 0], pose=(facing, at + way))
        for side in (-1, 1):
            leg = facing @ turn("z", side * swing)
            hip = at + way + facing @ np.array([0, -0.46 * tall, side * 0.07 * tall])
            builder.add(BOX, [0.05 * tall, 0.23 * tall, 0.05 * tall], [0, 0.23 * tall, 0], pose=(leg, hip))
    elif kind == "trot":
        tall, pose = 1.6 * size, (still @ turn("y", -heading), at + way)
        coat, swing = rng.integers(builder.textures), np.sin(s * travel / tall * 6 + rng.uniform(0, 6)) * 0.6
        builder.add(SPHERE, [0.65 * tall, 0.26 * tall, 0.2 * tall], [0, -0.75 * tall, 0], pose=pose, texture=coat)
        builder.add(SPHERE, [0.2 * tall, 0.14 * tall, 0.13 * tall], [0.75 * tall, -rng.uniform(0.8, 1.1) * tall, 0], pose=pose, texture=coat)
        for front in (-1, 1):
            for side in (-1, 1):
                hip = at + way + pose[0] @ np.array([front * 0.45 * tall, -0.6 * tall, side * 0.12 * tall])
                builder.add(CYLINDER, [0.06 * tall, 0.06 * tall, 0.3 * tall], [0, 0.3 * tall, 0], turned=turn("x", np.pi / 2), pose=(pose[0] @ turn("z", front * side * swing), hip), texture=coat)
    elif kind == "flag":
        # Strips of cloth beside a pole at rest, each farther out and later in the wave.
        tall, strips, cloth = 5 * size, 7, rng.integers(builder.textures)
        builder.add(CYLINDER, [0.06 * size, 0.06 * size, tall / 2], at + [0, -tall / 2, 0], turned=turn("x", np.pi / 2))
        wide, phase, swing = rng.uniform(0.2, 0.4) * size, s * rng.uniform(2, 7) + rng.uniform(0, 6), rng.uniform(0.1, 0.35) * size
        facing = still @ turn("y", -heading)
        for k in range(strips):
            aside = swing * k / strips * np.sin(phase - 0.9 * k)
            edge = at + facing @ np.array([(2 * k + 1) * wide, -tall + 0.9 * size, 0]) + np.stack([-np.sin(heading) * aside, 0.2 * aside, np.cos(heading) * aside], -1)
            lean = turn("y", 0.8 * swing / wide * k / strips * np.cos(phase - 0.9 * k) - heading)
            builder.add(BOX, [1.05 * wide, 0.8 * size, 0.03 * size], [0, 0, 0], pose=(lean, edge), texture=cloth, scale=0.4 / size)
        way = 0 * way
    else:
        angle = s * rng.uniform(-2, 2)
        curve = smooth_path(rng, frames, size=travel * 0.25)
        builder.add(rng.choice([BOX, SPHERE, CYLINDER]), half, [0, 0, 0], pose=(turn("y", angle) @ turn("x", 0.7 * angle), at + curve - [0, rng.uniform(1, 4) * size, 0]), gloss=gloss)
        way = curve
    return way


def _street(builder: Builder, speed: float) -> tuple[np.ndarray, np.ndarray]:
    """A street along z with fronts, parked things, poles and traffic; gives the camera's path [T,3] and its targets [T,3]."""
    rng = builder.rng
    half, length = rng.uniform(3, 9), 80.0
    builder.add(BOX, [300, 1, 300], [0, 1, 0], scale=np.exp(rng.uniform(np.log(0.08), np.log(0.5))))
    for side in (-1, 1):
        walk = rng.uniform(0.8, 3)
        builder.add(BOX, [walk / 2, 0.06, length], [side * (half + walk / 2), -0.06, 0], scale=rng.uniform(0.2, 0.8))
        z = -10.0
        while z < length:
            deep, tall, back = rng.uniform(2, 8), rng.uniform(1.2, 6), rng.uniform(0, 3)
            if rng.random() < 0.75:
                builder.add(BOX, [4, tall, deep], [side * (half + walk + 4 + back), -tall, z + deep], scale=rng.uniform(0.1, 0.5))
            z += 2 * deep + rng.uniform(0, 4)
        for _ in range(rng.integers(0, 7)):
            builder.add(BOX, [0.85, rng.uniform(0.5, 0.9), rng.uniform(1.2, 2.4)], [side * (half - 1), -0.7, rng.uniform(2, 40)])
        for _ in range(rng.integers(0, 6)):
            tall = rng.uniform(0.5, 3)
            builder.add(CYLINDER, [0.08, 0.08, tall], [side * (half + 0.3), -tall, rng.uniform(2, 40)], turned=turn("x", np.pi / 2))
        for _ in range(rng.integers(0, 3)):
            add_tree(builder, np.array([side * (half + 0.6), 0, rng.uniform(4, 40)]), rng.uniform(3, 6))
    for _ in range(rng.integers(0, 6)):
        ahead = rng.uniform(4, 25)
        if rng.random() < 0.5:
            _mover(builder, np.array([rng.uniform(-0.7, 0.7) * half, 0, ahead]), rng.uniform(0.7, 1.3), speed * rng.uniform(1, 7), heading=rng.choice([-1, 1]) * np.pi / 2, kind="slide")
        else:
            crosses = rng.random() < 0.5
            at = np.array([rng.uniform(-0.8, 0.8) * half if crosses else rng.choice([-1, 1]) * (half + 0.6), 0, ahead])
            _mover(builder, at, rng.uniform(0.4, 0.6), speed * rng.uniform(0.5, 2.5), heading=(0 if crosses else np.pi / 2) + rng.normal(0, 0.3), kind=rng.choice(["walk", "walk", "roll"]))
    s = np.linspace(0, 1, builder.frames)[:, None]
    ways = rng.choice(["drive", "stand", "side"], p=[0.7, 0.15, 0.15])
    drive = {"drive": np.array([rng.normal(0, 0.03), 0, rng.choice([1, 1, 1, -1]) * rng.uniform(0.5, 7)]), "stand": np.zeros(3), "side": np.array([rng.uniform(-2, 2), 0, rng.uniform(-0.5, 0.5)])}[ways]
    centre = np.array([rng.uniform(-0.6, 0.6) * half, -rng.uniform(0.8, 2.2), 0.0]) + speed * drive * s + smooth_path(rng, builder.frames, size=0.03 * speed)
    target = centre + [rng.normal(0, 2), rng.normal(0.3, 0.6), 12] + np.array([rng.normal(0, 2.5), 0, 0]) * speed * s
    return centre, target


@dataclass(frozen=True, kw_only=True)
class SceneConfig:
    frames: int = 8
    width: int = 256
    height: int = 160
    textures: int = 64
    speed: float = 1.0
    """Scales camera and thing motion between the first and the last frame."""
    subjects: float = 0.35
    """Share of rooms and open grounds with a moving thing that the picture is about: near, large, perhaps followed by the camera."""
    resting: float = 0.25
    """Share of those subjects that rest while the camera goes round them: not everything that is filmed moves."""


def sample_scene(rng: np.random.Generator, config: SceneConfig) -> tuple[Solids, Cameras, Light, set[int]]:
    """A random scene; the set names the solids that throw no shadow (the shell of a room)."""
    builder = Builder(config.frames, config.textures, rng)
    place = rng.random()
    indoor = place < 0.4
    speed = config.speed * np.exp(rng.uniform(np.log(0.15), np.log(1.5)))
    if place > 0.75:
        centre, target = _street(builder, speed)
        cameras = _camera(config, np.deg2rad(rng.uniform(40, 100)), look_at(centre, target) @ turn("z", rng.normal(0, 0.03)), centre)
        return builder.solids(), cameras, _light(rng, config, None), set()
    if indoor:
        half = np.array([rng.uniform(1.8, 4.5), rng.uniform(1.2, 1.8), rng.uniform(2, 5)])
        floor, reach = half[1], half
        for axis in range(3):
            for side in (-1, 1):
                size, at = half.copy() + 0.2, np.zeros(3)
                size[axis], at[axis] = 0.1, side * (half[axis] + 0.1)
                builder.add(BOX, size, at, scale=np.exp(rng.uniform(np.log(0.12), np.log(0.8))))
        shell = set(range(6))
        for _ in range(rng.integers(1, 7)):
            side, wall = rng.choice([-1, 1]), rng.choice([0, 2])
            at = rng.uniform(-0.8, 0.8, 3) * half
            size = np.array([rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.6), rng.uniform(0.2, 0.8)])
            at[wall], size[wall] = side * half[wall], rng.uniform(0.02, 0.3)
            at[1] = rng.uniform(-0.5, 0.2) * half[1]
            builder.add(BOX, size, at, gloss=rng.uniform(0, 0.6))
        spots = [_furniture(builder, half) for _ in range(rng.integers(0, 5))]
        count, unit = rng.integers(2, 12), 0.3
    else:
        floor, reach = 0.0, np.array([6.0, 2.0, 9.0]) * rng.uniform(0.7, 2.5)
        builder.add(BOX, [300, 1, 300], [0, 1, 0], scale=np.exp(rng.uniform(np.log(0.05), np.log(0.4))))
        shell = set()
        for _ in range(rng.integers(0, 9)):
            away = rng.uniform(1, 5) * np.linalg.norm(reach)
            angle = rng.uniform(0, 6.28)
            tall = rng.uniform(2, 9)
            builder.add(BOX, [rng.uniform(1, 7), tall, rng.uniform(1, 7)], [away * np.cos(angle), -tall, away * np.sin(angle)], turned=turn("y", rng.uniform(0, 6.28)), scale=rng.uniform(0.08, 0.4))
        for _ in range(rng.integers(0, 5)):
            angle, away = rng.uniform(0, 6.28), rng.uniform(60, 200)
            builder.add(SPHERE, [rng.uniform(20, 70), rng.uniform(4, 25), rng.uniform(20, 70)], [away * np.cos(angle), 0, away * np.sin(angle)], scale=0.03)
        for _ in range(rng.integers(0, 7)):
            add_tree(builder, np.array([*(rng.uniform(-2, 2, 1) * reach[0]), floor, *(rng.uniform(-2, 2, 1) * reach[2])]), rng.uniform(2, 6))
        count, unit = rng.integers(5, 16), 0.35 * reach[1] / 2
    scatter = lambda share: np.array([rng.uniform(-share, share) * reach[0], floor, rng.uniform(-share, share) * reach[2]])
    spot = spots[rng.integers(len(spots))] if indoor and spots and rng.random() < 0.5 else None
    cameras = _cameras(rng, config, floor, reach, indoor, speed, spot)
    filmed = rng.random() < config.subjects
    rests = filmed and rng.random() < config.resting
    if filmed:
        cameras = _film_subject(builder, cameras, floor, reach if indoor else None, speed, rests=rests)
    eye, axis = cameras.centre[0].numpy(), cameras.rotation[0, :, 2].numpy()

    def in_view() -> np.ndarray:
        """A ground point that the camera sees, nearer ones likelier."""
        away, bearing = reach[2] * rng.uniform(0.35, 1.3), np.arctan2(axis[0], axis[2]) + rng.uniform(-0.4, 0.4)
        at = eye + away * np.array([np.sin(bearing), 0, np.cos(bearing)])
        return np.array([*np.clip(at[[0]], -0.9 * reach[0], 0.9 * reach[0]), floor, *np.clip(at[[2]], -0.9 * reach[2], 0.9 * reach[2])])

    for _ in range(count):
        _clutter(builder, in_view() if rng.random() < 0.5 else scatter(0.85), unit * rng.uniform(0.4, 1.3))
    for _ in range(0 if rests else rng.choice([0, 1, 2, 3, 5], p=[0.1, 0.25, 0.3, 0.2, 0.15])):
        _mover(builder, in_view(), unit * rng.uniform(0.6, 1.6), travel=speed * unit * rng.uniform(1, 5))
    return builder.solids(), cameras, _light(rng, config, reach if indoor else None), shell


def _film_subject(builder: Builder, cameras: Cameras, floor: float, room: np.ndarray | None, speed: float, *, rests: bool) -> Cameras:
    """A mover in front of the camera that fills a good part of the picture; the camera stands, turns after it or goes along with it. One that rests is passed by."""
    rng = builder.rng
    eye, gaze = cameras.centre.numpy(), cameras.rotation[0, :, 2].numpy()
    tall = rng.uniform(1.2, 1.9) * (1 if room is None else 0.8)
    visible = cameras.height / float(cameras.focal[0])
    away = max(0.8, tall / (visible * rng.uniform(0.35, 1.1)))
    level = gaze * [1, 0, 1] / np.linalg.norm(gaze[[0, 2]])
    at = eye[len(eye) // 2] * [1, 0, 1] + away * level + [0, floor, 0]
    if room is not None:
        at[[0, 2]] = np.clip(at[[0, 2]], -0.8 * room[[0, 2]], 0.8 * room[[0, 2]])
    # Mostly across the picture; the size of a walker or a flag is a part of its height.
    heading = np.arctan2(level[2], level[0]) + rng.choice([-1, 1]) * np.pi / 2 + rng.normal(0, 0.6)
    kind = rng.choice(["walk", "trot", "slide", "roll", "spin", "breathe", "flag", "fly"], p=[0.32, 0.22, 0.12, 0.07, 0.07, 0.06, 0.08, 0.06])
    first = len(builder.kind)
    way = _mover(builder, at, tall / {"walk": 3.5, "flag": 5.0}.get(kind, 2.4), speed * tall * rng.uniform(0.6, 2.5), heading=heading, kind=kind)
    if rests:
        builder.freeze(first)
    style = rng.choice(["own", "turn", "along"], p=[0.35, 0.3, 0.35])
    centre = eye + (way - way[len(way) // 2] if style == "along" else 0) * rng.uniform(0.7, 1.1)
    if room is not None:
        centre = np.clip(centre, -0.95 * room, 0.95 * room)
    aim = at - [0, tall * rng.uniform(0.25, 0.6), 0] + rng.normal(0, 0.1 * tall, 3)
    target = aim + (way if style != "own" else 0) + smooth_path(rng, builder.frames, size=0.02 * away)
    return replace(cameras, centre=torch.from_numpy(centre.astype(np.float32)), rotation=torch.from_numpy(look_at(centre, target).astype(np.float32)))


def _light(rng: np.random.Generator, config: SceneConfig, room: np.ndarray | None) -> Light:
    """The sun, or a lamp in a room of half-sizes `room`."""
    sun = rng.normal(0, 1, 3) * [1, 0.3, 1] + [0, -1.2, 0]
    return Light(
        sun=torch.tensor(sun / np.linalg.norm(sun), dtype=torch.float32),
        position=None if room is None else torch.tensor(rng.uniform(-0.6, 0.6, 3) * room * [1, 0, 1] + [0, -0.9 * room[1], 0], dtype=torch.float32),
        ambient=float(rng.uniform(0.3, 0.75)),
        sky=torch.tensor(np.stack([rng.uniform([0.1, 0.3, 0.5], [0.5, 0.7, 1]), rng.uniform(0.6, 1, 3)]), dtype=torch.float32),
        clouds=int(rng.integers(config.textures)) if rng.random() < 0.6 else -1,
    )


def _camera(config: SceneConfig, fov: float, rotation: np.ndarray, centre: np.ndarray) -> Cameras:
    as_float = lambda array: torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))
    focal = torch.full((config.frames,), float(config.width / 2 / np.tan(fov / 2)))
    return Cameras(width=config.width, height=config.height, focal=focal, rotation=as_float(rotation), centre=as_float(centre))


def _cameras(rng: np.random.Generator, config: SceneConfig, floor: float, reach: np.ndarray, indoor: bool, speed: float, spot: tuple[np.ndarray, np.ndarray] | None) -> Cameras:
    """A held, moved, turned or still camera; one that films a `spot` (point, way out of the wall) stands before it."""
    frames = config.frames
    s = np.linspace(0, 1, frames)[:, None]
    fov = np.deg2rad(rng.uniform(35, 90))
    height = rng.uniform(0.6, 1.9) if indoor else rng.choice([rng.uniform(0.8, 2), rng.uniform(2, 6)], p=[0.75, 0.25])
    angle = rng.uniform(0, 6.28)
    centre = np.array([np.sin(angle) * reach[0], 0, -np.cos(angle) * reach[2]]) * rng.uniform(0.6, 0.92)
    centre[1] = floor - height
    target = rng.normal(0, 0.2, 3) * reach
    target[1] = floor - rng.uniform(0, 1.6)
    if spot:
        away, (middle, out) = np.exp(rng.uniform(np.log(0.5), np.log(3))), spot
        target = middle + rng.normal(0, 0.15 * away, 3)
        centre = middle + away * (out + rng.normal(0, 0.35, 3) * [1, 0, 1] - [0, rng.uniform(-0.1, 0.8), 0])
    depth = np.linalg.norm(target - centre)
    forward = (target - centre) / depth
    side = np.cross([0, 1, 0], forward)
    travel = speed * depth * rng.uniform(0.05, 0.3)
    kind = rng.choice(["hand", "dolly", "forward", "arc", "pan", "still"], p=[0.25, 0.22, 0.18, 0.2, 0.08, 0.07])
    path, gaze = np.zeros((frames, 3)), np.zeros((frames, 3))
    if kind == "dolly":
        path = rng.choice([-1, 1]) * side * travel * (s - 0.5)
        gaze = path
    elif kind == "forward":
        path = rng.choice([-0.7, 1]) * forward * travel * 1.5 * (s - 0.3)
        gaze = path + side * depth * rng.normal(0, 0.3)
    elif kind == "arc":
        path = rng.choice([-1, 1]) * side * travel * 1.5 * (s - 0.5)
    elif kind == "pan":
        gaze = side * depth * rng.normal(0, 0.5) * min(speed, 1) * (s - 0.5)
    if kind != "still":
        hand = 0.25 if kind == "hand" else 0.05
        path = path + smooth_path(rng, frames, size=hand * travel) * [1, 0.5, 1]
        gaze = gaze + smooth_path(rng, frames, size=0.03 * speed * depth * (2 if kind == "hand" else 1))
    position = centre + path
    position[:, 1] = np.minimum(position[:, 1], floor - 0.25)
    if indoor:
        position = np.clip(position, -0.95 * reach, 0.95 * reach)
    rotation = look_at(position, target + gaze) @ turn("z", rng.normal(0, 0.04) + (smooth_path(rng, frames, size=0.01 * speed)[:, 0] if kind == "hand" else np.zeros(frames)))
    return _camera(config, fov, rotation, position)
