"""Write the ONNX files and the catalogue: `python3 -m models.export.onnx_files --weights DIR --out public/models`."""

import argparse
import hashlib
import json
from pathlib import Path

import onnx
import torch
from torch import nn

from ..nets.flow import FlowNet
from ..nets.motion import CLUES, MotionNet
from ..nets.pointmap import PointmapNet
from ..nets.track import TrackNet
from .slim import merge_slices, name_sizes, shorten
from .webgpu import widen_convolutions

WINDOW, OPSET, MULTIPLE = 8, 17, 32
SIZES = ((64, 96, 5), (96, 64, 9), (128, 224, 7), (160, 128, 12))
"""Heights, widths and counts that tell all sizes inside a network apart."""
FORBIDDEN = {"SpaceToDepth", "LogSoftmax", "Round", "Sign", "NonZero", "Mod", "MultiHeadAttention", "Sin", "Cos", "If", "Loop"}

SPECS = {
    "flow": {
        "net": FlowNet,
        "inputs": {"image1": ["1", "3", "H", "W"], "image2": ["1", "3", "H", "W"]},
        "outputs": {"flow": ["1", "2", "H", "W"], "sigma": ["1", "1", "H", "W"]},
    },
    "track": {
        "net": TrackNet,
        "inputs": {"frames": [str(WINDOW), "3", "H", "W"], "queries": ["N", "3"]},
        "outputs": {"uv": ["N", str(WINDOW), "2"], "visible": ["N", str(WINDOW)], "confidence": ["N", str(WINDOW)], "mobility": ["N"]},
    },
    "pointmap": {
        "net": PointmapNet,
        "inputs": {"image1": ["1", "3", "H", "W"], "image2": ["1", "3", "H", "W"]},
        "outputs": {"points1": ["1", "3", "H", "W"], "points2": ["1", "3", "H", "W"], "confidence1": ["1", "1", "H", "W"], "confidence2": ["1", "1", "H", "W"]},
    },
    "motion": {
        "net": MotionNet,
        "inputs": {"clues": ["1", str(len(CLUES)), "H", "W"]},
        "outputs": {"moving": ["1", "2", "H", "W"]},
    },
}


def example_inputs(name: str, *, height: int = 64, width: int = 96, count: int = 5) -> tuple[torch.Tensor, ...]:
    """Smooth inputs by a formula that any language can repeat: channel c of image k at (x, y) counted from 0 is
    0.5 + 0.25 sin(0.31 (x - 2k) + 0.7 c) + 0.2 cos(0.23 (y + k) + 0.05 x); query n = (n mod S, 10.5 + 13 n, 12.5 + 9 n); plane k of clues is 4 times channel 0 of image k, minus 2.
    """
    y, x = torch.meshgrid(torch.arange(height, dtype=torch.float64), torch.arange(width, dtype=torch.float64), indexing="ij")
    picture = lambda k: torch.stack([0.5 + 0.25 * torch.sin(0.31 * (x - 2 * k) + 0.7 * c) + 0.2 * torch.cos(0.23 * (y + k) + 0.05 * x) for c in range(3)]).float()
    if name == "track":
        n = torch.arange(count, dtype=torch.float32)
        return torch.stack([picture(k) for k in range(WINDOW)]), torch.stack([n % WINDOW, 10.5 + 13 * n, 12.5 + 9 * n], 1)
    if name == "motion":
        return (torch.stack([4 * picture(k)[0] - 2 for k in range(len(CLUES))])[None],)
    return picture(0)[None], picture(1)[None]


def load(name: str, weights: Path | None) -> tuple[nn.Module, int]:
    """Network with its best checkpoint (or fresh, without one) and the step count."""
    torch.manual_seed(0)
    net, steps = SPECS[name]["net"](), 0
    if weights and (weights / f"{name}.pt").exists():
        package = torch.load(weights / f"{name}.pt", map_location="cpu", weights_only=True)
        net.load_state_dict(package["best"])
        steps = package["step"]
    return net.eval(), steps


def export(name: str, net: nn.Module, path: Path) -> None:
    spec = SPECS[name]
    letters = {"H": "height", "W": "width", "N": "count"}
    axes = {key: {index: letters[size] for index, size in enumerate(shape) if size in letters} for key, shape in (spec["inputs"] | spec["outputs"]).items()}
    with torch.no_grad():
        torch.onnx.export(net, example_inputs(name), str(path), input_names=list(spec["inputs"]), output_names=list(spec["outputs"]), dynamic_axes=axes, opset_version=OPSET, dynamo=False, do_constant_folding=True)
    fold(path)
    model = onnx.load(path)
    tidy(model, spec["inputs"] | spec["outputs"])
    widen_convolutions(model)
    merge_slices(model)
    name_sizes(model, [[value.numpy() for value in example_inputs(name, height=h, width=w, count=n)] for h, w, n in SIZES])
    shorten(model)
    onnx.save(model, path)
    used = {node.op_type for node in model.graph.node}
    if used & FORBIDDEN:
        raise ValueError(f"{name}: operators that do not run right everywhere: {sorted(used & FORBIDDEN)}")
    onnx.checker.check_model(model)


def fold(path: Path) -> None:
    """Fold constants and drop what is computed twice: half the nodes, a faster start; only standard operators appear."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])


def tidy(model: onnx.ModelProto, shapes: dict[str, list[str]]) -> None:
    """Declare exactly the interface's shapes, and only the operator set in use."""
    letters = {"H": "height", "W": "width", "N": "count"}
    if any(node.domain for node in model.graph.node):
        raise ValueError("an operator of another domain slipped in")
    standard = [opset for opset in model.opset_import if not opset.domain]
    del model.opset_import[:]
    model.opset_import.extend(standard)
    for slot in [*model.graph.input, *model.graph.output]:
        dims = slot.type.tensor_type.shape.dim
        for dim, size in zip(dims, shapes[slot.name]):
            dim.Clear()
            if size in letters:
                dim.dim_param = letters[size]
            else:
                dim.dim_value = int(size)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights")
    parser.add_argument("--out", default="public/models")
    parser.add_argument("--version", default="0.1.0")
    parser.add_argument("names", nargs="*", default=list(SPECS))
    options = parser.parse_args()
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    catalog_path = out / "catalog.json"
    catalog = json.loads(catalog_path.read_text()) if catalog_path.exists() else {"version": 1, "networks": {}}
    for name in options.names or SPECS:
        net, steps = load(name, Path(options.weights) if options.weights else None)
        path = out / f"{name}.onnx"
        export(name, net, path)
        content = path.read_bytes()
        entry = {"file": path.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "version": options.version, "multiple": MULTIPLE, "inputs": SPECS[name]["inputs"], "outputs": SPECS[name]["outputs"], "trainedSteps": steps}
        if name == "track":
            entry["window"] = WINDOW
        catalog["networks"][name] = entry
        print(name, len(content), "bytes,", steps, "steps")
    catalog_path.write_text(json.dumps(catalog, indent=2) + "\n")


if __name__ == "__main__":
    main()
