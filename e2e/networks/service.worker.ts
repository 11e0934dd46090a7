import { serve } from '../../src/platform/rpc.ts';
import { FoursightError } from '../../src/scene/errors.ts';
import { throwIfCancelled, type CancelSignal } from '../../src/scene/job.ts';

/** Ways in which a service can go wrong. */
const service = {
  fail(): void { throw Object.assign(new FoursightError('solve/diverged', 'It went astray.', 'Try less.'), { stage: 'solve' }); },
  exhaust(): Float64Array { return new Float64Array(2 ** 40); },
  crash(): Promise<void> {
    setTimeout(() => { throw new Error('boom'); });
    return new Promise(() => {});
  },
  /** Never returns to its event queue until it is cancelled. */
  spin(signal: CancelSignal, report: (round: number) => void): void {
    for (let round = 0; ; round++) {
      if (round % 1e6 === 0) report(round);
      throwIfCancelled(signal);
    }
  },
};

export type TestService = typeof service;
serve(service);
