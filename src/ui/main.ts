// The page starts here: store, viewer, panels, commands, in that order.

import './styles/base.css';
import './styles/layout.css';
import './styles/panels.css';
import './styles/view.css';
import { FoursightError } from '../scene/errors.ts';
import { DEFAULT_OPTIONS } from '../scene/options.ts';
import { writeSceneNpz } from '../scene/npz.ts';
import { Clock, driveClock } from '../viewer/clock.ts';
import { MAX_SELECTED } from '../viewer/colours.ts';
import { DEFAULT_LOOK } from '../viewer/look.ts';
import { upOf } from '../viewer/up.ts';
import { Viewer } from '../viewer/viewer.ts';
import { START, type App, type AppState, type OpenScene } from './app.ts';
import { offerAutomation } from './automation.ts';
import { createBoxTool } from './box-tool.ts';
import { createCommands, listenForKeys } from './commands.ts';
import { h } from './dom.ts';
import { createPicker, download, isScene, listenForFiles, listenForLaunch } from './files.ts';
import { sceneName } from './format.ts';
import { History } from './history.ts';
import { createJobs } from './jobs.ts';
import { createKeyTool, followKeys } from './key-tool.ts';
import { createMaskTool } from './mask-tool.ts';
import { createCaptureDialog } from './panels/capture.ts';
import { createHelp } from './panels/help.ts';
import { createMessages } from './panels/messages.ts';
import { describeTracks } from './panels/inspector.ts';
import { createViewOverlay, type ViewOverlay } from './panels/overlay.ts';
import { createPalette } from './panels/palette.ts';
import { createPlanDialog } from './panels/plan.ts';
import { createRunDialog } from './panels/run.ts';
import { createBottom, createEmpty, createSide, createTopBar, createViewBar } from './panels/shell.ts';
import { forgetKept, keepMoment, keepScene, keepSettings, readKeptScene, readMoment } from './persist.ts';
import { toProblem } from './problems.ts';
import { addSharing } from './sharing/index.ts';
import { readSceneBytes } from './sharing/open-link.ts';
import { Store } from './store.ts';
import { createTheme } from './theme.ts';
import { createTools, showMarks } from './tools.ts';

const KEEP_AFTER_MS = 300;

const store = new Store<AppState>({ ...START, video: matchMedia('(max-width: 760px)').matches ? 'corner' : START.video });
const clock = new Clock();
const stageHost = h('main', { class: 'stage', 'aria-label': '3D view' });
const messages = createMessages();
let overlay: ViewOverlay | null = null;

const viewer = new Viewer(stageHost, clock, {
  pick: (track, add) => { if (track !== null || !add) app.select(track, add); },
  hover: (track, hit) => {
    stageHost.classList.toggle('on-trail', track !== null);
    store.set({ hovered: track, probe: hit && { ...hit, source: 'view' } });
  },
  point: (hit) => app.setPoint(hit),
  camera: (frame) => {
    clock.seek(frame);
    viewer.navigation.setMode('through');
  },
  outlined: (outline, done, add) => {
    const { tool, selected } = store.state;
    // The tool may have been left while it was drawn.
    if (tool !== 'lasso' && tool !== 'box') return;
    store.set({ outline });
    if (!done) return;
    if (tool === 'box') return app.box.keep();
    const inside = viewer.sight.tracksWithin(outline).filter((track) => viewer.shownTracks.includes(track));
    app.selectAll([...new Set([...(add ? selected : []), ...inside])].slice(0, MAX_SELECTED));
    if (inside.length > MAX_SELECTED) app.say({ message: `${inside.length} tracks lie inside; the first ${MAX_SELECTED} are selected.`, action: null });
    app.setTool('select');
  },
  centre: (hit) => viewer.centreOn(hit.drawn),
  navigated: (navigation) => store.set({ navigation }),
  turned: () => overlay?.showCentre(),
  changed: () => store.set({ drawn: store.state.drawn + 1 }),
  drawn: () => overlay?.place(),
});
viewer.stage.canvas.setAttribute('role', 'application');
viewer.stage.canvas.ariaLabel = '3D view of the scene. Enter makes the arrows turn it.';

const app: App = {
  store, clock, viewer,
  history: new History(),
  jobs: createJobs(() => app),
  ...createTools(() => app),
  masks: createMaskTool(() => app),
  box: createBoxTool(() => app),
  keys: createKeyTool(() => app),

  async openFiles(files) {
    if (store.state.phase === 'running') return app.say({ message: 'A run is going on; cancel it before opening something else.', action: null });
    const before = store.state.phase;
    const name = files.length === 1 ? files[0].name : `${files.length} files`;
    store.set({ phase: 'opening', opening: `Opening ${name} …` });
    try {
      if (files.length === 1 && (await isScene(files[0]))) {
        app.openScene({ scene: await readSceneBytes(new Uint8Array(await files[0].arrayBuffer())), flow: null, report: null }, true);
        store.set({ phase: 'idle' });
      } else await app.jobs.open(files);
    } catch (error) {
      store.set({ phase: before === 'opening' ? 'idle' : before });
      app.fail(error);
    }
  },

  openScene(open: OpenScene, saved: boolean) {
    clock.setTimes(open.scene.times);
    viewer.show(open.scene, upOf(open.scene));
    app.history.clear();
    app.setTool('select');
    store.set({ open, saved, selected: [], hovered: null, probe: null, measures: [], trailBox: null, keys: [], alongKeys: false, tab: 'look' });
    document.title = `${open.scene.meta.title} · Foursight`;
    // Half a second of trail at least.
    const { times, frameCount } = open.scene;
    const half = Math.round((0.5 * (frameCount - 1)) / Math.max(1e-6, times[frameCount - 1] - times[0]));
    if (store.state.look.trailLength === DEFAULT_LOOK.trailLength && half > DEFAULT_LOOK.trailLength) app.setLook({ trailLength: Math.min(frameCount, half) });
    // People who asked for less motion start it themselves.
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) clock.play();
  },

  replaceScene(open) {
    const { view } = viewer.navigation;
    store.set({ open, saved: false, hovered: null, probe: null });
    viewer.show(open.scene, upOf(open.scene));
    viewer.navigation.look(view);
    viewer.select(store.state.selected);
    viewer.keepTracks(store.state.trailBox?.tracks ?? null);
  },

  choose: () => picker.click(),

  async openAddress(path) {
    store.set({ phase: 'opening', opening: 'Loading …' });
    try {
      await app.openFiles([await fetchFile(path)]);
    } catch (error) {
      store.set({ phase: 'idle' });
      app.fail(error);
    }
  },

  async trySample() {
    store.set({ options: DEFAULT_OPTIONS });
    await app.openAddress('samples/room.mp4');
    // The sample needs no choices.
    if (store.state.phase === 'plan') await app.jobs.start();
  },

  async reopen() {
    store.set({ phase: 'opening', opening: 'Opening the last scene …' });
    const [scene, moment] = [await readKeptScene(), readMoment()];
    store.set({ phase: 'idle', lastTitle: '' });
    if (!scene) return app.say({ message: 'The last scene is no longer kept in this browser; open its file again.', action: null });
    app.openScene({ scene, flow: null, report: null }, true);
    if (!moment) return;
    clock.pause();
    clock.seek(moment.frame);
    viewer.navigation.look(moment.view);
    store.set({ selected: moment.selected, measures: moment.measures, trailBox: moment.trailBox ?? null });
  },

  async forget() {
    await forgetKept();
    store.set({ lastTitle: '' });
    app.announce('Nothing of the last scene is kept any more');
  },

  save() {
    const { open } = store.state;
    if (!open) return;
    download(writeSceneNpz(open.scene), `${sceneName(open.scene)}.npz`);
    store.set({ saved: true });
  },

  setLook: (change) => store.set({ look: { ...store.state.look, ...change } }),

  select(track, add = false) {
    const { selected } = store.state;
    app.selectAll(track === null ? [] : !add ? [track] : selected.includes(track) ? selected.filter((t) => t !== track) : [...selected, track].slice(-MAX_SELECTED));
  },

  selectAll(next) {
    const { selected } = store.state;
    if (next.length === 0 && selected.length === 0) return;
    const set = (tracks: readonly number[]) => store.set({ selected: tracks, ...(tracks.length > 0 ? { tab: 'tracks' as const } : {}) });
    app.history.take({ title: 'the selection', redo: () => set(next), undo: () => set(selected) });
    viewer.followed = next[next.length - 1] ?? null;
    app.announce(next.length > 0 ? `Track ${next.join(', ')} selected. ${describeTracks(app)}` : 'Selection cleared');
  },

  say: messages.say,
  announce: messages.announce,
  fail: (error) => messages.say(toProblem(error, app)),
  showHelp: () => help.showModal(),
  showPalette: () => palette.showModal(),
  showCapture: () => { if (store.state.open) capture.showModal(); },
  showShare: () => sharing.showShare(),
  showExport: () => sharing.showExport(),
  addNote: () => sharing.addNote(),
};

async function fetchFile(path: string): Promise<File> {
  const answer = await fetch(import.meta.env.BASE_URL + path).catch(() => null);
  if (!answer?.ok) throw new FoursightError('decode/empty', `${path} could not be loaded; check the connection and try again.`);
  return new File([await answer.blob()], path.replace(/^.*\//, ''));
}

keepSettings(store, clock);
store.watch((s) => s.look, (look) => viewer.setLook(look));
store.watch((s) => s.selected, (selected) => viewer.select(selected));
store.watch((s) => s.trailBox, (box) => viewer.keepTracks(box?.tracks ?? null));
store.watch((s) => s.hovered, (hovered) => viewer.hover(hovered));
let keeping: ReturnType<typeof setTimeout> | undefined;
store.watch((s) => s.open?.scene ?? null, (scene) => {
  clearTimeout(keeping);
  // Strokes of the brush come one after the other, and each is a whole scene to the store.
  if (scene) keeping = setTimeout(() => void keepScene(scene), KEEP_AFTER_MS);
});
const theme = createTheme((value) => app.setLook({ theme: value, ground: null }));
const commands = createCommands(app);
const picker = createPicker((files) => void app.openFiles(files));
const [help, palette, capture] = [createHelp(app, commands), createPalette(app, commands), createCaptureDialog(app)];
overlay = createViewOverlay(app);
stageHost.append(overlay.element, createViewBar(app));
document.body.append(
  createTopBar(app, theme.next), stageHost, createSide(app, stageHost), createBottom(app), createEmpty(app),
  createPlanDialog(app), createRunDialog(app), help, palette, capture, picker, h('div', { class: 'drop-hint', 'aria-hidden': 'true' }, 'Drop to open'), messages.element);

showMarks(app);
followKeys(app);
driveClock(clock);
listenForFiles(document.documentElement, (files) => void app.openFiles(files));
listenForLaunch((files) => void app.openFiles(files));
listenForKeys(app, commands);
offerAutomation(app);
store.set({ lastTitle: readMoment()?.title ?? '' });
clock.subscribe(() => { if (!clock.playing && store.state.open) app.announce(`Frame ${clock.frame}. ${describeTracks(app)}`); });
const sharing = addSharing(app);
// Unsaved work is not left without a word.
addEventListener('beforeunload', (event) => { if (!store.state.saved || store.state.phase === 'running') event.preventDefault(); });
addEventListener('pagehide', () => {
  const { open, selected, measures, trailBox } = store.state;
  if (open) keepMoment({ title: open.scene.meta.title, frame: clock.frame, view: viewer.navigation.view, selected, measures, trailBox });
});
