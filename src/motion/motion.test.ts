import { describe, expect, it } from 'vitest';
import type { FlowField } from '../scene/fields.ts';
import { NEVER_CANCELLED } from '../scene/job.ts';
import { createRng } from '../scene/rng.ts';
import type { TrackSet } from '../scene/tracks.ts';
import { estimateMotion, findCuts, type MotionInput } from './index.ts';

// A planted world: walls given by planes n·X = d, one ball that moves, cameras that move; flow and tracks are exact but for noise.
const W = 128;
const H = 80;
const FOCAL = 110;
const FRAMES = 5;

interface World {
  walls: readonly { n: readonly [number, number, number]; d: number }[];
  ball: (t: number) => { c: readonly [number, number, number]; r: number } | null;
  /** Camera centre, and its turn about y, rad. */
  camera: (t: number) => { c: readonly [number, number, number]; turn: number };
}

const CORNER: World['walls'] = [
  { n: [0, 0, 1], d: 8 }, { n: [0, 1, 0], d: 1.5 }, { n: [1, 0, 0.35], d: 5 }, { n: [-1, 0, 0.2], d: 4 },
];
const WALL: World['walls'] = [{ n: [0.3, 0.1, 1], d: 6 }];
const ballAt = (x: number, y: number, z: number, vx: number, vy: number, r = 0.6): World['ball'] => (t) => ({ c: [x + vx * t, y + vy * t, z], r });

function hit(world: World, t: number, x: number, y: number): { p: number[]; onBall: boolean } {
  const { c, turn } = world.camera(t);
  const rx = (x - W / 2) / FOCAL;
  const ry = (y - H / 2) / FOCAL;
  const d = [Math.cos(turn) * rx + Math.sin(turn), ry, -Math.sin(turn) * rx + Math.cos(turn)];
  let best = Infinity;
  for (const wall of world.walls) {
    const s = (wall.d - wall.n[0] * c[0] - wall.n[1] * c[1] - wall.n[2] * c[2]) / (wall.n[0] * d[0]! + wall.n[1] * d[1]! + wall.n[2] * d[2]!);
    if (s > 0 && s < best) best = s;
  }
  let onBall = false;
  const ball = world.ball(t);
  if (ball) {
    const o = [c[0] - ball.c[0], c[1] - ball.c[1], c[2] - ball.c[2]];
    const a = d[0]! ** 2 + d[1]! ** 2 + d[2]! ** 2;
    const b = o[0]! * d[0]! + o[1]! * d[1]! + o[2]! * d[2]!;
    const q = b * b - a * (o[0]! ** 2 + o[1]! ** 2 + o[2]! ** 2 - ball.r ** 2);
    const s = q > 0 ? (-b - Math.sqrt(q)) / a : Infinity;
    if (s > 0 && s < best) {
      best = s;
      onBall = true;
    }
  }
  return { p: d.map((k, i) => c[i]! + best * k), onBall };
}

/** Where the world point seen at (x, y) in frame t is seen in frame u. */
function move(world: World, t: number, u: number, x: number, y: number): { x: number; y: number; onBall: boolean } {
  const { p, onBall } = hit(world, t, x, y);
  if (onBall) {
    const a = world.ball(t)!.c;
    const b = world.ball(u)!.c;
    for (let i = 0; i < 3; i++) p[i]! += b[i]! - a[i]!;
  }
  const { c, turn } = world.camera(u);
  const q = [p[0]! - c[0], p[1]! - c[1], p[2]! - c[2]];
  const z = Math.sin(turn) * q[0]! + Math.cos(turn) * q[2]!;
  return { x: W / 2 + (FOCAL * (Math.cos(turn) * q[0]! - Math.sin(turn) * q[2]!)) / z, y: H / 2 + (FOCAL * q[1]!) / z, onBall };
}

function film(world: World, options: { mobility?: 'truth' | 'unsure' | 'swapped'; noise?: number } = {}): MotionInput & { truth: Uint8Array[] } {
  const { mobility = 'truth', noise = 0.05 } = options;
  const rng = createRng(3);
  const flows: FlowField[] = [];
  for (let t = 0; t < FRAMES; t++) {
    for (const u of [t - 2, t - 1, t + 1, t + 2]) {
      if (u < 0 || u >= FRAMES) continue;
      const uv = new Float32Array(W * H * 2);
      const consistent = new Uint8Array(W * H);
      for (let i = 0; i < W * H; i++) {
        const x = (i % W) + 0.5;
        const y = Math.floor(i / W) + 0.5;
        const m = move(world, t, u, x, y);
        uv[2 * i] = m.x - x + noise * rng.normal();
        uv[2 * i + 1] = m.y - y + noise * rng.normal();
        const seen = m.x > 0 && m.y > 0 && m.x < W && m.y < H;
        if (seen && hit(world, u, m.x, m.y).onBall === m.onBall) consistent[i] = 1;
      }
      flows.push({ from: t, to: u, width: W, height: H, uv, sigma: new Float32Array(W * H).fill(0.1), consistent });
    }
  }
  const truth = Array.from({ length: FRAMES }, (_, t) =>
    Uint8Array.from({ length: W * H }, (_, i) => (hit(world, t, (i % W) + 0.5, Math.floor(i / W) + 0.5).onBall ? 1 : 0)));
  const rgba = truth.map((mask) => Uint8Array.from({ length: W * H * 4 }, (_, k) => (mask[k >> 2] ? 200 : 60)));
  return { width: W, height: H, frameCount: FRAMES, flows, tracks: track(world, mobility), rgba, truth };
}

function track(world: World, mobility: 'truth' | 'unsure' | 'swapped'): TrackSet {
  const uv: number[] = [];
  const visible: number[] = [];
  const moves: number[] = [];
  for (let y = 4; y < H; y += 8) {
    for (let x = 4; x < W; x += 8) {
      let onBall = false;
      for (let t = 0; t < FRAMES; t++) {
        const m = move(world, 0, t, x, y);
        onBall = m.onBall;
        uv.push(m.x, m.y);
        visible.push(m.x > 0 && m.y > 0 && m.x < W && m.y < H ? 1 : 0);
      }
      moves.push(mobility === 'unsure' ? 0.7 : onBall === (mobility === 'truth') ? 0.9 : 0.1);
    }
  }
  return {
    count: moves.length, frameCount: FRAMES, uv: Float32Array.from(uv), visible: Uint8Array.from(visible),
    confidence: new Float32Array(visible.length).fill(1), mobility: Float32Array.from(moves), xyz: null,
  };
}

function run(input: MotionInput) {
  const warnings: string[] = [];
  const notes: number[] = [];
  const masks = estimateMotion(input, { rng: createRng(1), signal: NEVER_CANCELLED, progress: (f) => notes.push(f), warn: (w) => warnings.push(w.code) });
  return { masks, warnings, notes };
}

/** Mean IoU over the frames; 1 where both are empty. */
function iou(masks: { ever: Uint8Array }[], truth: readonly Uint8Array[]): number {
  const each = masks.map((m, t) => {
    let both = 0;
    let any = 0;
    for (let i = 0; i < m.ever.length; i++) {
      both += m.ever[i]! & truth[t]![i]!;
      any += m.ever[i]! | truth[t]![i]!;
    }
    return any ? both / any : 1;
  });
  return each.reduce((a, b) => a + b, 0) / each.length;
}

const share = (masks: { ever: Uint8Array }[]) => Math.max(...masks.map((m) => m.ever.reduce((a, b) => a + b, 0) / (W * H)));
const sideways: World['camera'] = (t) => ({ c: [0.25 * t, 0, 0], turn: -0.01 * t });

describe('motion masks', () => {
  it('find a ball that crosses the epipolar lines of a moving camera', () => {
    const input = film({ walls: CORNER, ball: ballAt(-0.5, 0.5, 5, 0.05, -0.25), camera: sideways });
    const { masks, warnings } = run(input);
    expect(masks[2]!.model).toBe('epipolar');
    expect(iou(masks, input.truth)).toBeGreaterThan(0.8);
    expect(warnings).toEqual([]);
  });

  it('stay empty when nothing moves', () => {
    const { masks } = run(film({ walls: CORNER, ball: () => null, camera: sideways }));
    expect(share(masks)).toBeLessThan(0.002);
  });

  it('use the length of the flow when the camera stands still', () => {
    const input = film({ walls: CORNER, ball: ballAt(-0.5, 0.2, 5, 0.15, 0), camera: () => ({ c: [0, 0, 0], turn: 0 }) });
    const { masks } = run(input);
    expect(masks.every((m) => m.model === 'still')).toBe(true);
    expect(iou(masks, input.truth)).toBeGreaterThan(0.85);
  });

  it('use a homography when the camera only turns', () => {
    const input = film({ walls: CORNER, ball: ballAt(-0.5, 0.2, 5, 0.15, 0.1), camera: (t) => ({ c: [0, 0, 0], turn: 0.03 * t }) });
    const { masks } = run(input);
    expect(masks[2]!.model).toBe('homography');
    expect(iou(masks, input.truth)).toBeGreaterThan(0.8);
  });

  it('use a homography when a plane fills the view', () => {
    const input = film({ walls: WALL, ball: ballAt(-0.5, 0.2, 4.5, 0.15, -0.1), camera: sideways });
    const { masks } = run(input);
    expect(masks[2]!.model).toBe('homography');
    expect(iou(masks, input.truth)).toBeGreaterThan(0.6);
  });

  it('see a mover at the epipole of a forward camera', () => {
    // The ball comes straight at the camera along its own path: every flow vector is epipolar.
    const input = film({ walls: CORNER, ball: (t) => ({ c: [0.05, 0.05, 6 - 0.4 * t], r: 0.7 }), camera: (t) => ({ c: [0, 0, 0.15 * t], turn: 0 }) });
    const { masks } = run(input);
    const found = masks.filter((m, t) => m.ever.some((v, i) => v && input.truth[t]![i]));
    expect(found.length).toBeGreaterThan(2);
    expect(share(masks)).toBeLessThan(0.2);
  });

  for (const mobility of ['unsure', 'swapped'] as const) {
    it(`fall back on the largest consistent set when mobility is ${mobility}`, () => {
      const input = film({ walls: CORNER, ball: ballAt(-0.5, 0.3, 3.5, 0.05, -0.2, 0.9), camera: sideways }, { mobility });
      const { masks, warnings } = run(input);
      expect(iou(masks, input.truth)).toBeGreaterThan(0.75);
      if (mobility === 'unsure') expect(warnings).toContain('motion/too-few-static-tracks');
    });
  }

  it('do not take a large foreground for the background', () => {
    const input = film({ walls: CORNER, ball: ballAt(0.2, 0.5, 2.6, -0.1, -0.3, 0.8), camera: sideways }, { mobility: 'unsure' });
    const covered = input.truth[2]!.reduce((a, b) => a + b, 0) / (W * H);
    expect(covered).toBeGreaterThan(0.28);
    expect(iou(run(input).masks, input.truth)).toBeGreaterThan(0.7);
  });

  it('leave out pairs whose flow fails, and say so when all do', () => {
    const input = film({ walls: CORNER, ball: ballAt(-0.5, 0.5, 5, 0.05, -0.25), camera: sideways });
    const wild = (f: FlowField): FlowField => ({ ...f, consistent: new Uint8Array(W * H), uv: f.uv.map((v) => v + 30) });
    const partly = run({ ...input, flows: input.flows.map((f) => (f.from + f.to === 3 ? wild(f) : f)) });
    expect(iou(partly.masks, input.truth)).toBeGreaterThan(0.75);
    const { masks, warnings } = run({ ...input, flows: input.flows.map(wild) });
    expect(share(masks)).toBe(0);
    expect(warnings).toContain('motion/flow-failed');
  });

  it('find the cut between two shots, but not a flash', () => {
    const { flows } = film({ walls: CORNER, ball: () => null, camera: sideways });
    const spoil = (bad: (f: FlowField) => boolean) => flows.map((f) => (bad(f) ? { ...f, consistent: new Uint8Array(W * H) } : f));
    expect(findCuts(flows, FRAMES)).toEqual([]);
    expect(findCuts(spoil((f) => Math.min(f.from, f.to) < 3 && Math.max(f.from, f.to) >= 3), FRAMES)).toEqual([3]);
    expect(findCuts(spoil((f) => f.from === 3 || f.to === 3), FRAMES)).toEqual([]);
  });

  it('report progress that never falls, and stop when cancelled', () => {
    const input = film({ walls: WALL, ball: () => null, camera: sideways });
    const { notes } = run(input);
    expect(notes.every((n, i) => i === 0 || n >= notes[i - 1]!)).toBe(true);
    expect(() => estimateMotion(input, { rng: createRng(1), signal: { aborted: true }, progress: () => {}, warn: () => {} })).toThrow('cancelled');
  });
});
