"""Widened convolutions give the same numbers, and none of the bad kind is left."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from models.export.webgpu import computed_wrongly, widen_convolutions


@pytest.mark.parametrize("channels", [6, 9, 69])
def test_widening_changes_nothing_but_the_channel_count(channels):
    runtime = pytest.importorskip("onnxruntime")
    rng = np.random.default_rng(channels)
    weight = rng.normal(size=(4, channels, 3, 3)).astype(np.float32)
    # Two convolutions share one weight, as a network that is applied to both pictures does.
    nodes = [helper.make_node("Conv", ["x", "w"], [f"y{k}"], name=f"conv{k}", pads=[1, 1, 1, 1], kernel_shape=[3, 3]) for k in (0, 1)]
    slots = lambda names: [helper.make_tensor_value_info(name, 1, [1, 4, "H", "W"]) for name in names]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", 1, [1, channels, "H", "W"])], slots(["y0", "y1"]), [numpy_helper.from_array(weight, "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    picture = rng.normal(size=(1, channels, 8, 12)).astype(np.float32)
    run = lambda: runtime.InferenceSession(model.SerializeToString()).run(None, {"x": picture})
    before = run()
    assert widen_convolutions(model) == 2
    onnx.checker.check_model(model)
    for old, new in zip(before, run()):
        assert np.abs(old - new).max() < 1e-5
    assert not computed_wrongly(numpy_helper.to_array(model.graph.initializer[0]).shape[1], 3)
    assert widen_convolutions(model) == 0
