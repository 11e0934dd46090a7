// Names that a person gave to tracks. They travel in the scene's settings, so whoever reads them trusts nothing.

import type { Scene } from './scene.ts';

/** Under this name they are kept in a scene's settings: track → name. */
export const NAMES_SETTING = 'track_names';
export const LONGEST_NAME = 40;

export function givenNames({ settings }: Pick<Scene['meta'], 'settings'>): Readonly<Record<string, string>> {
  const given = settings[NAMES_SETTING];
  if (typeof given !== 'object' || given === null) return {};
  return Object.fromEntries(Object.entries(given).flatMap(([track, name]) => (typeof name === 'string' && name.trim() ? [[track, name.trim().slice(0, LONGEST_NAME)]] : [])));
}

/** "track 17" until somebody gave it a name. */
export const nameOfTrack = ({ meta }: { readonly meta: Pick<Scene['meta'], 'settings'> }, track: number): string => givenNames(meta)[track] ?? `track ${track}`;
