import type { Camera } from './camera.ts';
import type { TrackSet } from './tracks.ts';

/** How far the result may be trusted (method.md 11). */
export interface TrustSummary {
  /** One sentence for people. */
  readonly sentence: string;
  readonly model: 'moving' | 'rotating' | 'still';
  readonly perFrame: readonly FrameTrust[];
}

export interface FrameTrust {
  readonly staticErrorPx: number;
  readonly parallaxDeg: number;
  /** Share of static pixels whose flow agrees with the ego-flow within 1.5 px, 0…1. */
  readonly flowAgreement: number;
  readonly movingShare: number;
  /** Share of pixels whose depth comes from parallax (the rest from the prior). */
  readonly parallaxShare: number;
}

export interface SceneMeta {
  readonly title: string;
  readonly source: { readonly name: string; readonly sha256: string; readonly frameIndices: readonly number[] };
  readonly networks: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly summary: TrustSummary | null;
  /** Seconds per stage. */
  readonly timings: Readonly<Record<string, number>>;
  readonly peakMemoryBytes: number | null;
  readonly warnings: readonly string[];
}

/** The complete 4D scene. Depth unknown = 0, unknown 3D track point = NaN. */
export interface Scene {
  readonly meta: SceneMeta;
  readonly metresPerUnit: number | null;
  readonly frameCount: number;
  readonly width: number;
  readonly height: number;
  /** f64 [T] seconds in the source. */
  readonly times: Float64Array;
  readonly cameras: readonly Camera[];
  /** u8 [T·H·W·3]. */
  readonly rgb: Uint8Array;
  /** f32 [T·H·W] z-depth, scene units. */
  readonly depth: Float32Array;
  /** u8 [T·H·W]. */
  readonly confidence: Uint8Array;
  /** u8 [T·H·W], 1 = belongs to something that moves in the clip. */
  readonly mask: Uint8Array;
  /** u8 [T·H·W], 1 = moves at this frame. */
  readonly maskNow: Uint8Array;
  readonly tracks: TrackSet;
}
