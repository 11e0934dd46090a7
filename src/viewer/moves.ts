// Ready camera moves for videos.

import type { View } from './navigation.ts';

/** as-is: the view rests; through: the recorded camera; bullet: around a frozen moment; keys: along views that somebody set, in curves or straight. */
export type Move = 'as-is' | 'through' | 'turntable' | 'sway' | 'push-in' | 'bullet' | 'keys' | 'keys-straight';

/** A view that somebody set for a moment. */
export interface ViewKey {
  readonly frame: number;
  readonly view: View;
  /** Vertical field of view, degrees. */
  readonly fov: number;
}

const SWAY = (12 * Math.PI) / 180;
/** Share of the distance that is left at the end of a push. */
const PUSHED = 0.55;

/** The view at a share 0…1 of the move. Up is +y. */
export function moveView(view: View, move: Move, share: number): View {
  if (move === 'turntable' || move === 'bullet') return turn(view, 2 * Math.PI * share);
  if (move === 'sway') return turn(view, SWAY * Math.sin(2 * Math.PI * share));
  if (move !== 'push-in') return view;
  // Starts and ends at rest.
  const left = 1 - (1 - PUSHED) * share * share * (3 - 2 * share);
  const [tx, ty, tz] = view.target;
  const [ex, ey, ez] = view.eye;
  return { target: view.target, eye: [tx + (ex - tx) * left, ty + (ey - ty) * left, tz + (ez - tz) * left] };
}

/** The view at a time between keys (ordered by frame, at least one); before the first and after the last it rests. */
export function viewAlongKeys(keys: readonly ViewKey[], times: Float64Array, secs: number, straight: boolean): { view: View; fov: number } {
  const at = keys.map((key) => times[key.frame]);
  const last = keys.length - 1;
  const k = Math.max(0, at.findLastIndex((t) => t <= secs));
  if (k >= last || secs <= at[0]) return { view: keys[secs <= at[0] ? 0 : last].view, fov: keys[secs <= at[0] ? 0 : last].fov };
  const span = at[k + 1] - at[k];
  const s = (secs - at[k]) / span;
  const mix = (read: (key: ViewKey) => number): number => {
    const [a, b] = [read(keys[k]), read(keys[k + 1])];
    if (straight) return a + s * (b - a);
    // Cubic through the keys; at both ends of the move it starts and comes to rest.
    const slope = (i: number) => (i <= 0 || i >= last ? 0 : ((read(keys[i + 1]) - read(keys[i - 1])) / (at[i + 1] - at[i - 1])) * span);
    const [m, n] = [slope(k), slope(k + 1)];
    return (2 * s ** 3 - 3 * s ** 2 + 1) * a + (s ** 3 - 2 * s ** 2 + s) * m + (3 * s ** 2 - 2 * s ** 3) * b + (s ** 3 - s ** 2) * n;
  };
  const point = (end: 'eye' | 'target') => [0, 1, 2].map((c) => mix((key) => key.view[end][c])) as unknown as View['eye'];
  return { view: { eye: point('eye'), target: point('target') }, fov: mix((key) => key.fov) };
}

function turn({ eye, target }: View, angle: number): View {
  const [x, z] = [eye[0] - target[0], eye[2] - target[2]];
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return { target, eye: [target[0] + c * x + s * z, eye[1], target[2] - s * x + c * z] };
}
