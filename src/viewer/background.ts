// Which of all frames' pixels make the background: each surface once, and nothing that other frames look through.

import type { Scene } from '../scene/scene.ts';
import { calmFrame } from './calm.ts';
import { leaveOutSky } from './sky.ts';
import { buildTriangles, dropSpecks, findSkins, grow, pixelsOf, usedPixels } from './surface.ts';

/** Two frames that see depths within this share of each other see the same surface. */
const SAME_SURFACE = 0.1;
/** A pixel may only be replaced by one that is not much less certain (of 255). */
const CERTAINTY_SLACK = 60;
/** Smaller parts are noise, share of the picture. */
const SPECK_SHARE = 0.002;
/** What only one frame sees, and so many others see something before, is a wrong depth. */
const HIDERS = 3;

export interface BackgroundPatch {
  readonly frame: number;
  /** u8 [H·W], 1 = this pixel is the one that shows its bit of background. */
  readonly keep: Uint8Array;
}

/**
 * The background, piece by piece: each frame adds the static pixels that show what the frames before it did not.
 * A pixel in front of what most other frames saw there would have hidden it: something that moved or a wrong depth, left out.
 */
export function* fuseBackground(scene: Scene, frames: readonly number[], overlap: number, withSky = false): Generator<BackgroundPatch> {
  const { width: W, height: H } = scene;
  const margin = Math.max(1, Math.round(W / 128));
  const views = frames.map((frame) => makeView(scene, frame, margin, withSky));
  for (const [n, view] of views.entries()) {
    const solid = new Uint8Array(W * H);
    const fresh = new Uint8Array(W * H);
    for (let i = 0; i < W * H; i++) {
      if (!view.still[i] || view.depth[i] <= 0) continue;
      const vote = askOthers(views, n, i, W, H);
      solid[i] = Number(vote.against <= vote.for && (vote.for > 1 || vote.hidden < HIDERS));
      fresh[i] = solid[i] & Number(!vote.shown);
    }
    const keep = new Uint8Array(W * H);
    // Specks go, and a seam's width into what is already there is added, so that no gap is left between the pieces.
    const wide = grow(dropSpecks(fresh, W, H, SPECK_SHARE * W * H), W, H, n === 0 ? 0 : overlap + 1);
    for (let i = 0; i < W * H; i++) keep[i] = wide[i] & solid[i];
    yield { frame: view.frame, keep };
  }
}

interface View {
  readonly frame: number;
  readonly depth: Float32Array;
  readonly confidence: Uint8Array;
  /** 1 = static, part of a surface, and not beside something that moves, where depth mixes. */
  readonly still: Uint8Array;
  /** 1 = between two surfaces, where the depth is neither's. */
  readonly skin: Uint8Array;
  readonly pose: Float64Array;
  readonly lens: readonly [number, number, number, number];
}

function makeView(scene: Scene, frame: number, margin: number, withSky: boolean): View {
  const { width: W, height: H, confidence, mask, cameras } = scene;
  const [from, to] = [frame * W * H, (frame + 1) * W * H];
  const { camToWorld, fx, fy, cx, cy } = cameras[frame];
  const still = grow(mask.subarray(from, to).map((m) => (m ? 1 : 0)), W, H, margin).map((m) => 1 - m);
  const own = calmFrame(scene, frame);
  const pixels = pixelsOf(scene, frame, 'all');
  if (!withSky) leaveOutSky(pixels, scene, frame);
  // Skins and debris of the frame's own surface are no background either.
  const solid = new Uint8Array(W * H);
  for (const i of usedPixels(buildTriangles(own, pixels, W, H, 1, true), W * H)) solid[i] = 1;
  for (let i = 0; i < W * H; i++) still[i] &= solid[i];
  return { frame, depth: own, confidence: confidence.subarray(from, to), still, skin: findSkins(own, W, H), pose: camToWorld, lens: [fx, fy, cx, cy] };
}

interface Vote {
  /** Frames that see the same surface there, itself included. */
  for: number;
  /** Frames that see what lies behind it. */
  against: number;
  /** Frames that see something before it. */
  hidden: number;
  /** An earlier frame shows it already, or something it would hide. */
  shown: boolean;
}

const vote: Vote = { for: 1, against: 0, hidden: 0, shown: false };

function askOthers(views: readonly View[], n: number, i: number, W: number, H: number): Vote {
  const view = views[n];
  const [fx, fy, cx, cy] = view.lens;
  const z = view.depth[i];
  const x = (((i % W) + 0.5 - cx) / fx) * z;
  const y = ((Math.floor(i / W) + 0.5 - cy) / fy) * z;
  const m = view.pose;
  const wx = m[0] * x + m[1] * y + m[2] * z + m[3];
  const wy = m[4] * x + m[5] * y + m[6] * z + m[7];
  const wz = m[8] * x + m[9] * y + m[10] * z + m[11];
  [vote.for, vote.against, vote.hidden, vote.shown] = [1, 0, 0, false];
  for (let k = 0; k < views.length; k++) {
    if (k === n) continue;
    const other = views[k];
    const o = other.pose;
    const [dx, dy, dz] = [wx - o[3], wy - o[7], wz - o[11]];
    const depth = o[2] * dx + o[6] * dy + o[10] * dz;
    if (depth <= 0) continue;
    const u = Math.floor(((o[0] * dx + o[4] * dy + o[8] * dz) / depth) * other.lens[0] + other.lens[2]);
    const v = Math.floor(((o[1] * dx + o[5] * dy + o[9] * dz) / depth) * other.lens[1] + other.lens[3]);
    if (u < 0 || v < 0 || u >= W || v >= H) continue;
    const at = v * W + u;
    const seen = other.depth[at];
    if (!other.still[at] || seen <= 0 || other.confidence[at] + CERTAINTY_SLACK < view.confidence[i]) continue;
    if (depth > seen * (1 + SAME_SURFACE)) {
      vote.hidden++;
      continue;
    }
    if (depth > seen * (1 - SAME_SURFACE)) vote.for++;
    else if (!other.skin[at]) vote.against++;
    if (k < n) vote.shown = true;
  }
  return vote;
}
