// What outlives a reload: how things look, and the last scene. All of it stays in this browser.

import type { Scene } from '../scene/scene.ts';
import { LOOP_MODES, RATES, type Clock, type LoopMode } from '../viewer/clock.ts';
import { DEFAULT_LOOK, type Look } from '../viewer/look.ts';
import type { View } from '../viewer/navigation.ts';
import type { AppState } from './app.ts';
import type { Store } from './store.ts';

const SETTINGS = 'foursight.settings';
const MOMENT = 'foursight.moment';
const DATABASE = 'foursight';
const SHELF = 'scenes';
const LAST = 'last';
/** Larger scenes are not kept: browsers throw stores away that grow too big. */
const MOST_BYTES = 400e6;
const SAVE_DELAY_MS = 400;

interface Settings {
  readonly look?: Partial<Look>;
  readonly overlayOpacity?: number;
  readonly videoTracks?: boolean;
  readonly letters?: boolean;
  readonly video?: AppState['video'];
  readonly rate?: number;
  readonly loop?: LoopMode;
}

/** What was on show when the page was left. */
export interface Moment {
  readonly title: string;
  readonly frame: number;
  readonly view: View;
  readonly selected: readonly number[];
  readonly measures: AppState['measures'];
  /** Missing in what older versions kept. */
  readonly trailBox?: AppState['trailBox'];
}

/** Takes the stored settings over and keeps them up to date. */
export function keepSettings(store: Store<AppState>, clock: Clock): void {
  const stored = read<Settings>(SETTINGS);
  const known = (Object.keys(DEFAULT_LOOK) as (keyof Look)[]).filter((key) => key !== 'theme' && key !== 'ground' && typeof stored.look?.[key] === typeof DEFAULT_LOOK[key]);
  const look = { ...store.state.look, ...Object.fromEntries(known.map((key) => [key, stored.look![key]])) };
  store.set({
    look: { ...look, layers: { ...DEFAULT_LOOK.layers, ...look.layers } },
    overlayOpacity: stored.overlayOpacity ?? store.state.overlayOpacity, videoTracks: stored.videoTracks ?? store.state.videoTracks, letters: stored.letters ?? store.state.letters, video: stored.video ?? store.state.video,
  });
  if (stored.rate && RATES.includes(stored.rate)) clock.setRate(stored.rate);
  if (stored.loop && LOOP_MODES.includes(stored.loop)) clock.setLoop(stored.loop);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const { look: now, overlayOpacity, videoTracks, letters, video } = store.state;
      write(SETTINGS, { look: now, overlayOpacity, videoTracks, letters, video, rate: clock.rate, loop: clock.loop });
    }, SAVE_DELAY_MS);
  };
  for (const part of ['look', 'overlayOpacity', 'videoTracks', 'letters', 'video'] as const) store.watch((s) => s[part], save);
  clock.subscribe(() => { if (!clock.playing) save(); });
}

// Storage may be forbidden or full; then nothing is kept, and nothing breaks.
function read<T extends object>(key: string): Partial<T> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function write(key: string, value: Settings | Moment): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch { /* see above */ }
}

/** Keeps the scene for the next visit, in place of the one before. */
export async function keepScene(scene: Scene): Promise<void> {
  const { rgb, depth, confidence, mask, maskNow } = scene;
  const bytes = [rgb, depth, confidence, mask, maskNow].reduce((sum, array) => sum + array.byteLength, 0);
  if (bytes <= MOST_BYTES) await withShelf('readwrite', (shelf) => shelf.put(scene, LAST)).catch(() => {});
}

export async function readKeptScene(): Promise<Scene | null> {
  return (await withShelf<Scene | undefined>('readonly', (shelf) => shelf.get(LAST)).catch(() => undefined)) ?? null;
}

/** Leaves nothing of the last scene in this browser. */
export async function forgetKept(): Promise<void> {
  try {
    localStorage.removeItem(MOMENT);
  } catch { /* see above */ }
  await withShelf('readwrite', (shelf) => shelf.delete(LAST)).catch(() => {});
}

export const keepMoment = (moment: Moment): void => write(MOMENT, moment);

/** What goes with the kept scene; null when there is none. */
export function readMoment(): Moment | null {
  const moment = read<Moment>(MOMENT);
  return typeof moment.title === 'string' && moment.view && Array.isArray(moment.selected) && Array.isArray(moment.measures) && moment.measures.every((m) => Array.isArray(m.points)) && typeof moment.frame === 'number' ? (moment as Moment) : null;
}

async function withShelf<T>(mode: IDBTransactionMode, ask: (shelf: IDBObjectStore) => IDBRequest): Promise<T> {
  const answer = <R>(request: IDBRequest<R>) => new Promise<R>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The store of this browser does not answer.'));
  });
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(SHELF);
  const database = await answer(opening);
  try {
    return await answer(ask(database.transaction(SHELF, mode).objectStore(SHELF)) as IDBRequest<T>);
  } finally {
    database.close();
  }
}
