"""Slimming a file changes names and counts, not numbers; sizes are told apart."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from models.export.slim import merge_slices, name_sizes, shorten


def graph_with_slices() -> onnx.ModelProto:
    vector = lambda name, *values: numpy_helper.from_array(np.array(values, np.int64), name)
    nodes = [
        helper.make_node("Slice", ["x", "one", "end", "two"], ["wide"], name="a/first"),
        helper.make_node("Slice", ["wide", "zero", "last", "three"], ["cut"], name="a/second"),
        helper.make_node("Slice", ["x", "zero", "last", "two"], ["kept"], name="b/shared"),
        helper.make_node("Slice", ["kept", "one", "end", "two"], ["same"], name="b/same_axis"),
        helper.make_node("Add", ["same", "kept_one"], ["sum"], name="b/sum"),
        helper.make_node("Slice", ["x", "zero", "one", "two"], ["kept_one"], name="b/row"),
    ]
    nodes = [*nodes[:4], nodes[5], nodes[4]]
    shape = lambda name, *dims: helper.make_tensor_value_info(name, 1, dims)
    constants = [vector("zero", 0), vector("one", 1), vector("two", 2), vector("three", 3), vector("last", -1), vector("end", 2**40)]
    graph = helper.make_graph(nodes, "g", [shape("x", 1, 3, "height", "width")], [shape("cut", 1, 3, "rows", "columns"), shape("sum", 1, 3, "less", "width")], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_slim_file_gives_the_same_numbers():
    runtime = pytest.importorskip("onnxruntime")
    model = graph_with_slices()
    rng = np.random.default_rng(1)
    run = lambda picture: runtime.InferenceSession(model.SerializeToString()).run(None, {"x": picture})
    pictures = [rng.normal(size=(1, 3, height, width)).astype(np.float32) for height, width in ((5, 7), (9, 6), (11, 13))]
    before = [run(picture) for picture in pictures]
    # Only the two slices along different axes become one: the others share an axis.
    assert merge_slices(model) == 1
    name_sizes(model, [[picture] for picture in pictures[:2]])
    named = {slot.name: [dim.dim_param or dim.dim_value for dim in slot.type.tensor_type.shape.dim] for slot in model.graph.value_info}
    assert named["kept_one"] == [1, 3, 1, "width"] and named["kept"][3] == "width" and named["kept"][2] not in ("height", "width")
    shorten(model)
    onnx.checker.check_model(model, full_check=True)
    assert {slot.name for slot in [*model.graph.input, *model.graph.output]} == {"x", "cut", "sum"} and not any(node.name for node in model.graph.node)
    for picture, wanted in zip(pictures, before):
        for old, new in zip(wanted, run(picture)):
            assert np.array_equal(old, new)
