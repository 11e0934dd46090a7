import { wrongUse } from '../exit.ts';
import type { ParsedArgs } from '../args.ts';

/** Formats that scene.npz can be turned into; the exporters bring their names here. */
const FORMATS: readonly string[] = [];

export async function exportScene({ flags }: ParsedArgs): Promise<void> {
  throw wrongUse(`export cannot write "${String(flags.to)}"; available formats: ${FORMATS.join(', ') || 'none yet'}. scene.npz itself opens in NumPy.`);
}
