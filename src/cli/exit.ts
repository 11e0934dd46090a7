import { FoursightError } from '../scene/errors.ts';

/** What programs that call us rely on (scene-npz.md). */
export const EXIT = { done: 0, wrongUse: 2, unreadable: 3, failed: 4, interrupted: 130 } as const;

/** An end of the program that was foreseen: one line for people and the exit status. */
export class CliError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'CliError';
    this.status = status;
  }
}

export const wrongUse = (message: string): CliError => new CliError(EXIT.wrongUse, message);
export const unreadable = (message: string): CliError => new CliError(EXIT.unreadable, message);

export function exitStatusOf(error: unknown): number {
  if (error instanceof CliError) return error.status;
  if (!(error instanceof FoursightError)) return EXIT.failed;
  if (error.code === 'job/cancelled') return EXIT.interrupted;
  if (error.code === 'plan/bad-option') return EXIT.wrongUse;
  if (error.code.startsWith('decode/') || error.code.startsWith('scene/')) return EXIT.unreadable;
  return EXIT.failed;
}

/** One line, whatever the error holds. */
export function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof FoursightError && error.hint ? ` ${error.hint}` : '';
  return `${message}${hint}`.replace(/\s*\n\s*/g, ' ').trim();
}
