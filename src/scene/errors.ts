/** Codes are for machines and never change; the message is one sentence for people: what is wrong, what to do. */
export type ErrorCode =
  | 'decode/unsupported-codec' | 'decode/no-video' | 'decode/not-a-video' | 'decode/damaged' | 'decode/empty' | 'decode/too-few-frames' | 'decode/image-sizes'
  | 'plan/too-large' | 'plan/bad-option'
  | 'device/lost' | 'network/load-failed' | 'network/bad-output'
  | 'motion/too-few-static-tracks' | 'solve/diverged'
  | 'scene/not-a-scene' | 'scene/newer-version' | 'scene/damaged'
  | 'share/too-large' | 'job/cancelled' | 'job/crashed' | 'job/nothing-kept' | 'internal';

export class FoursightError extends Error {
  readonly code: ErrorCode;
  /** One action the person can take; empty if the message already says it. */
  readonly hint: string;
  constructor(code: ErrorCode, message: string, hint = '') {
    super(message);
    this.name = 'FoursightError';
    this.code = code;
    this.hint = hint;
  }
}

export function isCancelled(error: unknown): boolean {
  return error instanceof FoursightError && error.code === 'job/cancelled';
}

/** Throws code `internal`: a broken promise inside the program, not a person's mistake. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new FoursightError('internal', message);
}
