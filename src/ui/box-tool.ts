// A box that picks out tracks: drawn over the view or the video, or moved by keys.

import { moves } from '../scene/tracks.ts';
import { boxBetween, type Spot } from '../viewer/pick.ts';
import type { App, BoxTool, TrailBox } from './app.ts';

/** Sides of the first box, as shares of the view's. */
const FIRST = 0.4;
/** One step of a key, px. */
const STEP_PX = 20;
const LEAST_PX = 20;

/** A box in the middle of the view, to begin with. */
export function firstBox(width: number, height: number): Spot[] {
  const [x, y] = [(width * (1 - FIRST)) / 2, (height * (1 - FIRST)) / 2];
  return boxBetween({ x, y }, { x: width - x, y: height - y });
}

export function createBoxTool(app: () => App): BoxTool {
  /** `move` and `grow` in steps, across and down; the box stays in view and does not vanish. */
  const change = (move: readonly [number, number], grow: readonly [number, number]) => {
    const { store, viewer: { stage }, announce } = app();
    const [a, , b] = store.state.outline;
    if (!b) return;
    const side = (at: number, size: number, by: number, more: number, most: number): [number, number] => {
      const after = Math.min(most, Math.max(LEAST_PX, size + more * STEP_PX));
      return [Math.min(most - after, Math.max(0, at + by * STEP_PX - (after - size) / 2)), after];
    };
    const [x, width] = side(Math.min(a.x, b.x), Math.abs(b.x - a.x), move[0], grow[0], stage.width);
    const [y, height] = side(Math.min(a.y, b.y), Math.abs(b.y - a.y), move[1], grow[1], stage.height);
    store.set({ outline: boxBetween({ x, y }, { x: x + width, y: y + height }) });
    announce(`Box ${Math.round(width)} by ${Math.round(height)} at ${Math.round(x)}, ${Math.round(y)}`);
  };
  const put = (title: string, after: TrailBox | null) => {
    const { store, history } = app();
    const before = store.state.trailBox;
    history.take({ title, redo: () => store.set({ trailBox: after }), undo: () => store.set({ trailBox: before }) });
  };
  const keepTracks = (tracks: readonly number[]) => {
    const { clock, viewer, setTool, setLook, say, announce, store } = app();
    if (tracks.length === 0) return say({ message: 'No track is seen in that box at this frame; draw it around the heads of some.', action: null });
    put('the box', { frame: clock.frame, tracks });
    setTool('select');
    store.set({ tab: 'tracks' });
    announce(`${tracks.length} tracks lie in the box, ${viewer.shownTracks.length} of them on show`);
    const { mobility } = store.state.open!.scene.tracks;
    if (viewer.shownTracks.length === 0 && !tracks.some((track) => moves(mobility[track]))) say({ message: 'What lies in the box stands still.', action: { label: 'Show its tracks too', run: () => setLook({ allTrails: true }) } });
  };
  return {
    move: (across, down) => change([across, down], [0, 0]),
    grow: (across, down) => change([0, 0], [across, down]),
    keep: () => keepTracks(app().viewer.sight.tracksWithin(app().store.state.outline)),
    keepTracks,
    clear() {
      const { store, announce } = app();
      if (!store.state.trailBox) return announce('There is no box');
      put('the end of the box', null);
      announce('All trails are on show again');
    },
  };
}
