// What is written into pictures and videos: names and numbers at their places, and the curves of selected tracks.

import type { App } from './app.ts';
import { curveOf, QUANTITIES, readTracks, type Quantity } from './panels/curves.ts';
import { viewLabels } from './panels/overlay.ts';
import { createPlot } from './panels/plots.ts';

type Context = OffscreenCanvasRenderingContext2D;

/** What is written beside measures and tracks, as it stands over the view, which begins at `left` px. */
export function drawLabels(app: App, context: Context, left = 0): void {
  const size = Math.max(12, Math.round(context.canvas.height / 55));
  context.font = `${size}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  for (const { text, colour, spot } of viewLabels(app)) {
    const width = context.measureText(text).width + size;
    const x = left + spot.x + size;
    context.fillStyle = 'rgb(0 0 0 / 0.8)';
    context.fillRect(x, spot.y - size * 0.8, width, size * 1.6);
    if (colour) {
      context.fillStyle = colour;
      context.fillRect(x, spot.y - size * 0.8, size / 3, size * 1.6);
    }
    context.fillStyle = '#fff';
    context.fillText(text, x + size / 2, spot.y);
  }
}

/** Height of a picture in which a plot has the size that it has on the page, px. */
const PLAIN_HEIGHT = 420;
/** Width of a plot, as a share of the view's; in small ones at least so many px of the page. */
const PLOT_SHARE = 0.45;
const LEAST_WIDTH = 220;
const GAP = 10;
const HEAD = 18;

export interface WrittenCurve {
  /** Into the lower left corner of the view, which begins at `left` px, with the present moment marked. */
  draw(context: Context, left: number): void;
  dispose(): void;
}

/** The curves of the selected tracks by one quantity, for a view of this size, px. */
export async function writeCurve({ store, clock, viewer }: App, name: Quantity, width: number, height: number): Promise<WrittenCurve> {
  const { open, selected } = store.state;
  const { scene } = open!;
  const k = Math.max(0.8, height / PLAIN_HEIGHT);
  const curve = curveOf(scene, readTracks(viewer, scene, selected), QUANTITIES.find(([quantity]) => quantity === name)!);
  const plot = createPlot(clock, scene.times, curve, Math.round(Math.min(width - 2 * GAP * k, Math.max(PLOT_SHARE * width, LEAST_WIDTH * k))), k);
  const style = getComputedStyle(document.documentElement);
  const [panel, text, accent] = ['--panel', '--text', '--accent'].map((colour) => style.getPropertyValue(colour));
  // Plots are drawn once the page has had a moment.
  await new Promise((resolve) => setTimeout(resolve));
  const [w, h] = [plot.canvas.width / devicePixelRatio, plot.canvas.height / devicePixelRatio];
  return {
    draw(context, left) {
      const [x, y] = [left + GAP * k, context.canvas.height - h - GAP * k];
      context.globalAlpha = 0.88;
      context.fillStyle = panel;
      context.beginPath();
      context.roundRect(x, y - HEAD * k, w, h + HEAD * k, 8 * k);
      context.fill();
      context.globalAlpha = 1;
      context.fillStyle = text;
      context.font = `${12 * k}px system-ui, sans-serif`;
      context.textBaseline = 'middle';
      context.fillText(`${curve.label}, ${curve.unit}`, x + GAP * k, y - (HEAD / 2 - 2) * k);
      context.drawImage(plot.canvas, x, y, w, h);
      context.fillStyle = accent;
      context.fillRect(x + w * plot.acrossAt(clock.timeSecs) - k, y, 2 * k, h - 22 * k);
    },
    dispose: plot.destroy,
  };
}
