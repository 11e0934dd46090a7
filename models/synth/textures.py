"""Surface textures: procedural patterns and, where a folder is given, photographs, mixed and recoloured."""

from pathlib import Path

import cv2
import numpy as np


def load_photos(folder: str | None) -> list[np.ndarray]:
    """All pictures of a folder as f32 [H,W,3] RGB in [0,1]; an empty list without a folder."""
    if not folder:
        return []
    files = sorted(path for path in Path(folder).iterdir() if path.suffix in (".jpg", ".png"))
    return [cv2.imread(str(path))[..., ::-1].astype(np.float32) / 255 for path in files]


def noise(rng: np.random.Generator, size: int, *, octaves: tuple[int, int] = (2, 8), roughness: float = 0.6) -> np.ndarray:
    """Sum of smooth random octaves, f32 [size,size] in [0,1]."""
    total = np.zeros((size, size), np.float32)
    for octave in range(*octaves):
        cells = min(2**octave, size)
        grid = rng.standard_normal((cells + 1, cells + 1)).astype(np.float32)
        total += roughness ** (octave - octaves[0]) * cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC)
    low, high = np.percentile(total, [1, 99])
    return np.clip((total - low) / (high - low), 0, 1)


def pattern(rng: np.random.Generator, size: int) -> np.ndarray:
    """One scalar pattern [size,size] in [0,1]: noise, checks, stripes, bricks, dots, veins or a plain gradient."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    angle = rng.uniform(0, np.pi)
    u, v = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    period = rng.integers(4, 24)
    kind = rng.choice(["noise", "fine", "checks", "stripes", "bricks", "dots", "veins", "gradient"], p=[0.25, 0.2, 0.1, 0.1, 0.1, 0.08, 0.12, 0.05])
    if kind == "noise":
        return noise(rng, size, roughness=rng.uniform(0.4, 0.9))
    if kind == "fine":
        return noise(rng, size, octaves=(5, 10), roughness=rng.uniform(0.7, 1.1))
    if kind == "checks":
        return (np.floor(u * period) + np.floor(v * period)) % 2
    if kind == "stripes":
        return 0.5 + 0.5 * np.clip(np.sin(u * period * 6.283) * rng.uniform(1, 6), -1, 1)
    if kind == "bricks":
        row = np.floor(y * period)
        return ((y * period) % 1 > 0.12) * (((x * period * 0.5 + 0.5 * (row % 2)) % 1) > 0.06) * (0.6 + 0.4 * noise(rng, size))
    if kind == "dots":
        return (((u * period) % 1 - 0.5) ** 2 + ((v * period) % 1 - 0.5) ** 2 < rng.uniform(0.03, 0.15)).astype(np.float32)
    if kind == "veins":
        return np.clip(1 - 5 * np.abs(noise(rng, size) - 0.5), 0, 1)
    return u - u.min()


def texture(rng: np.random.Generator, photos: list[np.ndarray], *, size: int = 512, photo_share: float = 0.4) -> np.ndarray:
    """A colour texture f32 [size,size,3] in [0,1]."""
    if photos and rng.random() < photo_share:
        photo = photos[rng.integers(len(photos))]
        height, width = photo.shape[:2]
        side = int(rng.uniform(0.5, 1) * min(height, width))
        top, left = rng.integers(height - side + 1), rng.integers(width - side + 1)
        image = cv2.resize(photo[top : top + side, left : left + side], (size, size), interpolation=cv2.INTER_AREA if side > size else cv2.INTER_LINEAR)
        image = np.rot90(image, rng.integers(4))[..., rng.permutation(3) if rng.random() < 0.3 else [0, 1, 2]]
    else:
        first, second, third = rng.uniform(0.02, 0.98, (3, 3))
        if rng.random() < 0.5:
            second = np.clip(first + rng.normal(0, 0.2, 3), 0, 1)
        image = first + (second - first) * pattern(rng, size)[..., None]
        if rng.random() < 0.6:
            image = image + rng.uniform(0.1, 0.6) * (third - image) * pattern(rng, size)[..., None]
        image = image + rng.uniform(0, 0.12) * (noise(rng, size, octaves=(6, 10), roughness=0.9)[..., None] - 0.5)
    if rng.random() < 0.4:
        # Walls, cloth and furniture are mostly calm: one pale colour with a little of a pattern.
        grey, middle = image.mean(2, keepdims=True), image.mean((0, 1))
        image = grey + (image - grey) * rng.uniform(0.1, 0.7)
        middle = middle.mean() + (middle - middle.mean()) * rng.uniform(0.1, 0.7) + rng.uniform(-0.1, 0.35)
        image = middle + (image - image.mean((0, 1))) * np.exp(rng.uniform(np.log(0.02), np.log(0.5)))
    return np.ascontiguousarray(np.clip(image, 0, 1) ** rng.uniform(0.7, 1.4), dtype=np.float32)
