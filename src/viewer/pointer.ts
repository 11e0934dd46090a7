// What clicks, drags and hovers in the 3D view mean.

import type { Hit } from './hits.ts';
import { boxBetween, type Spot } from './pick.ts';
import type { NavigationMode } from './navigation.ts';
import type { Sight } from './sight.ts';
import type { Stage } from './stage.ts';

/** select: tracks and cameras; point: surface points, for measuring and levelling; lasso, box: tracks inside a drawn line. */
export type Tool = 'select' | 'point' | 'lasso' | 'box';

export interface PointerEvents {
  /** A trail was clicked (null: beside every trail). */
  pick(track: number | null, add: boolean): void;
  hover(track: number | null, hit: Hit | null): void;
  /** With the tool "point": a surface was clicked. Null: nothing was there. */
  point(hit: Hit | null): void;
  /** A frustum was clicked. */
  camera(frame: number): void;
  /** A closed line is drawn, px; `done`: it was let go. Empty: it was given up. */
  outlined(outline: readonly Spot[], done: boolean, add: boolean): void;
  /** Pressed for long, or clicked twice: this is to be the centre. */
  centre(hit: Hit): void;
  drawn(): void;
}

/** What the pointer works on. */
export interface PointerTarget {
  readonly stage: Stage;
  readonly navigation: { readonly mode: NavigationMode; setMode(mode: NavigationMode): void };
  readonly tool: Tool;
  readonly sight: Pick<Sight, 'trackAt' | 'cameraAt' | 'surfaceAt'>;
}

const LONG_PRESS_MS = 600;
const CLICK_PX = 5;

export function listenToPointer(viewer: PointerTarget, events: PointerEvents): void {
  const { sight, stage: { canvas, controls } } = viewer;
  const spotOf = (event: MouseEvent): Spot => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  let down: Spot | null = null;
  let outline: Spot[] | null = null;
  let press: ReturnType<typeof setTimeout> | undefined;
  let waiting: MouseEvent | null = null;

  canvas.addEventListener('pointerdown', (event) => {
    clearTimeout(press);
    if (event.button !== 0) return;
    down = event.isPrimary ? spotOf(event) : null;
    // A drag takes the view out of the recorded camera.
    if (viewer.navigation.mode === 'through' && viewer.tool === 'select') viewer.navigation.setMode('orbit');
    if (viewer.tool === 'lasso' || viewer.tool === 'box') {
      controls.enabled = false;
      canvas.setPointerCapture(event.pointerId);
      outline = [spotOf(event)];
    } else if (event.pointerType === 'touch') {
      // Touch has no hover: a long press reads the point instead.
      const at = spotOf(event);
      press = setTimeout(() => events.hover(sight.trackAt(at), sight.surfaceAt(at)), LONG_PRESS_MS);
    }
  });
  canvas.addEventListener('pointerup', (event) => {
    clearTimeout(press);
    const up = spotOf(event);
    const clicked = down && event.button === 0 && Math.hypot(up.x - down.x, up.y - down.y) < CLICK_PX;
    down = null;
    if (outline) {
      const drawn = outline;
      outline = null;
      controls.enabled = viewer.navigation.mode !== 'through';
      events.outlined(drawn, true, event.shiftKey);
    } else if (clicked && viewer.tool === 'point') events.point(sight.surfaceAt(up));
    else if (clicked) {
      const track = sight.trackAt(up);
      const frame = track === null ? sight.cameraAt(up) : null;
      if (frame !== null) events.camera(frame);
      else events.pick(track, event.shiftKey);
    }
  });
  canvas.addEventListener('pointercancel', () => {
    clearTimeout(press);
    outline = down = null;
    events.outlined([], false, false);
  });
  canvas.addEventListener('pointermove', (event) => {
    const spot = spotOf(event);
    if (down && Math.hypot(spot.x - down.x, spot.y - down.y) >= CLICK_PX) clearTimeout(press);
    if (outline) {
      outline = viewer.tool === 'box' ? boxBetween(outline[0], spot) : [...outline, spot];
      events.outlined(outline, false, event.shiftKey);
    } else if (event.buttons === 0 && event.pointerType === 'mouse') {
      // One look per picture: reading the surface takes milliseconds.
      if (!waiting) requestAnimationFrame(() => {
        const last = waiting;
        waiting = null;
        if (last) events.hover(sight.trackAt(spotOf(last)), sight.surfaceAt(spotOf(last)));
      });
      waiting = event;
    }
  });
  canvas.addEventListener('pointerleave', () => {
    waiting = null;
    events.hover(null, null);
  });
  canvas.addEventListener('dblclick', (event) => {
    const hit = sight.surfaceAt(spotOf(event));
    if (hit && viewer.tool === 'select') events.centre(hit);
  });
}
