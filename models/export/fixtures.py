"""Parity fixtures for other runtimes: `python3 -m models.export.fixtures --models public/models --out models/fixtures`.

Inputs are given by a formula (see example_inputs), outputs every `stride`-th value in row-major order.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from .onnx_files import WINDOW, example_inputs

HEIGHT, WIDTH, COUNT = 64, 64, 3
FORMULA = "channel c of image k at (x, y) counted from 0: 0.5 + 0.25*sin(0.31*(x - 2k) + 0.7c) + 0.2*cos(0.23*(y + k) + 0.05x); query n: (n mod 8, 10.5 + 13n, 12.5 + 9n); plane k of clues: 4 * channel 0 of image k - 2"


def fixture_inputs(name: str) -> list[np.ndarray]:
    return [value.numpy() for value in example_inputs(name, height=HEIGHT, width=WIDTH, count=COUNT)]


def main() -> None:
    import onnxruntime

    parser = argparse.ArgumentParser()
    parser.add_argument("--models", default="public/models")
    parser.add_argument("--out", default="models/fixtures")
    options = parser.parse_args()
    Path(options.out).mkdir(parents=True, exist_ok=True)
    catalogue = json.loads((Path(options.models) / "catalog.json").read_text())
    for name, entry in catalogue["networks"].items():
        session = onnxruntime.InferenceSession(str(Path(options.models) / entry["file"]))
        inputs = dict(zip([slot.name for slot in session.get_inputs()], fixture_inputs(name)))
        outputs = {}
        for slot, value in zip(session.get_outputs(), session.run(None, inputs)):
            stride = max(1, value.size // 1500)
            outputs[slot.name] = {"dims": list(value.shape), "stride": stride, "values": [float(f"{v:.6g}") for v in value.ravel()[::stride]]}
        fixture = {"network": name, "sha256": entry["sha256"], "formula": FORMULA, "height": HEIGHT, "width": WIDTH, "frames": WINDOW if name == "track" else 2, "queries": inputs["queries"].tolist() if name == "track" else None, "inputs": {key: list(value.shape) for key, value in inputs.items()}, "tolerance": 2e-3, "outputs": outputs}
        (Path(options.out) / f"{name}.json").write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
