"""Scale the flow network's sigma to what it says: `python3 -m models.train.sigma --out OUT [--shards SHARDS]`.

Training makes sigma the mean error, which a few gross errors carry; what follows in the app takes it for the deviation of a normal
distribution. The factor that puts half of the visible pixels' errors within 1.18 sigma goes into OUT/flow.pt, and so into the export.
"""

import math
from pathlib import Path

import numpy as np
import torch

from ..nets.flow import FlowNet
from ..synth.layers2d import LayerConfig, LayerPairs
from .flow import FlowConfig, held_out_pairs, to_tensors

NORMAL_MEDIAN = math.sqrt(2 * math.log(2))
"""Median length of a 2D normal error with deviation 1 per axis."""


def ratios(net: FlowNet, pairs: list, device: str) -> np.ndarray:
    """Error / sigma of every third visible pixel of the pairs."""
    found = []
    for pair in pairs:
        first, second, truth, visible = to_tensors(tuple(array[None] for array in pair), device)
        with torch.no_grad():
            flow, sigma = net(first, second)
        share = (flow - truth).square().sum(1, keepdim=True).sqrt() / sigma
        found.append(share[visible > 0.5][::3].cpu().numpy())
    return np.concatenate(found)


def main() -> None:
    config = FlowConfig.from_command_line()
    torch.set_num_threads(config.threads)
    path = Path(config.out) / "flow.pt"
    package = torch.load(path, map_location="cpu", weights_only=True)
    net = FlowNet()
    net.load_state_dict(package["best"])
    net.eval()
    layers = LayerPairs(LayerConfig(height=160, width=256, max_shift=config.max_shift / 2, textures=config.textures, bank=48), 987)
    kinds = {"rendered": held_out_pairs(config.shards), "layers": [layers.sample() for _ in range(30)]}
    found = {kind: ratios(net, pairs, config.device) for kind, pairs in kinds.items() if pairs}
    for kind, values in found.items():
        print(f"{kind}: error / sigma at 25, 50, 75, 90 %", np.quantile(values, [0.25, 0.5, 0.75, 0.9]).round(3))
    factor = float(np.exp(np.mean([np.log(np.median(values)) for values in found.values()]))) / NORMAL_MEDIAN
    print("sigma is multiplied by", round(factor, 3))
    calibration = package["best"]["log_calibration"] + math.log(factor)
    for part in ("net", "mean", "best"):
        if part in package:
            package[part]["log_calibration"] = calibration
    torch.save(package, path)


if __name__ == "__main__":
    main()
