"""Checkpoints from shipped ONNX files, to train on from them: `python3 -m models.export.restore --models public/models --out OUT`.

The file holds no optimiser. Most parameters keep their names in it; for the rest (transposed matrices, scalars folded
into constants) a network of marked values is exported the same way, and every constant stands at the same place in both.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from .onnx_files import SPECS, example_inputs, export

# How a folded constant may depend on its scalar parameter, and the way back.
FOLDS = ((np.exp, np.log), (lambda v: -2 * v, lambda c: -c / 2), (lambda v: np.exp(-2 * v), lambda c: -np.log(c) / 2), (lambda v: v, lambda c: c))


def values(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """All initialisers by name; one that several parameters share stands under each of their names."""
    found = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Identity" and node.input[0] in found:
            found[node.output[0]] = found[node.input[0]]
    return found


def operators(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    return [node for node in model.graph.node if node.op_type not in ("Identity", "Constant")]


def constants(model: onnx.ModelProto) -> dict[tuple[int, int], np.ndarray]:
    """Every use (operator, input) of an initialiser."""
    found = values(model)
    return {(n, k): found[name] for n, node in enumerate(operators(model)) for k, name in enumerate(node.input) if name in found}


def marked(name: str) -> nn.Module:
    """A fresh network whose parameters are all different."""
    torch.manual_seed(7)
    net = SPECS[name]["net"]().eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05 + 0.01)
    return net


def exported(name: str, net: nn.Module, folded: bool) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder:
        export(name, net, Path(folder) / "marked.onnx", folded=folded)
        return onnx.load(Path(folder) / "marked.onnx")


def alike(ours: onnx.ModelProto, theirs: onnx.ModelProto) -> bool:
    return [node.op_type for node in operators(ours)] == [node.op_type for node in operators(theirs)]


def restore(name: str, path: Path) -> nn.Module:
    net, theirs = marked(name), onnx.load(path)
    ours = next((model for folded in (True, False) if alike(model := exported(name, net, folded), theirs)), None)
    if ours is None:
        raise ValueError(f"{name}: the file was exported from another architecture")
    named, here, there = values(theirs), constants(ours), constants(theirs)
    state, missing = {}, []
    for key, parameter in net.named_parameters():
        mark = parameter.detach().numpy()
        value = named.get(key)
        if value is None or value.shape != mark.shape:
            value = next((found for place, constant in here.items() if place in there and (found := find(mark, constant, there[place])) is not None), None)
        if value is None:
            missing.append(key)
        else:
            state[key] = torch.from_numpy(np.array(value, np.float32).reshape(mark.shape))
    fresh = SPECS[name]["net"]().eval()
    fresh.load_state_dict(state, strict=False)
    if missing:
        print(f"{name}: not in the file, left as fresh:", ", ".join(missing))
    return fresh


def find(mark: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> np.ndarray | None:
    """The other file's value of a parameter if our constant is a known function of our mark."""
    if mark.size > 1:
        if mark.ndim == 2 and ours.shape == mark.T.shape and np.array_equal(ours, mark.T):
            return theirs.T
        return theirs.reshape(mark.shape) if ours.size == mark.size and np.array_equal(ours.ravel(), mark.ravel()) else None
    if ours.size == 1 and ours.dtype == np.float32:
        for fold, back in FOLDS:
            if np.isclose(fold(mark.ravel()), ours.ravel(), rtol=2e-6, atol=0).all():
                return back(theirs)
    return None


def main() -> None:
    import onnxruntime

    parser = argparse.ArgumentParser()
    parser.add_argument("--models", default="public/models")
    parser.add_argument("--out", required=True)
    parser.add_argument("names", nargs="*", default=list(SPECS))
    options = parser.parse_args()
    Path(options.out).mkdir(parents=True, exist_ok=True)
    catalogue = json.loads((Path(options.models) / "catalog.json").read_text())["networks"]
    for name in options.names or SPECS:
        path = Path(options.models) / catalogue[name]["file"]
        net = restore(name, path)
        inputs = example_inputs(name)
        with torch.no_grad():
            ours = [out.numpy() for out in net(*inputs)]
        session = onnxruntime.InferenceSession(str(path))
        theirs = session.run(None, {slot.name: value.numpy() for slot, value in zip(session.get_inputs(), inputs)})
        print(name, "largest difference per output:", *(f"{np.abs(a - b).max():.1e}" for a, b in zip(ours, theirs)))
        state = {key: value.clone() for key, value in net.state_dict().items()}
        torch.save({"net": state, "best": state, "best_value": float("inf"), "step": catalogue[name]["trainedSteps"]}, Path(options.out) / f"{name}.pt")


if __name__ == "__main__":
    main()
