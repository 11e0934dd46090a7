"""What a real camera does to the light: exposure, colour balance, blur, noise. Shared by every generator."""

import cv2
import numpy as np


def _grade(rng: np.random.Generator) -> dict:
    return {"gain": np.exp(rng.normal(0, 0.12)), "gamma": np.exp(rng.normal(0, 0.12)), "balance": np.exp(rng.normal(0, 0.05, 3)).astype(np.float32)}


def _apply(image: np.ndarray, grade: dict) -> np.ndarray:
    return np.clip(image * grade["gain"] * grade["balance"], 0, 1) ** np.float32(grade["gamma"])


def photometric(rng: np.random.Generator, images: list[np.ndarray]) -> list[np.ndarray]:
    """One look for the clip, a small drift per frame; f32 [H,W,3] in [0,1] -> u8 [H,W,3]."""
    look, drift = _grade(rng), 0.25 if rng.random() < 0.4 else 0.0
    sigma, blur = (rng.uniform(0, 0.02) if rng.random() < 0.6 else 0.004), (rng.uniform(0.3, 1.0) if rng.random() < 0.25 else 0)
    monochrome = rng.random() < 0.08
    out = []
    for image in images:
        image = _apply(image, look)
        if drift:
            change = _grade(rng)
            image = _apply(image, {"gain": change["gain"] ** drift, "gamma": change["gamma"] ** drift, "balance": change["balance"] ** drift})
        if blur:
            image = cv2.GaussianBlur(image, (0, 0), blur)
        if monochrome:
            image = np.repeat(image.mean(-1, keepdims=True), 3, -1)
        image = image + rng.standard_normal(image.shape, dtype=np.float32) * np.float32(sigma)
        out.append((np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8))
    return out


def photometric_pair(rng: np.random.Generator, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return tuple(photometric(rng, [first, second]))
