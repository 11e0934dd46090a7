"""Single pictures: a cut keeps depth, picture and focal length together; the depth prior learns from them."""

import numpy as np
import torch

from models.nets.pointmap import DepthPrior
from models.synth.scene import SceneConfig
from models.synth.shards import make_bank
from models.synth.stills import render_still
from models.train.prior import cut, loss


def test_a_cut_keeps_depth_picture_and_focal_length_together():
    rng = np.random.default_rng(3)
    x = np.broadcast_to(np.arange(256, dtype=np.float32), (160, 256))
    still = (np.repeat(np.uint8(x)[..., None], 3, 2), (2 + x / 256).astype(np.float16), 0.8)
    for size in ((160, 256), (128, 192), (224, 128)):
        for _ in range(4):
            one = cut(rng, still, size)
            assert one["image"].shape == (*size, 3) and one["depth"].shape == (size[0] // 8, size[1] // 8)
            row = one["depth"][3].astype(float)
            # A closer cut sees a smaller part of the ramp by just so much as the focal length in widths grows.
            share = abs(np.polyfit(np.arange(len(row)), row, 1)[0]) * len(row)
            assert abs(share * one["focal"] / 0.8 - 1) < 0.03
            brightness = one["image"][28, 4::8, 1].astype(float)
            assert np.sign(row[-1] - row[0]) == np.sign(brightness[-1] - brightness[0])


def test_stills_have_depth_and_a_focal_length():
    rng = np.random.default_rng(1)
    bank = make_bank(rng, None, 8)
    config = SceneConfig(frames=1, textures=8)
    stills = [still for _ in range(8) if (still := render_still(rng, bank, config, subdivision=1))]
    assert len(stills) >= 3
    for still in stills:
        assert still["rgb"].shape == (160, 256, 3) and still["rgb"].std() > 2
        assert np.isfinite(still["depth"]).all() and 0.3 < (still["depth"] > 0).mean()
        assert 0.4 < still["focal"] < 1.7


def test_learns_a_slope():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    height = np.broadcast_to(np.linspace(0, 1, 160, dtype=np.float32)[:, None], (160, 256))
    net = DepthPrior()
    optimiser = torch.optim.Adam(net.parameters(), 2e-3)
    first = None
    for _ in range(30):
        cuts = [cut(rng, (rng.integers(0, 255, (160, 256, 3), dtype=np.uint8), (8 - 6 * height).astype(np.float16), 0.9), (96, 160)) for _ in range(2)]
        total, parts = loss(net, {key: np.stack([one[key] for one in cuts]) for key in cuts[0]})
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        first = first or parts["depth"]
    assert parts["depth"] < 0.5 * first
