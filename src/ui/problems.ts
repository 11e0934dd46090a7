// Every error becomes one sentence and one thing to do.

import { FoursightError } from '../scene/errors.ts';
import type { App, Problem } from './app.ts';

export function toProblem(error: unknown, app: App): Problem {
  const code = error instanceof FoursightError ? error.code : 'internal';
  const text = error instanceof Error ? error.message : String(error);
  const message = error instanceof FoursightError && error.hint && !text.includes(error.hint) ? `${text} ${error.hint}` : text;
  const family = code.split('/')[0];
  if (code === 'job/nothing-kept') return { message, action: null };
  if (family === 'decode' || family === 'scene') return { message, action: { label: 'Choose another file', run: app.choose } };
  if (code === 'job/crashed' || code === 'plan/too-large' || code === 'device/lost' || code === 'solve/diverged') {
    const smaller = () => {
      const { maxFrames } = app.store.state.options;
      app.jobs.setOptions({ size: 256, maxFrames: Math.min(24, maxFrames), ...(code === 'device/lost' ? { backend: 'wasm' } : {}) });
    };
    return { message, action: { label: 'Use a smaller plan', run: smaller } };
  }
  if (family === 'network') return { message, action: { label: 'Try again', run: () => void app.jobs.start() } };
  // The report holds neither pictures nor file names.
  const report = `Foursight ${code}: ${error instanceof Error ? error.name : 'unknown'}\n${navigator.userAgent}\n${error instanceof Error ? (error.stack ?? '') : ''}`;
  return { message: code === 'internal' ? `Something went wrong: ${message}` : message, action: { label: 'Copy report', run: () => void navigator.clipboard?.writeText(report) } };
}
