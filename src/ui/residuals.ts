// How well a scene explains what was recorded, frame by frame.

import type { Scene } from '../scene/scene.ts';

/** How far static points land beside where they were seen, px per frame; null where the file does not say. */
export function residualsOf({ meta: { summary }, frameCount }: Scene): number[] | null {
  return summary?.perFrame.length === frameCount ? summary.perFrame.map((f) => f.staticErrorPx) : null;
}
