// A small world of exact truth for tests: a room of planes and boxes, one box that slides over the floor, a camera on an arc.

import type { Size } from '../maths/resize.ts';
import { expSo3 } from '../maths/so3.ts';
import type { FlowField } from '../scene/fields.ts';

/** What is known of a scene when everything is known. Lengths in the scene's own units, OpenCV axes. */
export interface TruthScene {
  readonly frameCount: number;
  /** px of the pictures; the centre of the top-left pixel is (0.5, 0.5). */
  readonly width: number;
  readonly height: number;
  readonly focalPx: number;
  /** f64 [16] per frame. */
  readonly camToWorld: readonly Float64Array[];
  /** What is seen at (x, y) px of frame t. */
  see(t: number, x: number, y: number): SeenPoint;
  /** Where the point seen at (x, y) px of frame t lies at frame `to`. */
  carry(t: number, x: number, y: number, to: number): CarriedPoint;
}

export interface SeenPoint {
  /** z along the optical axis. */
  readonly depth: number;
  /** Belongs to something that moves in the clip. */
  readonly moving: boolean;
}

export interface CarriedPoint {
  readonly x: number;
  readonly y: number;
  readonly depth: number;
  /** Inside the picture and not hidden. */
  readonly visible: boolean;
}

export interface SyntheticScene extends TruthScene {
  /** u8 [H·W·4]. */
  picture(t: number): Uint8Array;
}

interface Box {
  readonly low: readonly [number, number, number];
  readonly high: readonly [number, number, number];
  /** World units per frame; 0 = stands still. */
  readonly velocity: readonly [number, number, number];
  readonly colour: readonly [number, number, number];
}

/** The room is a box seen from inside; y points down, the floor is y = 1.2. */
const ROOM: Box = { low: [-3, -1.6, -4], high: [3, 1.2, 6], velocity: [0, 0, 0], colour: [150, 140, 120] };
const THINGS: readonly Box[] = [
  { low: [-2.1, 0.1, 3.6], high: [-1, 1.2, 4.6], velocity: [0, 0, 0], colour: [90, 120, 170] },
  { low: [1.2, -0.5, 4], high: [1.9, 1.2, 4.8], velocity: [0, 0, 0], colour: [180, 110, 80] },
  { low: [-0.9, -0.1, 2.6], high: [-0.1, 1.2, 3.3], velocity: [0.09, 0, 0.02], colour: [60, 160, 90] },
];
/** Depth test of visibility, share of the depth. */
const SAME_DEPTH = 0.01;
const TEXTURE_PERIOD = 0.35;

interface Hit { readonly depth: number; readonly thing: Box; readonly point: readonly [number, number, number] }

/** @param step camera path per frame, world units; 0 = the camera stands or only turns. @param turn rad per frame. */
export function createSyntheticScene({ frameCount = 12, width = 128, height = 96, focalPx = 110, step = 0.08, turn = 0.012, movers = true } = {}): SyntheticScene {
  const things = movers ? THINGS : THINGS.slice(0, 2);
  const camToWorld = Array.from({ length: frameCount }, (_, t) => {
    const r = expSo3(0.2 * turn * t, -turn * t, 0.1 * turn * t);
    const c = [step * t, -0.15 * step * t * Math.sin(0.5 * t), 0.25 * step * t];
    return Float64Array.of(r[0]!, r[1]!, r[2]!, c[0]!, r[3]!, r[4]!, r[5]!, c[1]!, r[6]!, r[7]!, r[8]!, c[2]!, 0, 0, 0, 1);
  });

  const trace = (t: number, x: number, y: number): Hit => {
    const m = camToWorld[t]!;
    const rx = (x - width / 2) / focalPx;
    const ry = (y - height / 2) / focalPx;
    const direction = [0, 4, 8].map((r) => m[r]! * rx + m[r + 1]! * ry + m[r + 2]!);
    const origin = [m[3]!, m[7]!, m[11]!];
    let depth = enterBox(ROOM, origin, direction, 0).leaves;
    let thing = ROOM;
    for (const box of things) {
      const { enters, leaves } = enterBox(box, origin, direction, t);
      if (enters < leaves && enters > 0 && enters < depth) {
        depth = enters;
        thing = box;
      }
    }
    // On the thing itself: its own motion is taken off.
    const point = [0, 1, 2].map((k) => origin[k]! + depth * direction[k]! - thing.velocity[k]! * t) as [number, number, number];
    return { depth, thing, point };
  };
  const isMoving = (box: Box) => box.velocity.some((v) => v !== 0);

  return {
    frameCount, width, height, focalPx, camToWorld,
    see(t, x, y) {
      const { depth, thing } = trace(t, x, y);
      return { depth, moving: isMoving(thing) };
    },
    carry(t, x, y, to) {
      const { thing, point } = trace(t, x, y);
      const m = camToWorld[to]!;
      const d = [0, 1, 2].map((k) => point[k]! + thing.velocity[k]! * to - m[4 * k + 3]!);
      const [X, Y, Z] = [0, 1, 2].map((c) => m[c]! * d[0]! + m[4 + c]! * d[1]! + m[8 + c]! * d[2]!) as [number, number, number];
      const u = (focalPx * X) / Z + width / 2;
      const v = (focalPx * Y) / Z + height / 2;
      const inside = Z > 0 && u >= 0 && v >= 0 && u < width && v < height;
      return { x: u, y: v, depth: Z, visible: inside && Math.abs(trace(to, u, v).depth / Z - 1) < SAME_DEPTH };
    },
    picture(t) {
      const rgba = new Uint8Array(width * height * 4).fill(255);
      for (let i = 0; i < width * height; i++) {
        const { thing, point } = trace(t, (i % width) + 0.5, Math.floor(i / width) + 0.5);
        const [a, b, c] = point.map((p) => Math.sin((2 * Math.PI * p) / TEXTURE_PERIOD));
        const light = 0.85 + 0.1 * a! * c! + 0.08 * b!;
        for (let k = 0; k < 3; k++) rgba[4 * i + k] = Math.round(thing.colour[k]! * light);
      }
      return rgba;
    },
  };
}

/** Distances along the ray at which it enters and leaves a box as it stands at frame t (slab method). */
function enterBox({ low, high, velocity }: Box, origin: readonly number[], direction: readonly number[], t: number): { enters: number; leaves: number } {
  let enters = -Infinity;
  let leaves = Infinity;
  for (let k = 0; k < 3; k++) {
    const inverse = 1 / direction[k]!;
    const a = (low[k]! + velocity[k]! * t - origin[k]!) * inverse;
    const b = (high[k]! + velocity[k]! * t - origin[k]!) * inverse;
    enters = Math.max(enters, Math.min(a, b));
    leaves = Math.min(leaves, Math.max(a, b));
  }
  return { enters, leaves };
}

/** Where a point of frame 0 is at frame t in a flat world that turns about the picture's middle and slides; nothing is ever hidden. */
export function turn(x: number, y: number, t: number, { width, height }: Size): [number, number] {
  const [c, s] = [Math.cos(0.01 * t), Math.sin(0.01 * t)];
  const [dx, dy] = [x - width / 2, y - height / 2];
  return [width / 2 + c * dx - s * dy + 0.6 * t, height / 2 + s * dx + c * dy + 0.2 * t];
}

/** The exact flow of that world. */
export function turningFlow(from: number, to: number, size: Size): FlowField {
  const { width, height } = size;
  const uv = new Float32Array(2 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
    // Back to frame 0, and on from there.
    const [c, s] = [Math.cos(0.01 * from), Math.sin(0.01 * from)];
    const [dx, dy] = [x - width / 2 - 0.6 * from, y - height / 2 - 0.2 * from];
    const [u, v] = turn(width / 2 + c * dx + s * dy, height / 2 - s * dx + c * dy, to, size);
    uv.set([u - x, v - y], 2 * i);
  }
  return { from, to, width, height, uv, sigma: new Float32Array(width * height).fill(0.1), consistent: new Uint8Array(width * height).fill(1) };
}
