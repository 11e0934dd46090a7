import { FoursightError } from './errors.ts';

export type Backend = 'auto' | 'webgpu' | 'wasm';
export type EngineKind = 'gauss-newton' | 'tfjs';

/** Everything a person can choose before a run. */
export interface Options {
  /** Frame budget. */
  readonly maxFrames: number;
  /** Longer side of the working frames, px. */
  readonly size: number;
  /** Trim, seconds of the source; null = from the beginning / to the end. */
  readonly startSecs: number | null;
  readonly endSecs: number | null;
  /** Focal length in px of the *source* frame width as shown, or null = estimate. */
  readonly focalPx: number | null;
  /** Query points of the tracker over the clip. */
  readonly tracks: number;
  readonly backend: Backend;
  readonly engine: EngineKind;
  readonly seed: number;
}

export const DEFAULT_OPTIONS: Options = {
  maxFrames: 48, size: 384, startSecs: null, endSecs: null, focalPx: null,
  tracks: 512, backend: 'auto', engine: 'gauss-newton', seed: 1,
};

export const OPTION_RANGES = {
  maxFrames: { min: 2, max: 300, unit: 'frames' },
  size: { min: 64, max: 768, unit: 'px' },
  focalPx: { min: 10, max: 100_000, unit: 'px' },
  tracks: { min: 16, max: 4096, unit: 'points' },
} as const;

/** Fills defaults and checks ranges; throws plan/bad-option that names the option, what came and what is accepted. */
export function checkOptions(given: Partial<Options>): Options {
  const options = { ...DEFAULT_OPTIONS, ...given };
  for (const [name, range] of Object.entries(OPTION_RANGES)) {
    const value = options[name as keyof typeof OPTION_RANGES];
    if (value === null) continue;
    if (!Number.isFinite(value) || value < range.min || value > range.max) {
      throw new FoursightError('plan/bad-option', `Option ${name} is ${value}; it must lie between ${range.min} and ${range.max} ${range.unit}.`);
    }
  }
  const { startSecs, endSecs } = options;
  if (startSecs !== null && !(startSecs >= 0)) throw new FoursightError('plan/bad-option', `Option start is ${startSecs}; it must be 0 s or later.`);
  if (endSecs !== null && !(endSecs > (startSecs ?? 0))) {
    throw new FoursightError('plan/bad-option', `Option end is ${endSecs} s; it must come after the start (${startSecs ?? 0} s).`);
  }
  return { ...options, maxFrames: Math.round(options.maxFrames), size: Math.round(options.size), tracks: Math.round(options.tracks) };
}
