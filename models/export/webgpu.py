"""What onnxruntime's WebGPU back end gets wrong, and how the files avoid it.

`python3 -m models.export.webgpu FILE.onnx ...` rewrites files in place.
"""

import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper


def computed_wrongly(channels: int, kernel: int) -> bool:
    """Convolutions of onnxruntime-web 1.30 on WebGPU whose result is noise: kernels above 1x1 on 6, 9, 15, 18, 21, 27 ... channels
    (multiples of 3 but not of 4, except 3; every count up to 132 was tried against WASM)."""
    return kernel > 1 and channels > 3 and channels % 3 == 0 and channels % 4 != 0


def widen_convolutions(model: onnx.ModelProto) -> int:
    """Give each such convolution one more input channel with zero weights; returns how many there were."""
    graph = model.graph
    weights = {item.name: item for item in graph.initializer}
    nodes, widened, count = [], set(), 0
    for node in graph.node:
        if node.op_type == "Conv" and node.input[1] in weights:
            array = numpy_helper.to_array(weights[node.input[1]])
            ready = node.input[1] in widened
            groups = next((a.i for a in node.attribute if a.name == "group"), 1)
            if ready or (groups == 1 and computed_wrongly(array.shape[1], max(array.shape[2:]))):
                nodes += _one_more_channel(node)
                count += 1
                if not ready:
                    padded = np.concatenate([array, np.zeros_like(array[:, :1])], 1)
                    weights[node.input[1]].CopyFrom(numpy_helper.from_array(padded, node.input[1]))
                    widened.add(node.input[1])
        nodes.append(node)
    if count:
        for name, values in (("widen.start", [0]), ("widen.end", [1]), ("widen.axis", [1])):
            if name not in weights:
                graph.initializer.append(numpy_helper.from_array(np.array(values, np.int64), name))
        del graph.node[:]
        graph.node.extend(nodes)
    return count


def _one_more_channel(node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """Any channel will do, since its weights are zero: the first is given twice. The convolution then reads the wider tensor."""
    source, first, wide = node.input[0], f"{node.name}/first", f"{node.name}/wide"
    node.input[0] = wide
    return [
        helper.make_node("Slice", [source, "widen.start", "widen.end", "widen.axis"], [first], name=first),
        helper.make_node("Concat", [source, first], [wide], name=wide, axis=1),
    ]


def main() -> None:
    for path in sys.argv[1:]:
        model = onnx.load(path)
        count = widen_convolutions(model)
        if count:
            onnx.checker.check_model(model)
            onnx.save(model, path)
        print(path, count, "convolutions widened")


if __name__ == "__main__":
    main()
