/** near: offset 1 or 2; stride: a larger log-spaced offset; long: a key-frame link that holds drift. */
export type EdgeKind = 'near' | 'stride' | 'long';

/** Directed pairs of frames, and which network runs on each. */
export interface FrameGraph {
  readonly frameCount: number;
  readonly edges: readonly Edge[];
}

export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly kind: EdgeKind;
  readonly needsPointmap: boolean;
  readonly needsFlow: boolean;
}
