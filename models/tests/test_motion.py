"""The judge of motion: any size, and what training varies keeps clues and truth together."""

import numpy as np
import torch

from models.nets.motion import CLUES, MotionNet
from models.synth.clips import render_clip
from models.synth.scene import SceneConfig, sample_scene
from models.synth.shards import make_bank
from models.train.motion import AT, Clip, MotionConfig, clip_score, loss, vary


def planted(frames: int = 3) -> Clip:
    """A square that moves; its evidence is 3, everything else 0."""
    truth = np.zeros((frames, 2, 48, 64), np.float32)
    truth[:, :, 12:30, 20:44] = 1
    clues = np.zeros((frames, len(CLUES), 48, 64), np.float16)
    clues[:, AT["free"]] = 3 * truth[:, 0]
    clues[:, AT["free x"]] = 3 * truth[:, 0]
    return Clip(clues, truth)


def test_any_size_gives_shares():
    net = MotionNet().eval()
    with torch.no_grad():
        for height, width in ((8, 16), (56, 40)):
            share = net(torch.randn(1, len(CLUES), height, width))
            assert share.shape == (1, 2, height, width) and 0 <= share.min() and share.max() <= 1


def test_varied_clues_lie_on_their_truth():
    config = MotionConfig(crop_height=40, crop_width=56, lack=0.0)
    for seed in range(8):
        clip = planted()
        clues, truth = vary(np.random.default_rng(seed), clip.clues[0], clip.truth[0], config)
        assert clues.shape == (len(CLUES), 40, 56)
        sure = np.abs(truth[0] - 0.5) > 0.45
        assert ((clues[AT["free"]] > 0.7) == (truth[0] > 0.5))[sure].all()


def test_learns_what_the_evidence_says():
    torch.manual_seed(0)
    net, clip, config, rng = MotionNet(), planted(), MotionConfig(crop_height=40, crop_width=56), np.random.default_rng(1)
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3)
    for _ in range(25):
        rows = [vary(rng, clip.clues[0], clip.truth[0], config) for _ in range(4)]
        total, _ = loss(net, tuple(torch.from_numpy(np.stack(part)) for part in zip(*rows)))
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
    assert clip_score(net.eval(), clip) > 0.8


def test_a_subject_fills_more_of_the_picture():
    def moving_share(subjects: float) -> float:
        rng, config = np.random.default_rng(5), SceneConfig(frames=2, width=64, height=40, textures=4, subjects=subjects)
        bank, shares = make_bank(rng, None, config.textures), []
        for _ in range(12):
            solids, cameras, light, shell = sample_scene(rng, config)
            shares.append(render_clip(rng, solids, cameras, light, bank, shell, subdivision=1, tracks=4)["mask"].mean())
        return float(np.mean(shares))

    assert moving_share(1.0) > 1.5 * moving_share(0.0)
