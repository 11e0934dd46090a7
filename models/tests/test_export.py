"""The shipped ONNX files: same numbers as PyTorch at several sizes, catalogue and fixtures up to date."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from models.export.fixtures import fixture_inputs
from models.export.onnx_files import SPECS, example_inputs, export, load

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", SPECS)
def test_export_agrees_with_torch(name, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    net, _ = load(name, None)
    export(name, net, tmp_path / "net.onnx")
    session = runtime.InferenceSession(str(tmp_path / "net.onnx"))
    for height, width, count in ((64, 96, 5), (96, 64, 9)):
        inputs = example_inputs(name, height=height, width=width, count=count)
        with torch.no_grad():
            wanted = net(*inputs)
        got = session.run(None, {slot.name: value.numpy() for slot, value in zip(session.get_inputs(), inputs)})
        for mine, theirs in zip(got, wanted):
            assert mine.shape == tuple(theirs.shape)
            assert np.abs(mine - theirs.numpy()).max() < 1e-3 * max(1.0, theirs.abs().max().item())


def test_catalogue_and_fixtures_match_the_files():
    runtime = pytest.importorskip("onnxruntime")
    folder = ROOT / "public" / "models"
    catalogue = json.loads((folder / "catalog.json").read_text())
    for name, entry in catalogue["networks"].items():
        content = (folder / entry["file"]).read_bytes()
        assert len(content) == entry["bytes"] and hashlib.sha256(content).hexdigest() == entry["sha256"]
        fixture = json.loads((ROOT / "models" / "fixtures" / f"{name}.json").read_text())
        session = runtime.InferenceSession(content)
        got = session.run(None, {slot.name: value for slot, value in zip(session.get_inputs(), fixture_inputs(name))})
        for slot, value in zip(session.get_outputs(), got):
            wanted = fixture["outputs"][slot.name]
            stored = np.array(wanted["values"]).ravel()
            mine = value.ravel()[:: wanted["stride"]]
            assert list(value.shape) == wanted["dims"] and np.abs(mine - stored).max() < fixture["tolerance"] * max(1, np.abs(stored).max())
