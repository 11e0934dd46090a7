// Which correspondences of a pair of frames are taken for static, and how they cover the picture.

import type { FlowField } from '../scene/fields.ts';
import type { TrackSet } from '../scene/tracks.ts';

/** Fewer static tracks than this leave LMedS unstable. */
export const MIN_STATIC_TRACKS = 16;
/** Flow samples per pair; enough for a median that does not shake, few enough for hundreds of trials. */
const FLOW_SAMPLES = 700;
/** Samples within this share of the picture's shorter side from the border count as its rim. */
const RIM_SHARE = 0.15;
/** How much more a rim sample counts: a large foreground fills the middle, seldom the rim. */
const RIM_SUPPORT = 2;

/** Matches of one pair of frames with how much each speaks for the static world. */
export interface PairMatches {
  /** f64 [N·4] x, y, x', y' px. Tracks first, then flow samples. */
  readonly matches: Float64Array;
  readonly trackCount: number;
  /** Track number of the first `trackCount` matches. */
  readonly trackIds: Int32Array;
  /** f64 [N] weight in the consensus: rim samples count more. */
  readonly support: Float64Array;
  /** Expected error of a flow sample, px (median). */
  readonly sigmaPx: number;
}

/**
 * Tracks seen in both frames and a regular grid of consistent flow vectors.
 */
export function gatherMatches(flow: FlowField, tracks: TrackSet): PairMatches {
  const { width, height, from, to } = flow;
  const rows: number[] = [];
  const ids: number[] = [];
  const sigmas: number[] = [];
  for (let n = 0; n < tracks.count; n++) {
    const a = n * tracks.frameCount + from;
    const b = n * tracks.frameCount + to;
    if (!tracks.visible[a] || !tracks.visible[b]) continue;
    rows.push(tracks.uv[2 * a]!, tracks.uv[2 * a + 1]!, tracks.uv[2 * b]!, tracks.uv[2 * b + 1]!);
    ids.push(n);
  }
  const trackCount = ids.length;
  const step = Math.max(1, Math.round(Math.sqrt((width * height) / FLOW_SAMPLES)));
  for (let y = step >> 1; y < height; y += step) {
    for (let x = step >> 1; x < width; x += step) {
      const i = y * width + x;
      if (!flow.consistent[i]) continue;
      sigmas.push(flow.sigma[i]!);
      rows.push(x + 0.5, y + 0.5, x + 0.5 + flow.uv[2 * i]!, y + 0.5 + flow.uv[2 * i + 1]!);
    }
  }
  const matches = Float64Array.from(rows);
  const rim = RIM_SHARE * Math.min(width, height);
  const support = Float64Array.from({ length: matches.length / 4 }, (_, i) => {
    const x = matches[4 * i]!;
    const y = matches[4 * i + 1]!;
    return Math.min(x, y, width - x, height - y) < rim ? RIM_SUPPORT : 1;
  });
  return { matches, trackCount, trackIds: Int32Array.from(ids), support, sigmaPx: sigmas.sort((a, b) => a - b)[sigmas.length >> 1] ?? 1 };
}

/** The matches whose index passes, as their own array. */
export function selectMatches(matches: Float64Array, keep: (index: number) => boolean): Float64Array {
  const rows: number[] = [];
  for (let i = 0; i < matches.length / 4; i++) if (keep(i)) rows.push(...matches.subarray(4 * i, 4 * i + 4));
  return Float64Array.from(rows);
}
