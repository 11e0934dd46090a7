// A box drawn on the video: trails of what lies in it are kept.

import { boxBetween, tracksWithin, type Spot } from '../../viewer/pick.ts';
import type { App } from '../app.ts';

/** Listens on the canvas while the box is the tool. `pixelAt`: px of the scene under a pointer; `redraw` asks for the returned drawing, `scale` canvas px per px of the scene. */
export function createVideoBox(app: App, canvas: HTMLCanvasElement, pixelAt: (event: MouseEvent) => Spot | null, redraw: () => void): (context: CanvasRenderingContext2D, scale: number) => void {
  const { store, clock, box } = app;
  let corners: readonly [Spot, Spot] | null = null;
  const drop = () => {
    corners = null;
    redraw();
  };
  canvas.addEventListener('pointerdown', (event) => {
    const at = store.state.tool === 'box' && event.button === 0 ? pixelAt(event) : null;
    if (!at) return;
    canvas.setPointerCapture(event.pointerId);
    corners = [at, at];
  });
  canvas.addEventListener('pointermove', (event) => {
    const at = corners && pixelAt(event);
    if (!corners || !at) return;
    corners = [corners[0], at];
    redraw();
  });
  canvas.addEventListener('pointerup', () => {
    const scene = store.state.open?.scene;
    const outline = corners && boxBetween(...corners);
    drop();
    if (!scene || !outline) return;
    // The click that ends the drag selects nothing.
    const swallow = (click: Event) => click.stopImmediatePropagation();
    canvas.addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => canvas.removeEventListener('click', swallow, { capture: true }));
    const { uv } = scene.tracks;
    box.keepTracks(tracksWithin(scene, clock.frame, outline, (k) => ({ x: uv[2 * k], y: uv[2 * k + 1] })));
  });
  canvas.addEventListener('pointercancel', drop);
  store.watch((s) => s.tool === 'box', (on) => {
    // A finger draws then, and does not scroll.
    canvas.classList.toggle('boxing', on);
    drop();
  });
  return (context, scale) => {
    if (!corners) return;
    const [from, to] = corners;
    const ratio = Math.min(2, devicePixelRatio);
    context.setLineDash([5 * ratio, 3 * ratio]);
    for (const [line, colour] of [[3.5, '#000'], [1.5, getComputedStyle(canvas).getPropertyValue('--accent')]] as const) {
      context.lineWidth = line * ratio;
      context.strokeStyle = colour;
      context.strokeRect(from.x * scale, from.y * scale, (to.x - from.x) * scale, (to.y - from.y) * scale);
    }
    context.setLineDash([]);
  };
}
