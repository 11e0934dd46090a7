// The page starts here: store, viewer, panels, commands, in that order.

import './styles/base.css';
import './styles/layout.css';
import './styles/panels.css';
import { FoursightError } from '../scene/errors.ts';
import { DEFAULT_OPTIONS } from '../scene/options.ts';
import { writeSceneNpz } from '../scene/npz.ts';
import { Clock, driveClock } from '../viewer/clock.ts';
import { MAX_SELECTED } from '../viewer/colours.ts';
import { Viewer } from '../viewer/viewer.ts';
import { START, type App, type AppState, type OpenScene } from './app.ts';
import { offerAutomation } from './automation.ts';
import { listenForKeys } from './commands.ts';
import { h } from './dom.ts';
import { createPicker, download, isScene, listenForFiles } from './files.ts';
import { createJobs } from './jobs.ts';
import { createHelp } from './panels/help.ts';
import { createMessages } from './panels/messages.ts';
import { createPlanDialog } from './panels/plan.ts';
import { createRunDialog } from './panels/run.ts';
import { createBottom, createEmpty, createSide, createTopBar, createViewBar } from './panels/shell.ts';
import { toProblem } from './problems.ts';
import { addSharing } from './sharing/index.ts';
import { readSceneBytes } from './sharing/open-link.ts';
import { Store } from './store.ts';
import { createTheme } from './theme.ts';

const store = new Store<AppState>(START);
const clock = new Clock();
const stageHost = h('main', { class: 'stage', 'aria-label': '3D view' });
const messages = createMessages();
let lastSelection: readonly number[] = [];

const viewer = new Viewer(stageHost, clock, {
  pick: (track, add) => { if (track !== null || !add) app.select(track, add); },
  hover: (track) => { stageHost.classList.toggle('on-trail', track !== null); },
  through: (through) => store.set({ through }),
  changed: () => store.set({ drawn: store.state.drawn + 1 }),
});

const app: App = {
  store, clock, viewer,
  jobs: createJobs(() => app),

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
    viewer.show(open.scene);
    lastSelection = [];
    store.set({ open, saved, selected: [], hovered: null, tab: 'look' });
    document.title = `${open.scene.meta.title} · Foursight`;
    // People who asked for less motion start it themselves.
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) clock.play();
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

  save() {
    const { open } = store.state;
    if (!open) return;
    const name = open.scene.meta.title.replace(/[^\p{L}\p{N} ._-]+/gu, '').trim() || 'scene';
    download(writeSceneNpz(open.scene), `${name}.npz`);
    store.set({ saved: true });
  },

  setLook: (change) => store.set({ look: { ...store.state.look, ...change } }),

  select(track, add = false) {
    const { selected } = store.state;
    const next = track === null ? [] : !add ? [track] : selected.includes(track) ? selected.filter((t) => t !== track) : [...selected, track].slice(-MAX_SELECTED);
    if (next.length === 0 && selected.length === 0) return;
    lastSelection = selected;
    store.set({ selected: next, ...(next.length > 0 ? { tab: 'tracks' as const } : {}) });
    app.announce(next.length > 0 ? `Track ${next.join(', ')} selected` : 'Selection cleared');
  },

  undoSelection() {
    const { selected } = store.state;
    store.set({ selected: lastSelection });
    lastSelection = selected;
  },

  say: messages.say,
  announce: messages.announce,
  fail: (error) => messages.say(toProblem(error, app)),
  showHelp: () => help.showModal(),
  showShare: () => sharing.showShare(),
  showExport: () => sharing.showExport(),
};

async function fetchFile(path: string): Promise<File> {
  const answer = await fetch(import.meta.env.BASE_URL + path).catch(() => null);
  if (!answer?.ok) throw new FoursightError('decode/empty', `${path} could not be loaded; check the connection and try again.`);
  return new File([await answer.blob()], path.replace(/^.*\//, ''));
}

store.watch((s) => s.look, (look) => viewer.setLook(look));
store.watch((s) => s.selected, (selected) => viewer.select(selected));
const theme = createTheme((value) => app.setLook({ theme: value }));
const picker = createPicker((files) => void app.openFiles(files));
const help = createHelp(app);
stageHost.append(createViewBar(app));
document.body.append(
  createTopBar(app, theme.next), stageHost, createSide(app), createBottom(app), createEmpty(app),
  createPlanDialog(app), createRunDialog(app), help, picker, h('div', { class: 'drop-hint', 'aria-hidden': 'true' }, 'Drop to open'), messages.element);

driveClock(clock);
listenForFiles(document.documentElement, (files) => void app.openFiles(files));
listenForKeys(app);
offerAutomation(app);
const sharing = addSharing(app);
// Unsaved work is not left without a word.
addEventListener('beforeunload', (event) => { if (!store.state.saved || store.state.phase === 'running') event.preventDefault(); });
