// Joins overlapping windows of tracks into tracks over the whole clip.
//
// Every point carries an anchor: a frame and place from which the next window is asked. It begins at the query and moves,
// window by window, to the farthest frame of the overlap where the point is seen and sure. A point that is neither in the
// whole overlap is lost: it keeps its last place and counts as invisible, because a place guessed behind something is no query.

import type { TrackSet, TrackWindow } from '../scene/tracks.ts';

export type Direction = 'forward' | 'backward';

const SURE = 0.5;
/** Below this visible·confidence in the whole overlap a point counts as lost. */
const LOST = 0.1;

export class TrackChain {
  private readonly count: number;
  /** f32 [N·3] frame, x, y of each anchor; frame −1 = nothing left to do in this direction. */
  private readonly anchors: Float32Array;
  /** Trust in the anchor, 0…1: a chain is as sure as its weakest link. */
  private readonly trust: Float32Array;
  private readonly reachesStart: Uint8Array;
  private readonly uv: Float32Array;
  private readonly visible: Uint8Array;
  private readonly confidence: Float32Array;
  private readonly mobilitySquares: Float32Array;
  private readonly mobilityWeights: Float32Array;

  constructor(private readonly queries: Float32Array, private readonly frameCount: number, private readonly starts: readonly number[], private readonly length: number) {
    this.count = queries.length / 3;
    this.anchors = queries.slice();
    this.trust = new Float32Array(this.count).fill(1);
    this.reachesStart = new Uint8Array(this.count);
    this.uv = new Float32Array(this.count * frameCount * 2);
    this.visible = new Uint8Array(this.count * frameCount);
    this.confidence = new Float32Array(this.count * frameCount);
    this.mobilitySquares = new Float32Array(this.count);
    this.mobilityWeights = new Float32Array(this.count);
  }

  /** Points that window k is asked for: it is the last (first, going backward) window that holds their anchor. */
  membersOf(k: number, direction: Direction): number[] {
    const beyond = this.starts[direction === 'forward' ? k + 1 : k - 1];
    return [...Array(this.count).keys()].filter((n) => {
      const frame = this.anchors[n * 3]!;
      if (!this.holds(this.starts[k]!, frame)) return false;
      return beyond === undefined || !this.holds(beyond, frame);
    });
  }

  queriesOf(members: readonly number[]): Float32Array {
    return Float32Array.from({ length: members.length * 3 }, (_, i) => this.anchors[members[Math.floor(i / 3)]! * 3 + (i % 3)]!);
  }

  /** Takes the answer of window k; writes what lies beyond each anchor and moves the anchors on. */
  accept(k: number, direction: Direction, members: readonly number[], window: TrackWindow): void {
    const end = Math.min(window.start + this.length, this.frameCount);
    for (const [m, n] of members.entries()) {
      // A chain that has probably slipped off says nothing about its point.
      const weight = this.trust[n]! * this.certainty(window, m);
      this.mobilitySquares[n]! += weight * window.mobility[m]! ** 2;
      this.mobilityWeights[n]! += weight;
      const anchor = this.anchors[n * 3]!;
      const isFirst = anchor === this.queries[n * 3] && direction === 'forward';
      // A window that begins with the clip holds everything before the query too, and nothing is left for the way back.
      if (isFirst && window.start === 0) this.reachesStart[n] = 1;
      const from = direction === 'backward' || this.reachesStart[n] && isFirst ? window.start : anchor + (isFirst ? 0 : 1);
      const to = direction === 'backward' ? anchor : end;
      for (let t = from; t < to; t++) this.write(n, t, window, m);
      this.moveAnchor(k, direction, n, window, m, end);
    }
  }

  /** Begins the way back: every anchor returns to its query, unless the first window was its beginning. */
  turnBack(): void {
    this.anchors.set(this.queries);
    this.trust.fill(1);
    for (let n = 0; n < this.count; n++) if (this.reachesStart[n]) this.anchors[n * 3] = -1;
  }

  finish(): TrackSet {
    // A root mean square leans towards the windows in which a point moves, without trusting a single one.
    const mobility = this.mobilitySquares.map((sum, n) => Math.sqrt(sum / Math.max(1e-6, this.mobilityWeights[n]!)));
    return { count: this.count, frameCount: this.frameCount, uv: this.uv, visible: this.visible, confidence: this.confidence, mobility, xyz: null };
  }

  private holds(start: number, frame: number): boolean {
    return frame >= start && frame < start + this.length;
  }

  /** Mean of visible·confidence over the window. */
  private certainty(window: TrackWindow, m: number): number {
    let sum = 0;
    for (let s = m * this.length; s < (m + 1) * this.length; s++) sum += window.visible[s]! * window.confidence[s]!;
    return sum / this.length;
  }

  private write(n: number, t: number, window: TrackWindow, m: number): void {
    const source = m * this.length + t - window.start;
    const target = n * this.frameCount + t;
    this.uv[target * 2] = window.uv[source * 2]!;
    this.uv[target * 2 + 1] = window.uv[source * 2 + 1]!;
    this.visible[target] = window.visible[source]! > SURE ? 1 : 0;
    this.confidence[target] = Math.min(this.trust[n]!, window.confidence[source]!);
  }

  private moveAnchor(k: number, direction: Direction, n: number, window: TrackWindow, m: number, end: number): void {
    const forward = direction === 'forward';
    const next = this.starts[forward ? k + 1 : k - 1];
    if (next === undefined) {
      this.anchors[n * 3] = -1;
      return;
    }
    // Frames that both windows hold, the farthest first; beyond the anchor's own frame only, so that every window gets on.
    const overlap = forward ? range(end - 1, Math.max(next, window.start) - 1, -1) : range(window.start, Math.min(next + this.length, end), 1);
    const score = (t: number) => window.visible[m * this.length + t - window.start]! * window.confidence[m * this.length + t - window.start]!;
    const sure = (t: number) => window.visible[m * this.length + t - window.start]! > SURE && window.confidence[m * this.length + t - window.start]! > SURE;
    const best = overlap.find(sure) ?? overlap.reduce((a, b) => (score(b) > score(a) ? b : a));
    const source = m * this.length + best - window.start;
    if (score(best) < LOST) {
      this.lose(n, forward ? range(end, this.frameCount, 1) : range(window.start - 1, -1, -1));
      return;
    }
    this.trust[n] = Math.min(this.trust[n]!, window.confidence[source]!);
    this.anchors.set([best, window.uv[source * 2]!, window.uv[source * 2 + 1]!], n * 3);
  }

  /** The point holds its last place, unseen, through the given frames (nearest first). */
  private lose(n: number, frames: readonly number[]): void {
    this.anchors[n * 3] = -1;
    if (frames.length === 0) return;
    const step = frames.length > 1 ? frames[1]! - frames[0]! : frames[0] === 0 ? -1 : 1;
    const last = (n * this.frameCount + frames[0]! - step) * 2;
    for (const t of frames) this.uv.copyWithin((n * this.frameCount + t) * 2, last, last + 2);
  }
}

/** from, from+step, … before `until`. */
function range(from: number, until: number, step: 1 | -1): number[] {
  return Array.from({ length: Math.max(0, (until - from) * step) }, (_, i) => from + i * step);
}
