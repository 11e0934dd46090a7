// Corrections of what moves: by brush, by threshold. Each is one step that can be undone.

import type { Scene } from '../scene/scene.ts';
import { applyArea, carryByFlow, masksOf, thresholdMasks, withMasks, type FrameMasks } from '../viewer/mask-edit.ts';
import type { App, MaskTool } from './app.ts';

export function createMaskTool(app: () => App): MaskTool {
  const put = (changed: readonly FrameMasks[]) => {
    const { store, viewer } = app();
    const { open } = store.state;
    if (!open) return;
    const scene = withMasks(open.scene, changed);
    store.set({ open: { ...open, scene }, saved: false });
    viewer.setMasks(scene);
  };
  const take = (title: string, scene: Scene, after: readonly FrameMasks[]) => {
    const before = after.map(({ frame }) => masksOf(scene, frame));
    app().history.take({ title, redo: () => put(after), undo: () => put(before) });
  };

  return {
    stroke(area) {
      const { store, clock } = app();
      const { open, brush } = store.state;
      if (!open) return;
      const { scene, flow } = open;
      const areas = new Map([[clock.frame, area]]);
      for (const step of [1, -1] as const) {
        let [frame, carried] = [clock.frame, area];
        for (let k = 0; flow && k < brush.reach && frame + step >= 0 && frame + step < scene.frameCount; k++) {
          carried = carryByFlow(carried, flow, scene.width, scene.height, frame, step);
          if (!carried.includes(1)) break;
          frame += step;
          areas.set(frame, carried);
        }
      }
      take(brush.erase ? 'the erasing' : 'the painting', scene, [...areas].map(([frame, own]) => applyArea(masksOf(scene, frame), own, !brush.erase)));
    },

    threshold(px, everywhere) {
      const { store, clock, announce } = app();
      const { open } = store.state;
      if (!open?.motionErrorPx) return;
      const { scene, motionErrorPx } = open;
      const frames = everywhere ? Array.from({ length: scene.frameCount }, (_, t) => t) : [clock.frame];
      take('the threshold', scene, frames.map((frame) => thresholdMasks(scene, motionErrorPx, frame, px)));
      announce(everywhere ? 'All frames have new masks' : 'This frame has a new mask');
    },
  };
}
