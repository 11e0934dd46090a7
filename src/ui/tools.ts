// What can be done to points of the scene: measure them, set the scale, set the floor.

import { givenNames, LONGEST_NAME, NAMES_SETTING } from '../scene/names.ts';
import type { Scene } from '../scene/scene.ts';
import { TRACK_COLOURS, type Rgb } from '../viewer/colours.ts';
import { anchorAt, markOf, planeNormal, type Anchor, type Measure, type MeasureKind } from '../viewer/measure.ts';
import type { Hit } from '../viewer/hits.ts';
import type { Point } from '../viewer/pick.ts';
import { appendTrack } from '../viewer/new-track.ts';
import { estimateUp, judgeUp, turnAbout, UP_SETTING, upOf } from '../viewer/up.ts';
import type { App, ToolName } from './app.ts';
import { firstBox } from './box-tool.ts';
import { UNIT_SETTING } from './format.ts';

/** Points that a tool asks for; a path goes on until it is left. */
const NEEDED: Readonly<Record<ToolName, number>> = { select: 0, lasso: 0, box: 0, mask: 0, track: 1, height: 1, measure: 2, path: Infinity, angle: 3, level: 3 };
const KINDS: Readonly<Partial<Record<ToolName, readonly [MeasureKind, string]>>> = { measure: ['length', 'Length'], path: ['path', 'Path'], angle: ['angle', 'Angle'], height: ['height', 'Height'] };
const WHITE: Rgb = [255, 255, 255];

const SCALE_SETTING = 'scale_source';

export const colourOfMeasure = (id: number): Rgb => TRACK_COLOURS[id % TRACK_COLOURS.length];

export function createTools(app: () => App): Pick<App, 'setTool' | 'setPoint' | 'setScale' | 'setUnit' | 'roll' | 'nameTrack'> {
  let nextId = 1;

  const replaceScene = (change: (scene: Scene) => Scene) => {
    const { store } = app();
    const { open } = store.state;
    if (open) store.set({ open: { ...open, scene: change(open.scene) }, saved: false });
  };
  const withSetting = (scene: Scene, name: string, value: unknown): Scene => {
    const settings = { ...scene.meta.settings, [name]: value };
    if (value === undefined) delete settings[name];
    return { ...scene, meta: { ...scene.meta, settings } };
  };

  const addMeasure = (tool: ToolName, points: readonly Anchor[]) => {
    const { store, history, announce } = app();
    const [kind, word] = KINDS[tool]!;
    // Measures of the last visit may be there.
    nextId = Math.max(nextId, ...store.state.measures.map((m) => m.id + 1));
    const id = nextId++;
    const measure: Measure = { id, name: `${word} ${id}`, kind, points, hidden: false };
    history.take({
      title: measure.name,
      redo: () => store.set({ measures: [...store.state.measures, measure], tab: 'measure' }),
      undo: () => store.set({ measures: store.state.measures.filter((m) => m.id !== id) }),
    });
    announce(`${measure.name} measured`);
  };

  const addTrack = async (hit: Hit) => {
    const { store, viewer, jobs, history, fail, select, setTool, announce } = app();
    const open = store.state.open!;
    const before = open.scene;
    if (store.state.phase !== 'idle') return;
    setTool('select');
    store.set({ phase: 'opening', opening: 'Following the point through the clip …' });
    try {
      const found = await jobs.trackPixel(open, hit.frame, hit.x, hit.y);
      store.set({ phase: 'idle' });
      // Another scene may have been opened meanwhile.
      if (store.state.open?.scene !== before) return;
      const show = (scene: Scene, selected: readonly number[]) => {
        replaceScene(({ meta, metresPerUnit }) => ({ ...scene, meta, metresPerUnit }));
        viewer.setTracks(scene);
        store.set({ selected });
      };
      const after = appendTrack(before, found);
      history.take({ title: 'the new track', redo: () => show(after, store.state.selected), undo: () => show(before, store.state.selected.filter((t) => t < before.tracks.count)) });
      select(before.tracks.count);
      announce('The point is followed');
    } catch (error) {
      store.set({ phase: 'idle' });
      fail(error);
    }
  };

  const setUp = (up: Point | undefined) => {
    const { store, viewer, history } = app();
    const before = store.state.open && upOf(store.state.open.scene);
    const show = (value: Point | undefined) => {
      replaceScene((scene) => withSetting(scene, UP_SETTING, value));
      viewer.setUp(value);
    };
    history.take({ title: 'the floor', redo: () => show(up), undo: () => show(before ?? undefined) });
  };

  return {
    setTool(tool) {
      const { store, viewer } = app();
      const { tool: before, pending } = store.state;
      if (before === 'path' && pending.length > 1) addMeasure('path', pending);
      viewer.tool = NEEDED[tool] > 0 ? 'point' : tool === 'lasso' || tool === 'box' ? tool : 'select';
      store.set({ tool, pending: [], outline: tool === 'box' ? firstBox(viewer.stage.width, viewer.stage.height) : [] });
      // Enter then sets a point or keeps the box, whatever button the tool was taken by.
      if (NEEDED[tool] > 0 || tool === 'box') viewer.stage.canvas.focus({ preventScroll: true });
      // The brush works on the video, over the mask.
      if (tool === 'mask') store.set({ overlay: 'mask', video: 'split' });
      if (KINDS[tool]) store.set({ tab: 'measure' });
    },

    setPoint(hit: Hit | null) {
      const { store, say, announce, setTool } = app();
      const { open, tool, pending } = store.state;
      if (!open || NEEDED[tool] === 0) return;
      if (!hit) return say({ message: 'There is no surface at that point; click where the scene is drawn.', action: null });
      if (tool === 'track') return void addTrack(hit);
      const points = [...pending, anchorAt(open.scene, hit)];
      if (points.length < NEEDED[tool]) {
        store.set({ pending: points });
        return announce(tool === 'path' ? `Point ${points.length} set` : `Point ${points.length} of ${NEEDED[tool]} set`);
      }
      store.set({ pending: [] });
      if (KINDS[tool]) return addMeasure(tool, points);
      const up = planeNormal(points[0].point, points[1].point, points[2].point, upOf(open.scene) ?? estimateUp(open.scene));
      if (!up) return say({ message: 'The three points lie on one line; choose points of the floor that are spread out.', action: null });
      setUp(up);
      setTool('select');
      announce('The floor is level now');
    },

    roll(degrees) {
      const { store, announce } = app();
      const scene = store.state.open?.scene;
      if (!scene) return;
      // About the first camera's line of sight: what leaned in its picture stands up.
      const m = scene.cameras[0].camToWorld;
      setUp(turnAbout(upOf(scene) ?? estimateUp(scene), [m[2], m[6], m[10]], degrees));
      announce(`Rolled by ${degrees} degrees`);
    },

    setScale(metresPerUnit, source) {
      const { store, history, announce } = app();
      const { open } = store.state;
      if (!open) return;
      const before = { scale: open.scene.metresPerUnit, source: open.scene.meta.settings[SCALE_SETTING] };
      const set = (scale: number | null, from: unknown) => replaceScene((scene) => ({ ...withSetting(scene, SCALE_SETTING, from), metresPerUnit: scale }));
      history.take({ title: 'the scale', redo: () => set(metresPerUnit, metresPerUnit === null ? undefined : source), undo: () => set(before.scale, before.source) });
      announce(metresPerUnit === null ? 'Lengths are in relative units again' : 'Lengths are in metres now');
    },

    nameTrack(track, name) {
      const { store, history } = app();
      const { open } = store.state;
      const before = open && givenNames(open.scene.meta);
      if (!before || name.trim() === (before[track] ?? '')) return;
      const { [track]: _, ...others } = before;
      const after = name.trim() ? { ...others, [track]: name.trim().slice(0, LONGEST_NAME) } : others;
      const set = (names: typeof before) => replaceScene((scene) => withSetting(scene, NAMES_SETTING, names));
      history.take({ title: 'the name', redo: () => set(after), undo: () => set(before) });
    },

    setUnit: (unit) => replaceScene((scene) => withSetting(scene, UNIT_SETTING, unit)),
  };
}

/** Where the upright direction comes from, in words. */
export function upSource(scene: Scene): string {
  if (upOf(scene)) return 'Up was set by hand.';
  return judgeUp(scene).source === 'surfaces' ? 'Up is estimated from level surfaces.' : 'No level surface stands out: up is how the cameras were held, and may lean.';
}

export const scaleSource = ({ meta }: Scene): string => (typeof meta.settings[SCALE_SETTING] === 'string' ? (meta.settings[SCALE_SETTING] as string) : 'stored in the file');

/** Keeps the marks in the view in step with measures, pending points, the probe and the clock. */
export function showMarks({ store, viewer, clock }: App): void {
  const show = () => {
    const { open, measures, pending, probe } = store.state;
    if (!open) return;
    const at = (anchor: Anchor) => markOf(open.scene, anchor, clock.frame);
    const shown = measures.filter((m) => !m.hidden).map(({ id, points }) => ({ colour: colourOfMeasure(id), places: points.map(at) }));
    const segments = shown.flatMap(({ colour, places }) => places.slice(1).flatMap((to, k) => {
      const from = places[k];
      return from && to ? [{ from, to, colour }] : [];
    }));
    const ends = shown.flatMap(({ colour, places }) => places.flatMap((place) => (place ? [{ at: place, colour, ring: false }] : [])));
    const set = pending.map(({ point, drawn = point }) => ({ at: drawn, colour: WHITE, ring: false }));
    const pointed = probe?.drawn ? [{ at: probe.drawn, colour: WHITE, ring: true }] : [];
    viewer.mark(segments, [...ends, ...set, ...pointed]);
  };
  for (const part of ['open', 'measures', 'pending', 'probe'] as const) store.watch((s) => s[part], show);
  clock.subscribe(show);
}
