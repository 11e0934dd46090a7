// window.foursight: a small stable handle for tests and for people who script the page.

import { readSceneNpz } from '../scene/npz.ts';
import type { Scene } from '../scene/scene.ts';
import type { CloudMode, Look } from '../viewer/look.ts';
import { valueAt } from '../viewer/measure.ts';
import type { NavigationMode, View } from '../viewer/navigation.ts';
import { readView, type SavedView } from '../viewer/view-state.ts';
import type { App } from './app.ts';

export interface Automation {
  getState(): {
    readonly phase: 'idle' | 'opening' | 'plan' | 'running';
    /** Title of the open scene, or null. */
    readonly title: string | null;
    readonly frame: number;
    readonly frameCount: number;
    readonly playing: boolean;
    readonly mode: CloudMode;
    readonly selected: readonly number[];
    readonly through: boolean;
    readonly navigation: NavigationMode;
    /** The background is complete. */
    readonly ready: boolean;
    /** Points on show. */
    readonly points: number;
    /** Pictures drawn since the page was opened; stands still while nothing changes. */
    readonly drawn: number;
    readonly software: boolean;
  };
  /** The open scene itself. */
  getScene(): Scene | null;
  /** Flow between neighbouring frames, right after a run only. */
  getFlow(): Float32Array | null;
  openScene(bytes: Uint8Array): void;
  seek(frame: number): void;
  /** Where the head of a track is on the canvas of the 3D view, px; null when it is not in view. */
  trackSpot(track: number): { x: number; y: number } | null;
  /** The view as links hold it. */
  getLinkView(): SavedView;
  shownTracks(): readonly number[];
  /** Where a point of the scene's world is on the canvas of the 3D view, px. */
  spotOf(point: readonly [number, number, number]): { x: number; y: number } | null;
  /** Eye and target of the view, world of the picture. */
  getView(): View;
  getLook(): Look;
  /** What is measured at this frame, scene units or degrees. */
  lengths(): readonly number[];
  /** Draws once and waits for it, ms. */
  timeDraw(shaded: boolean): number;
  /** Puts the open scene away. */
  close(): void;
}

declare global {
  interface Window { foursight: Automation }
}

export function offerAutomation({ store, clock, viewer, openScene }: App): void {
  window.foursight = {
    getState: () => ({
      phase: store.state.phase, title: store.state.open?.scene.meta.title ?? null, frame: clock.frame, frameCount: clock.frameCount, playing: clock.playing,
      mode: store.state.look.mode, selected: store.state.selected, through: viewer.navigation.mode === 'through', navigation: viewer.navigation.mode, ready: viewer.ready, points: viewer.pointCount,
      drawn: viewer.stage.drawn, software: viewer.stage.software,
    }),
    getScene: () => store.state.open?.scene ?? null,
    getFlow: () => store.state.open?.flow ?? null,
    openScene: (bytes) => openScene({ scene: readSceneNpz(bytes), flow: null, report: null }, true),
    seek: (frame) => clock.seek(frame),
    trackSpot: (track) => viewer.sight.spotOfTrack(track),
    getLinkView: () => readView(viewer),
    shownTracks: () => viewer.shownTracks,
    spotOf: (point) => viewer.sight.spotOf(point),
    getView: () => viewer.navigation.view,
    getLook: () => store.state.look,
    lengths: () => store.state.measures.map((measure) => valueAt(store.state.open!.scene, measure, clock.frame, ([x, y, z]) => viewer.heightOf(x, y, z))),
    timeDraw: (shaded) => viewer.stage.timeDraw(shaded),
    close: () => {
      viewer.show(null);
      store.set({ open: null, saved: true });
    },
  };
}
