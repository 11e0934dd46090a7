"""Fewer operators and known sizes: what makes a file start quickly.

onnxruntime plans its memory by comparing every buffer with all that are free. Where sizes are unknown none ever fits, the
list grows, and in WebAssembly a graph of 5000 operators takes ten seconds to open. Sizes by name end that.
"""

import onnx
import numpy as np
from onnx import helper, numpy_helper


def merge_slices(model: onnx.ModelProto) -> int:
    """A slice of a slice along other axes is one slice; returns how many went."""
    graph = model.graph
    known = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    known |= {node.output[0]: numpy_helper.to_array(node.attribute[0].t) for node in graph.node if node.op_type == "Constant"}
    made_by = {name: node for node in graph.node for name in node.output}
    uses: dict[str, int] = {}
    for name in [name for node in graph.node for name in node.input] + [slot.name for slot in graph.output]:
        uses[name] = uses.get(name, 0) + 1
    table: dict[tuple, str] = {}

    def constant(values: list[int]) -> str:
        key = tuple(values)
        if key not in table:
            table[key] = f"cut{len(table)}"
            graph.initializer.append(numpy_helper.from_array(np.array(values, np.int64), table[key]))
        return table[key]

    def parts(node: onnx.NodeProto) -> list[list[int]] | None:
        """Starts, ends, axes, steps; None where one of them is computed or an axis counts from the end."""
        names = [*node.input[1:]] + [""] * (5 - len(node.input))
        if any(name and name not in known for name in names) or not names[2]:
            return None
        starts, ends, axes = (known[name].ravel().tolist() for name in names[:3])
        steps = known[names[3]].ravel().tolist() if names[3] else [1] * len(starts)
        return [starts, ends, axes, steps] if min(axes) >= 0 else None

    gone = set()
    for node in graph.node:
        while node.op_type == "Slice" and (inner := made_by.get(node.input[0])) is not None and inner.op_type == "Slice" and uses[inner.output[0]] == 1:
            mine, theirs = parts(node), parts(inner)
            if mine is None or theirs is None or set(mine[2]) & set(theirs[2]):
                break
            both = [theirs[k] + mine[k] for k in range(4)]
            names = [constant(values) for values in both]
            known |= {name: np.array(values, np.int64) for name, values in zip(names, both)}
            source = inner.input[0]
            gone.add(inner.output[0])
            del node.input[:]
            node.input.extend([source, *names])
    kept = [node for node in graph.node if not (node.op_type == "Slice" and node.output[0] in gone)]
    removed = len(graph.node) - len(kept)
    del graph.node[:]
    graph.node.extend(kept)
    drop_unused(graph)
    return removed


def drop_unused(graph: onnx.GraphProto) -> None:
    used = {name for node in graph.node for name in node.input}
    kept = [item for item in graph.initializer if item.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def name_sizes(model: onnx.ModelProto, examples: list[list[np.ndarray]]) -> None:
    """Declare every intermediate shape. The sizes of a dimension over several runs identify it: equal ones get one name.

    The examples must differ in all dynamic sizes and in no simple ratio, or two sizes could be taken for one.
    """
    import onnxruntime

    graph = model.graph
    slots = [*graph.input, *graph.output]
    outer = {slot.name for slot in slots}
    inner = [name for node in graph.node for name in node.output if name and name not in outer]
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    del probe.graph.value_info[:]
    probe.graph.output.extend([onnx.ValueInfoProto(name=name) for name in inner])
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(probe.SerializeToString(), options, providers=["CPUExecutionProvider"])
    shapes: dict[str, list[tuple]] = {}
    kinds: dict[str, np.dtype] = {}
    for example in examples:
        given = dict(zip([slot.name for slot in session.get_inputs()], example))
        results = session.run(None, given)
        for name, value in [*given.items(), *zip([slot.name for slot in session.get_outputs()], results)]:
            shapes.setdefault(name, []).append(value.shape)
            kinds[name] = value.dtype
    names: dict[tuple, str] = {}
    for slot in slots:
        for index, dim in enumerate(slot.type.tensor_type.shape.dim):
            if dim.dim_param:
                names.setdefault(tuple(shape[index] for shape in shapes[slot.name]), dim.dim_param)

    def dims(name: str) -> list[int | str]:
        sizes = list(zip(*shapes[name]))
        return [size[0] if len(set(size)) == 1 else names.setdefault(size, f"s{len(names)}") for size in sizes]

    del graph.value_info[:]
    graph.value_info.extend([helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(kinds[name]), dims(name)) for name in inner])


def shorten(model: onnx.ModelProto) -> None:
    """Names of tensors and operators are a quarter of a file: tensors get numbers, operators none."""
    graph = model.graph
    outer = {slot.name for slot in [*graph.input, *graph.output]}
    table = {"": ""} | {name: name for name in outer}
    short = lambda name: table.setdefault(name, f"t{len(table):x}")
    for item in graph.initializer:
        item.name = short(item.name)
    for node in graph.node:
        node.name, node.doc_string = "", ""
        inputs, outputs = [short(name) for name in node.input], [short(name) for name in node.output]
        del node.input[:], node.output[:]
        node.input.extend(inputs)
        node.output.extend(outputs)
    for slot in graph.value_info:
        slot.name = short(slot.name)
