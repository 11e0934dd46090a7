// Notes by frame, as the bar of time and the view show them; what they are: share/presentation.ts.

import type { Scene } from '../scene/scene.ts';
import { parseLink } from '../share/fragment.ts';
import { presentationOf } from '../share/presentation.ts';
import { frameAt } from '../viewer/clock.ts';

/** In the order of the file. Links hold milliseconds; half of one keeps a rounded time on its own frame. */
export function notesOf(scene: Scene): readonly { readonly frame: number; readonly text: string }[] {
  return presentationOf(scene).notes.map(({ text, start }) => ({ text, frame: frameAt(scene.times, (parseLink(start).timeSecs ?? 0) + 5e-4) }));
}
