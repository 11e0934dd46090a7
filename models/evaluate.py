"""Measure the networks on development data: `python3 -m models.evaluate flow|track|pointmap --data DIR --models public/models`.

Runs the ONNX files, which are what the page runs. --weights DIR evaluates checkpoints in PyTorch instead.
"""

import argparse
import gzip
import json
import struct
from pathlib import Path

import cv2
import numpy as np

MULTIPLE = 32


class OnnxNet:
    def __init__(self, path: Path, threads: int):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(path), options)

    def __call__(self, *arrays: np.ndarray) -> list[np.ndarray]:
        return self.session.run(None, {slot.name: array.astype(np.float32) for slot, array in zip(self.session.get_inputs(), arrays)})


class TorchNet:
    def __init__(self, name: str, weights: Path, threads: int):
        import torch

        from .export.onnx_files import load

        torch.set_num_threads(threads)
        self.net, self.torch = load(name, weights)[0], torch

    def __call__(self, *arrays: np.ndarray) -> list[np.ndarray]:
        with self.torch.no_grad():
            return [out.numpy() for out in self.net(*(self.torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32)) for array in arrays))]


def planes(image: np.ndarray) -> np.ndarray:
    """u8 [H,W,3] -> f32 [1,3,H',W'] with the border repeated up to a multiple of 32."""
    height, width = image.shape[:2]
    padded = np.pad(image, ((0, -height % MULTIPLE), (0, -width % MULTIPLE), (0, 0)), mode="edge")
    return (padded.transpose(2, 0, 1)[None] / 255).astype(np.float32)


def read(path: Path) -> np.ndarray:
    return np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])


def chosen(paths, only: str | None) -> list[Path]:
    """Sorted folders, all or those whose name contains one of the comma-separated words."""
    return [path for path in sorted(set(paths)) if not only or any(word in path.name for word in only.split(","))]


def flow(net, data: Path, only: str | None = None) -> dict:
    """End-point error against OpenCV's DIS medium on the flow pairs and on neighbouring frames of the rendered scenes."""
    rows = {}
    for folder in chosen((path.parent for path in (data / "flow").glob("*/flow.flo.gz")), only):
        first, second = read(folder / "frame1.png"), read(folder / "frame2.png")
        raw = gzip.open(folder / "flow.flo.gz").read()
        width, height = struct.unpack("ii", raw[4:12])
        truth = np.frombuffer(raw[12:], np.float32).reshape(height, width, 2)
        rows[folder.name] = _flow_row(net, [(first, second, truth, np.abs(truth).max(2) < 1e6)])
    for folder in chosen((path.parent for path in (data / "rendered").glob("*/flow_fw.npz")), only):
        stored = np.load(folder / "flow_fw.npz")
        frames = [read(folder / "rgb" / f"{t:04d}.jpg") for t in range(0, 24, 6)]
        after = [read(folder / "rgb" / f"{t + 1:04d}.jpg") for t in range(0, 23, 6)]
        rows[folder.name] = _flow_row(net, [(a, b, stored["flow"][t].astype(np.float32), stored["valid"][t] & stored["visible_next"][t]) for a, b, t in zip(frames, after, range(0, 23, 6))])
    ratio = lambda names: float(np.exp(np.mean([np.log(rows[name]["epe"] / rows[name]["dis"]) for name in names])))
    real = [name for name in rows if not name.startswith("dev_")]
    rendered = [name for name in rows if name.startswith("dev_")]
    return {"rows": rows} | {f"ratio_to_dis_{kind}": ratio(names) for kind, names in (("flow", real), ("rendered", rendered)) if names}


def _flow_row(net, pairs: list) -> dict:
    ours, dis, median, dis_median, inside, tall, scale = [], [], [], [], [], [], []
    for first, second, truth, known in pairs:
        height, width = truth.shape[:2]
        guess, sigma = net(planes(first), planes(second))
        error = np.linalg.norm(guess[0].transpose(1, 2, 0)[:height, :width] - truth, axis=2)[known]
        spread = sigma[0, 0, :height, :width][known]
        grey = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (first, second)]
        classic = np.linalg.norm(cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*grey, None) - truth, axis=2)[known]
        ours.append(error.mean()), dis.append(classic.mean()), median.append(np.median(error)), dis_median.append(np.median(classic))
        # 1 where half of the errors are below the median of a normal error with deviation sigma per axis.
        scale.append(np.median(error / spread) / np.sqrt(2 * np.log(2)))
        inside.append((error < 2 * spread).mean()), tall.append(((error > 3) & (error > 0.05 * np.linalg.norm(truth, axis=2)[known])).mean())
    return {"epe": float(np.mean(ours)), "dis": float(np.mean(dis)), "median": float(np.mean(median)), "dis_median": float(np.mean(dis_median)), "outliers": float(np.mean(tall)), "within_2_sigma": float(np.mean(inside)), "error_to_sigma": float(np.mean(scale))}


def track_windows(net, frames: list[np.ndarray], queries: np.ndarray, window: int = 8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Follow queries (frame, x, y px, centre +0.5) forwards and backwards by windows that overlap by one frame.

    A grid of other points keeps them company, as in the page: mobility is judged against the rest of the picture.
    Gives uv [N,T,2], visible [N,T], mobility [N] (root mean square over the windows, weighed by how surely they hold the point, as
    in the page).
    """
    total, count = len(frames), len(queries)
    grid = (np.stack(np.meshgrid(np.arange(16), np.arange(9)), -1).reshape(-1, 2) + 0.5) * [frames[0].shape[1] / 16, frames[0].shape[0] / 9]
    stack = np.concatenate([planes(frame) for frame in frames])
    uv, visible, squares, weights = np.zeros((count, total, 2), np.float32), np.zeros((count, total), np.float32), np.zeros(count), np.zeros(count)
    uv[:] = queries[:, None, 1:]
    anchor_groups: dict[int, np.ndarray] = {}
    for frame in np.unique(queries[:, 0].astype(int)):
        anchor_groups[frame] = np.flatnonzero(queries[:, 0].astype(int) == frame)
    for frame, rows in anchor_groups.items():
        visible[rows, frame] = 1
        for direction in (1, -1):
            at, here, some = np.concatenate([queries[rows, 1:], grid]), frame, len(rows)
            trust = np.ones(some)
            while 0 <= here + direction < total:
                index = np.clip(here + direction * np.arange(window), 0, total - 1)
                points, seen, sure, moves = net(stack[index], np.concatenate([np.zeros((len(at), 1), np.float32), at], 1))
                last = min(window - 1, (total - 1 - here) if direction > 0 else here)
                uv[rows[:, None], index[None, 1 : last + 1]] = points[:some, 1 : last + 1]
                visible[rows[:, None], index[None, 1 : last + 1]] = seen[:some, 1 : last + 1]
                share = trust * (seen * sure)[:some].mean(1)
                squares[rows] += share * moves[:some] ** 2
                weights[rows] += share
                trust = np.minimum(trust, sure[:some, last])
                at, here = np.concatenate([points[:some, last], grid]), here + direction * last
    return uv, visible, np.sqrt(squares / np.maximum(weights, 1e-6))


def track_scores(uv: np.ndarray, visible: np.ndarray, truth: np.ndarray, shown: np.ndarray, judged: np.ndarray, size: tuple[int, int]) -> dict:
    """TAP-Vid's figures: errors scaled to 256x256, thresholds 1, 2, 4, 8, 16; `judged` frames only. [N,T,2] and [N,T]."""
    error = np.linalg.norm((uv - truth) * [256 / size[0], 256 / size[1]], axis=2)
    occlusion = ((visible > 0.5) == shown)[judged].mean()
    deltas, jaccards = [], []
    for limit in (1, 2, 4, 8, 16):
        close = error < limit
        deltas.append(close[judged & shown].mean())
        hit = (close & shown & (visible > 0.5) & judged).sum()
        false = ((visible > 0.5) & (~shown | ~close) & judged).sum()
        jaccards.append(hit / ((shown & judged).sum() + false))
    return {"delta_avg": float(np.mean(deltas)), "AJ": float(np.mean(jaccards)), "OA": float(occlusion), "median": float(np.median(error[judged & shown]))}


def track(net, data: Path, only: str | None = None) -> dict:
    rows = {}
    for folder in chosen((path.parent for path in (data / "rendered").glob("*/tracks.npz")), only):
        truth = np.load(folder / "tracks.npz")
        frames = [read(path) for path in sorted((folder / "rgb").glob("*.jpg"))]
        start = truth["query_frame"].astype(int)
        uv, shown = truth["uv"], truth["visible"]
        queries = np.concatenate([start[:, None], uv[np.arange(len(uv)), start]], 1).astype(np.float32)
        guess, visible, mobility = track_windows(net, frames, queries)
        judged = np.arange(len(frames))[None] != start[:, None]
        row = track_scores(guess, visible, uv, shown, judged, (frames[0].shape[1], frames[0].shape[0]))
        moving = truth["moving"]
        row["mobility_accuracy"] = float(((mobility > 0.5) == moving).mean())
        row["mobility_auc"] = _auc(mobility, moving)
        rows[folder.name] = row
    for folder in chosen((path.parent for path in (data / "tracks").glob("*/tracks.json")), only):
        truth = json.loads((folder / "tracks.json").read_text())
        frames = [read(path) for path in sorted(folder.glob("*.jpg"))]
        queries = np.array(truth["queries"], np.float32) + [0, 0.5, 0.5]
        points = np.array([[p if p else [np.nan, np.nan] for p in line] for line in truth["points"]], np.float32) + 0.5
        shown = np.array([[bool(v) for v in line] for line in truth["visible"]])
        labelled = np.array([[v is not None for v in line] for line in truth["visible"]])
        judged = labelled & (np.arange(len(frames))[None] > queries[:, :1])
        shown &= np.isfinite(points).all(2)
        guess, visible, _ = track_windows(net, frames, queries.astype(np.float32))
        rows[folder.name] = track_scores(guess, visible, np.nan_to_num(points), shown, judged, (frames[0].shape[1], frames[0].shape[0]))
    return {"rows": rows, "delta_avg": float(np.mean([row["delta_avg"] for row in rows.values()])), "AJ": float(np.mean([row["AJ"] for row in rows.values()]))}


def _auc(score: np.ndarray, label: np.ndarray) -> float:
    order = np.argsort(np.argsort(score))
    positive = label.sum()
    return float((order[label].sum() - positive * (positive - 1) / 2) / max(positive * (~label).sum(), 1))


def align(depth: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Best scale and shift (robust: reweighted least squares on the relative error)."""
    weight = 1 / truth
    for _ in range(10):
        basis = np.stack([depth, np.ones_like(depth)], 1)
        fit, *_ = np.linalg.lstsq(basis * weight[:, None], truth * weight, rcond=None)
        rest = np.abs(basis @ fit - truth) / truth
        weight = 1 / truth / np.sqrt(rest + 1e-3)
    return basis @ fit


def depth_row(net, pairs: list, focal: float | None) -> dict:
    """pairs of (image1, image2, depth1, known); AbsRel after scale and shift against the best constant and the best row ramp."""
    ours, flat, ramp, focals, scale_only = [], [], [], [], []
    for first, second, depth, known in pairs:
        height, width = depth.shape
        points = net(planes(first), planes(second))[0][0][:, :height, :width]
        known = known & (depth > 0)
        truth = depth[known]
        z = points[2][known]
        rows = np.broadcast_to(np.arange(height)[:, None] + 0.5, depth.shape)[known]
        score = lambda guess: float((np.abs(guess - truth) / truth).mean())
        ours.append(score(align(z, truth))), ramp.append(score(align(rows, truth)))
        scale_only.append(score(z * np.median(truth / z)))
        flat.append(score(np.full_like(truth, 1 / np.median(1 / truth))))
        x = np.broadcast_to(np.arange(width) + 0.5 - width / 2, depth.shape)
        big = np.abs(x) > width / 4
        focals.append(np.median((points[2] * x / points[0])[big]))
    row = {"absrel": float(np.mean(ours)), "absrel_scale_only": float(np.mean(scale_only)), "constant": float(np.mean(flat)), "row_ramp": float(np.mean(ramp)), "focal_px": float(np.median(focals))}
    if focal:
        row["focal_true"] = focal
    return row


def pointmap(net, data: Path, only: str | None = None, *, width: int = 256) -> dict:
    rows = {}
    for folder in chosen((path.parent for path in (data / "rendered").glob("*/tracks.npz")), only):
        depth = np.load(folder / "depth.npz")["depth"].astype(np.float32)
        frames = [read(path) for path in sorted((folder / "rgb").glob("*.jpg"))]
        scale = width / frames[0].shape[1]
        height = round(frames[0].shape[0] * scale)
        shrink = lambda image: cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        near = lambda plane: cv2.resize(plane, (width, height), interpolation=cv2.INTER_NEAREST)
        focal = json.loads((folder / "intrinsics.json").read_text())["fx"] * scale
        rows[folder.name] = depth_row(net, [(shrink(frames[t]), shrink(frames[t + 2]), near(depth[t]), near(depth[t]) > 0) for t in range(0, 21, 5)], focal)
    for folder in chosen((path.parent for path in (data / "geometry").glob("*/depth")), only):
        facts = json.loads((folder / "intrinsics.json").read_text())
        images = sorted((folder / "rgb").glob("*.jpg"))
        pairs = []
        for t in range(0, len(images) - 2, 10):
            path = folder / "depth" / (images[t].stem + ".png")
            if not path.exists():
                continue
            first = read(images[t])
            scale = width / first.shape[1]
            size = (width, round(first.shape[0] * scale))
            depth = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.float32) / facts["depth_scale"]
            depth = cv2.resize(depth, size, interpolation=cv2.INTER_NEAREST)
            pairs.append((cv2.resize(first, size, interpolation=cv2.INTER_AREA), cv2.resize(read(images[t + 1]), size, interpolation=cv2.INTER_AREA), depth, depth > 0))
        rows[folder.name] = depth_row(net, pairs, facts.get("fx", 0) * scale)
    mean = lambda key: float(np.mean([row[key] for row in rows.values()]))
    return {"rows": rows, "absrel": mean("absrel"), "absrel_scale_only": mean("absrel_scale_only"), "constant": mean("constant"), "row_ramp": mean("row_ramp")}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=["flow", "track", "pointmap"])
    parser.add_argument("--data", required=True)
    parser.add_argument("--models", default="public/models")
    parser.add_argument("--weights")
    parser.add_argument("--only", help="comma-separated parts of folder names")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    cv2.setNumThreads(options.threads)
    net = TorchNet(options.name, Path(options.weights), options.threads) if options.weights else OnnxNet(Path(options.models) / f"{options.name}.onnx", options.threads)
    result = {"flow": flow, "track": track, "pointmap": pointmap}[options.name](net, Path(options.data), options.only)
    for name, row in result.pop("rows").items():
        print(f"{name:24s}", "  ".join(f"{key} {value:.3f}" for key, value in row.items()))
    print("  ".join(f"{key} {value:.3f}" for key, value in result.items()))


if __name__ == "__main__":
    main()
