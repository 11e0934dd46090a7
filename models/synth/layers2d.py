"""Cheap image pairs with exact flow: textured layers, each with its own homography or affine motion and a smooth bend."""

from dataclasses import dataclass

import cv2
import numpy as np

from .augment import photometric_pair
from .textures import load_photos, texture


@dataclass(frozen=True, kw_only=True)
class LayerConfig:
    height: int = 128
    width: int = 192
    max_shift: float = 30.0
    """Largest typical shift in px; scale it with the width (60 px at 384)."""
    textures: str | None = None
    bank: int = 96


class Bend:
    """p -> M p + sum of slow sine waves; inverted by fixed-point iteration."""

    def __init__(self, matrix: np.ndarray, waves: np.ndarray):
        self.matrix, self.waves = matrix, waves

    def _wave(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        dx = dy = np.float32(0)
        for fx, fy, phase, ax, ay in self.waves.astype(np.float32):
            wave = np.sin(fx * x + fy * y + phase)
            dx, dy = dx + ax * wave, dy + ay * wave
        return dx, dy

    @staticmethod
    def _apply(m: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        m = m.astype(np.float32)
        w = m[2, 0] * x + m[2, 1] * y + m[2, 2]
        return (m[0, 0] * x + m[0, 1] * y + m[0, 2]) / w, (m[1, 0] * x + m[1, 1] * y + m[1, 2]) / w

    def forward(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        dx, dy = self._wave(x, y)
        u, v = self._apply(self.matrix, x, y)
        return u + dx, v + dy

    def inverse(self, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        back = np.linalg.inv(self.matrix)
        x, y = self._apply(back, u, v)
        for _ in range(4 if len(self.waves) else 0):
            dx, dy = self._wave(x, y)
            x, y = self._apply(back, u - dx, v - dy)
        return x, y


def _motion(rng: np.random.Generator, config: LayerConfig, spread: float) -> np.ndarray:
    """A homography around the picture centre whose typical shift is `spread` px."""
    cx, cy = config.width / 2, config.height / 2
    angle, zoom = rng.normal(0, 0.06) * min(1, spread / 8), np.exp(rng.normal(0, 0.05) * min(1, spread / 8))
    shift = rng.normal(0, 1, 2)
    shift *= spread * rng.uniform(0, 1.2) / (np.linalg.norm(shift) + 1e-6)
    core = np.array([[zoom * np.cos(angle), -zoom * np.sin(angle), shift[0]], [zoom * np.sin(angle), zoom * np.cos(angle), shift[1]], [0, 0, 1]])
    core[:2, :2] += rng.normal(0, 0.02, (2, 2)) * min(1, spread / 8)
    if rng.random() < 0.4:
        core[2, :2] = rng.normal(0, 2e-4, 2)
    to_centre = np.array([[1, 0, -cx], [0, 1, -cy], [0, 0, 1.0]])
    return np.linalg.inv(to_centre) @ core @ to_centre


def _waves(rng: np.random.Generator, spread: float) -> np.ndarray:
    if rng.random() < 0.6:
        return np.zeros((0, 5))
    count = rng.integers(1, 3)
    frequency = rng.normal(0, 0.04, (count, 2))
    limit = np.minimum(0.3 / (np.linalg.norm(frequency, axis=1, keepdims=True) + 1e-3), 0.3 * spread + 0.3)
    return np.concatenate([frequency, rng.uniform(0, 6.28, (count, 1)), rng.uniform(-1, 1, (count, 2)) * limit], 1)


def _shape(rng: np.random.Generator, size: int) -> np.ndarray:
    """Soft mask [size,size] in [0,1] with holes and thin parts now and then, empty at the rim."""
    mask = np.zeros((size, size), np.float32)
    kind = rng.random()
    if kind < 0.3:
        cv2.ellipse(mask, (size // 2, size // 2), (int(size * rng.uniform(0.15, 0.45)), int(size * rng.uniform(0.15, 0.45))), rng.uniform(0, 180), 0, 360, 1.0, -1, cv2.LINE_AA)
    elif kind < 0.75:
        count = rng.integers(3, 9)
        angles = np.sort(rng.uniform(0, 6.28, count))
        radius = size * rng.uniform(0.12, 0.46, count)
        corners = np.stack([size / 2 + radius * np.cos(angles), size / 2 + radius * np.sin(angles)], 1)
        cv2.fillPoly(mask, [corners.astype(np.int32)], 1.0, cv2.LINE_AA)
    elif kind < 0.88:
        for _ in range(rng.integers(1, 5)):
            a, b = rng.uniform(0.1 * size, 0.9 * size, (2, 2)).astype(int)
            cv2.line(mask, tuple(map(int, a)), tuple(map(int, b)), 1.0, int(rng.integers(2, 12)), cv2.LINE_AA)
    else:
        blob = cv2.GaussianBlur(rng.standard_normal((size, size)).astype(np.float32), (0, 0), size / rng.uniform(8, 20))
        mask = cv2.GaussianBlur((blob > np.quantile(blob, rng.uniform(0.5, 0.85))).astype(np.float32), (0, 0), 1)
    mask[:3] = mask[-3:] = mask[:, :3] = mask[:, -3:] = 0
    return mask


class LayerPairs:
    """Endless source of pairs; `sample()` gives image1, image2 u8 [H,W,3], flow f32 [H,W,2] px and visible bool [H,W]."""

    def __init__(self, config: LayerConfig, seed: int):
        self.config, self.rng = config, np.random.default_rng(seed)
        self.photos = load_photos(config.textures)
        self.bank = [texture(self.rng, self.photos) for _ in range(config.bank)]

    def _pick(self) -> np.ndarray:
        slot = self.rng.integers(len(self.bank))
        if self.rng.random() < 0.005:
            self.bank[slot] = texture(self.rng, self.photos)
        return self.bank[slot]

    def sample(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        rng, config = self.rng, self.config
        height, width = config.height, config.width
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        spread = config.max_shift * rng.choice([0.04, 0.12, 0.35, 1.0], p=[0.2, 0.25, 0.3, 0.25])
        camera = _motion(rng, config, spread)
        images = [np.zeros((height, width, 3), np.float32) for _ in range(2)]
        flow = np.zeros((height, width, 2), np.float32)
        owner = [np.zeros((height, width), np.int32) for _ in range(2)]
        hard = [np.zeros((height, width), bool) for _ in range(2)]
        for index in range(1 + rng.integers(0, 9)):
            own = np.eye(3) if index == 0 or rng.random() < 0.25 else _motion(rng, config, spread * rng.uniform(0.2, 1.2))
            bend = Bend(camera @ own, _waves(rng, spread))
            back = bend.inverse(x, y)
            picture = self._pick()
            size = picture.shape[0]
            turn, stretch = rng.uniform(0, 6.28), rng.uniform(0.6, 1.8)
            place = rng.uniform(0, size, 2)
            to_texture = np.array([[stretch * np.cos(turn), -stretch * np.sin(turn), place[0]], [stretch * np.sin(turn), stretch * np.cos(turn), place[1]], [0, 0, 1]], np.float32)
            if stretch > 1.2:
                picture = cv2.GaussianBlur(picture, (0, 0), 0.35 * stretch)
            if index:
                extent = rng.uniform(0.12, 0.7) * height
                shape = _shape(rng, 128)
                centre = rng.uniform(0, 1, 2) * [width, height]
            for frame, (px, py) in enumerate(((x, y), back)):
                tx, ty = Bend._apply(to_texture, px, py)
                colour = cv2.remap(picture, tx, ty, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
                if index:
                    scale = np.float32(128 / (2 * extent))
                    alpha = cv2.remap(shape, (px - np.float32(centre[0])) * scale + 64, (py - np.float32(centre[1])) * scale + 64, cv2.INTER_LINEAR, borderValue=0)
                    images[frame] += alpha[..., None] * (colour - images[frame])
                    hard[frame] = alpha > 0.5
                else:
                    images[frame] = colour
                    hard[frame] = np.ones((height, width), bool)
                owner[frame][hard[frame]] = index
            u, v = bend.forward(x, y)
            flow[hard[0]] = np.stack([u - x, v - y], -1)[hard[0]]
        u, v = x + flow[..., 0], y + flow[..., 1]
        inside = (u >= 0) & (v >= 0) & (u <= width - 1) & (v <= height - 1)
        landed = owner[1][np.clip(np.rint(v), 0, height - 1).astype(int), np.clip(np.rint(u), 0, width - 1).astype(int)]
        first, second = photometric_pair(rng, images[0], images[1])
        return first, second, flow, inside & (landed == owner[0])
