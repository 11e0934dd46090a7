// Ready camera moves for videos.

import type { View } from './navigation.ts';

/** as-is: the view rests; through: the recorded camera; bullet: around a frozen moment. */
export type Move = 'as-is' | 'through' | 'turntable' | 'sway' | 'push-in' | 'bullet';

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

function turn({ eye, target }: View, angle: number): View {
  const [x, z] = [eye[0] - target[0], eye[2] - target[2]];
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return { target, eye: [target[0] + c * x + s * z, eye[1], target[2] - s * x + c * z] };
}
