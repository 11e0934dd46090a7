// Our kernels against the plain way to write them, in one run on one machine, so that the ratio means something anywhere.

import { boxMean } from '../geometry/mask-shape.ts';
import { FUNDAMENTAL } from '../geometry/fundamental.ts';
import { smallestEigenvector } from '../geometry/null-vector.ts';
import { fitLmeds } from '../geometry/robust-fit.ts';
import { createRng } from '../scene/rng.ts';

export interface KernelRow {
  readonly name: string;
  readonly oursMs: number;
  readonly plainMs: number;
}

const REPEATS = 7;

export function benchKernels(): KernelRow[] {
  return [boxRow(), eigenRow(), lmedsRow()];
}

/** Median of several runs after one to warm up. */
function timeMs(work: () => void): number {
  work();
  const times = Array.from({ length: REPEATS }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return times.sort((a, b) => a - b)[REPEATS >> 1]!;
}

function boxRow(): KernelRow {
  const size = { width: 384, height: 216 };
  const radius = 5;
  const rng = createRng(1);
  const map = Float32Array.from({ length: size.width * size.height }, () => rng.next());
  const plain = () => {
    const out = new Float32Array(map.length);
    for (let y = 0; y < size.height; y++) {
      for (let x = 0; x < size.width; x++) {
        let sum = 0;
        let count = 0;
        for (let v = Math.max(0, y - radius); v <= Math.min(size.height - 1, y + radius); v++) {
          for (let u = Math.max(0, x - radius); u <= Math.min(size.width - 1, x + radius); u++, count++) sum += map[v * size.width + u]!;
        }
        out[y * size.width + x] = sum / count;
      }
    }
  };
  return { name: 'box mean 11×11 of 384×216', oursMs: timeMs(() => boxMean(map, radius, size)), plainMs: timeMs(plain) };
}

/** Null vector of a 9×9 normal matrix against cyclic Jacobi rotations, the textbook way. */
function eigenRow(): KernelRow {
  const rng = createRng(2);
  const matrices = Array.from({ length: 200 }, () => {
    const m = new Float64Array(81);
    for (let k = 0; k < 8; k++) {
      const row = Array.from({ length: 9 }, () => rng.normal());
      for (let i = 0; i < 9; i++) for (let j = 0; j < 9; j++) m[i * 9 + j]! += row[i]! * row[j]!;
    }
    return m;
  });
  return {
    name: '200 null vectors 9×9', oursMs: timeMs(() => matrices.forEach((m) => smallestEigenvector(m, 9))),
    plainMs: timeMs(() => matrices.forEach((m) => jacobi(Float64Array.from(m), 9))),
  };
}

function jacobi(a: Float64Array, n: number): Float64Array {
  const v = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  for (let sweep = 0; sweep < 12; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]!) < 1e-15) continue;
        const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * a[p * n + q]!);
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const x = a[k * n + p]!;
          const y = a[k * n + q]!;
          a[k * n + p] = c * x - s * y;
          a[k * n + q] = s * x + c * y;
        }
        for (let k = 0; k < n; k++) {
          const x = a[p * n + k]!;
          const y = a[q * n + k]!;
          a[p * n + k] = c * x - s * y;
          a[q * n + k] = s * x + c * y;
          const w = v[k * n + p]!;
          const z = v[k * n + q]!;
          v[k * n + p] = c * w - s * z;
          v[k * n + q] = s * w + c * z;
        }
      }
    }
  }
  return v;
}

/** LMedS that gives up hopeless trials early, against one that takes every median. */
function lmedsRow(): KernelRow {
  const rng = createRng(3);
  const n = 800;
  const matches = Float64Array.from({ length: n * 4 }, () => 0);
  for (let i = 0; i < n; i++) {
    const x = 384 * rng.next();
    const y = 216 * rng.next();
    const shift = i < n * 0.3 ? 20 * rng.normal() : 0;
    matches.set([x, y, x + 10 / (1 + 5 * rng.next()) + shift, y + 1 + 0.2 * rng.normal() + shift], 4 * i);
  }
  const plain = () => {
    const random = createRng(4);
    for (let trial = 0; trial < 250; trial++) {
      const params = FUNDAMENTAL.fit(matches, Array.from({ length: 8 }, () => random.int(n)));
      if (params) Float64Array.from({ length: n }, (_, i) => FUNDAMENTAL.residualPx(params, matches, i)).sort();
    }
  };
  return { name: 'LMedS fundamental matrix, 250 trials', oursMs: timeMs(() => fitLmeds(FUNDAMENTAL, matches, createRng(4), { trials: 250 })), plainMs: timeMs(plain) };
}
