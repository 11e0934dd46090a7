// One table of everything that can be done by name or by key; the key sheet and the palette are made from it.

import { RATES } from '../viewer/clock.ts';
import { clampPointPx, type CloudMode, type ColourMode, type LayerName } from '../viewer/look.ts';
import type { NavigationMode } from '../viewer/navigation.ts';
import type { App, VideoPlace } from './app.ts';
import { saveStill } from './capture.ts';
import { describeProbe } from './panels/overlay.ts';

export interface Command {
  readonly keys: readonly string[];
  readonly title: string;
  /** Works without a scene too. */
  readonly always?: boolean;
  readonly run: () => void;
}

export type CommandGroups = readonly (readonly [string, readonly Command[]])[];

const MODES: readonly CloudMode[] = ['frame', 'background', 'all'];
const COLOURS: readonly ColourMode[] = ['picture', 'depth', 'confidence', 'motion', 'time', 'speed'];
const VIDEO: readonly VideoPlace[] = ['split', 'corner', 'off'];
/** A view without perspective, nearly: a lens this long, degrees. */
const FLAT_FOV = 4;

export function createCommands(app: App): CommandGroups {
  const { clock, viewer, store } = app;
  const { navigation } = viewer;
  const look = () => store.state.look;
  const next = <T>(list: readonly T[], value: T) => list[(list.indexOf(value) + 1) % list.length];
  const faster = (steps: number) => clock.setRate(RATES[Math.min(RATES.length - 1, Math.max(0, RATES.indexOf(clock.rate) + steps))]);
  const layer = (name: LayerName) => app.setLook({ layers: { ...look().layers, [name]: !look().layers[name] } });
  const toggle = (mode: NavigationMode) => navigation.setMode(navigation.mode === mode ? 'orbit' : mode);
  const undone = (title: string | null, what: string) => app.announce(title === null ? `Nothing to ${what}` : `${what}: ${title}`);
  return [
    ['Time', [
      { keys: ['Space'], title: 'Play or pause', run: () => clock.toggle() },
      { keys: ['←', ','], title: 'One frame back', run: () => clock.step(-1) },
      { keys: ['→', '.'], title: 'One frame on', run: () => clock.step(1) },
      { keys: ['Shift+←'], title: 'Ten frames back', run: () => clock.step(-10) },
      { keys: ['Shift+→'], title: 'Ten frames on', run: () => clock.step(10) },
      { keys: ['Home'], title: 'First frame', run: () => clock.seek(0) },
      { keys: ['End'], title: 'Last frame', run: () => clock.seek(clock.frameCount - 1) },
      { keys: ['<'], title: 'Slower', run: () => faster(-1) },
      { keys: ['>'], title: 'Faster', run: () => faster(1) },
      { keys: ['['], title: 'Loop from here', run: () => clock.setRange([clock.frame, clock.last > clock.frame ? clock.last : clock.frameCount - 1]) },
      { keys: [']'], title: 'Loop to here', run: () => clock.setRange([clock.first < clock.frame ? clock.first : 0, clock.frame]) },
      { keys: ['\\'], title: 'Loop everything', run: () => clock.setRange(null) },
    ]],
    ['View', [
      { keys: ['V'], title: 'Fly (W A S D Q E, Shift faster, Alt slower), or turn around the scene', run: () => toggle('fly') },
      { keys: ['C'], title: 'Look through the recorded camera', run: () => toggle('through') },
      { keys: ['Shift+C'], title: 'Follow the selected track, or what moves', run: () => toggle('follow') },
      { keys: ['F'], title: 'Fit the selection, or everything', run: () => viewer.fit() },
      { keys: ['Shift+F', '0'], title: 'Start view', run: () => navigation.reset() },
      { keys: ['1'], title: 'From the front', run: () => navigation.showSide('front') },
      { keys: ['3'], title: 'From the side', run: () => navigation.showSide('side') },
      { keys: ['7'], title: 'From above', run: () => navigation.showSide('top') },
      { keys: ['5'], title: 'Flat view (hardly any perspective)', run: () => app.setLook({ fov: look().fov === FLAT_FOV ? 50 : FLAT_FOV }) },
      { keys: ['Shift+K'], title: 'Set a key of a camera move: this view at this frame', run: () => app.keys.set() },
      { keys: [], title: 'Remove the key at this frame', run: () => app.keys.remove() },
      { keys: [], title: 'Remove all keys of the camera move', run: () => app.keys.clear() },
      { keys: [], title: 'Follow the keys while time goes on, or stop that', run: () => app.keys.follow(!store.state.alongKeys) },
      { keys: ['J'], title: 'Turn left', run: () => navigation.orbit(-10, 0) },
      { keys: ['K'], title: 'Turn right', run: () => navigation.orbit(10, 0) },
      { keys: ['U'], title: 'Turn up', run: () => navigation.orbit(0, -10) },
      { keys: ['I'], title: 'Turn down', run: () => navigation.orbit(0, 10) },
      { keys: ['Z'], title: 'Closer', run: () => navigation.zoom(1.2) },
      { keys: ['Shift+Z'], title: 'Further away', run: () => navigation.zoom(1 / 1.2) },
    ]],
    ['Show', [
      { keys: ['R'], title: 'This frame, background + this frame, all', run: () => app.setLook({ mode: next(MODES, look().mode) }) },
      { keys: ['X'], title: 'Next colouring', run: () => app.setLook({ colour: next(COLOURS, look().colour) }) },
      { keys: ['L'], title: 'Shading by shape', run: () => app.setLook({ shading: !look().shading }) },
      { keys: ['T'], title: 'Trails', run: () => layer('trails') },
      { keys: ['B'], title: 'What stands still', run: () => layer('background') },
      { keys: ['N'], title: 'What moves', run: () => layer('moving') },
      { keys: ['Shift+B'], title: 'Sky', run: () => layer('sky') },
      { keys: ['O'], title: 'Cameras', run: () => layer('cameras') },
      { keys: ['G'], title: 'Grid', run: () => layer('grid') },
      { keys: ['-'], title: 'Smaller points', run: () => app.setLook({ style: 'points', pointPx: clampPointPx(look().pointPx - 0.5) }) },
      { keys: ['+', '='], title: 'Larger points', run: () => app.setLook({ style: 'points', pointPx: clampPointPx(look().pointPx + 0.5) }) },
      { keys: ['P'], title: 'Video beside the view, in its corner, or off', run: () => store.set({ video: next(VIDEO, store.state.video) }) },
      { keys: ['H'], title: 'Nothing but the view', run: () => store.set({ bare: !store.state.bare }) },
    ]],
    ['Tracks and measures', [
      { keys: ['PageDown'], title: 'Select the next track', run: () => stepTrack(app, 1) },
      { keys: ['PageUp'], title: 'Select the track before', run: () => stepTrack(app, -1) },
      { keys: ['Shift+PageDown'], title: 'Add the next track', run: () => stepTrack(app, 1, true) },
      { keys: ['Shift+PageUp'], title: 'Add the track before', run: () => stepTrack(app, -1, true) },
      { keys: ['Shift+L'], title: 'Select tracks with a lasso', run: () => app.setTool('lasso') },
      { keys: ['Shift+X'], title: 'Keep only the trails of what lies in a box', run: () => app.setTool(store.state.tool === 'box' ? 'select' : 'box') },
      { keys: [], title: 'Show the trails of everything again', run: () => app.box.clear() },
      { keys: ['Shift+T'], title: 'Follow a new point through the clip', run: () => app.setTool('track') },
      { keys: ['Shift+M'], title: 'Correct what moves: brush on the video', run: () => app.setTool(store.state.tool === 'mask' ? 'select' : 'mask') },
      { keys: [], title: 'Solve again with the masks as they are', run: () => void app.jobs.solveAgain() },
      { keys: ['M'], title: 'Measure a length', run: () => app.setTool(store.state.tool === 'measure' ? 'select' : 'measure') },
      { keys: [], title: 'Set the floor by three points', run: () => app.setTool('level') },
      { keys: [], title: 'Measure a path along several points', run: () => app.setTool('path') },
      { keys: [], title: 'Measure an angle', run: () => app.setTool('angle') },
      { keys: [], title: 'Measure a height above the floor', run: () => app.setTool('height') },
      { keys: ['('], title: 'Roll the scene to the left by a degree', run: () => app.roll(-1) },
      { keys: [')'], title: 'Roll the scene to the right by a degree', run: () => app.roll(1) },
      { keys: ['Enter'], title: 'With a tool: set a point in the middle of the view', run: () => app.setPoint(viewer.sight.surfaceAt({ x: viewer.stage.width / 2, y: viewer.stage.height / 2 })) },
      { keys: ['Y'], title: 'Copy the numbers of the point under the pointer', run: () => copyProbe(app) },
      { keys: ['Delete'], title: 'Remove the last measure', run: () => removeLast(app) },
      { keys: ['Ctrl+Z'], title: 'Undo', run: () => undone(app.history.undo(), 'undo') },
      { keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], title: 'Do again', run: () => undone(app.history.redo(), 'redo') },
    ]],
    ['General', [
      { keys: ['Esc'], title: 'Leave the tool, then the camera or flight, then clear the selection, then the box', run: () => stepBack(app) },
      { keys: ['Ctrl+K'], title: 'Find a command', always: true, run: () => app.showPalette() },
      { keys: ['Ctrl+O'], title: 'Open a file', always: true, run: () => app.choose() },
      { keys: ['Ctrl+S'], title: 'Save the scene', run: () => app.save() },
      { keys: ['Shift+P'], title: 'Save a picture of the view', run: () => void saveStill(app) },
      { keys: [], title: 'Save a video of the view …', run: () => app.showCapture() },
      { keys: [], title: 'Full screen, or back', always: true, run: () => void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => app.announce('This browser does not allow full screen here')) },
      { keys: ['?'], title: 'Sheet of keys', always: true, run: () => app.showHelp() },
      { keys: ['Shift+N'], title: 'Write a note of this moment and view', run: () => app.addNote() },
      { keys: ['Shift+S'], title: 'Share', run: () => app.showShare() },
      { keys: ['Shift+E'], title: 'Export for other programs', run: () => app.showExport() },
    ]],
  ];
}

function copyProbe(app: App): void {
  const { probe } = app.store.state;
  if (!probe?.point) return app.announce('There is no point under the pointer');
  copyPoint(app, describeProbe(app, probe));
}

export function copyPoint(app: App, text: string): void {
  void navigator.clipboard.writeText(text).then(() => app.announce('Copied'), () => app.announce('This browser does not allow copying here'));
}

function stepTrack({ viewer, store, select }: App, step: number, add = false): void {
  const shown = viewer.shownTracks;
  if (shown.length === 0) return;
  const at = shown.indexOf(store.state.selected[store.state.selected.length - 1] ?? -1);
  select(shown[(at + step + shown.length + (at < 0 && step < 0 ? 1 : 0)) % shown.length], add);
}

function removeLast({ store, history }: App): void {
  const last = store.state.measures.at(-1);
  if (!last) return;
  history.take({
    title: last.name,
    redo: () => store.set({ measures: store.state.measures.filter((m) => m !== last) }),
    undo: () => store.set({ measures: [...store.state.measures, last] }),
  });
}

function stepBack({ store, viewer, setTool, select, box }: App): void {
  if (store.state.bare) store.set({ bare: false });
  else if (store.state.tool !== 'select') setTool('select');
  else if (viewer.navigation.mode !== 'orbit') viewer.navigation.setMode('orbit');
  else if (store.state.selected.length > 0) select(null);
  else if (store.state.trailBox) box.clear();
}

const NAMES: Readonly<Record<string, string>> = { ' ': 'Space', ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc' };

/** The name of a key press as the table writes it. Shift is only named where it does not already change the sign. */
export function nameOf(event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>): string {
  const key = NAMES[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const shift = event.shiftKey && (key.length > 1 || /[A-Z←→↑↓]/.test(key)) ? 'Shift+' : '';
  return `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${shift}${key}`;
}

/** Keys of the page: silent while something is typed, under a dialog, and where a focused control wants the key itself. */
export function listenForKeys(app: App, commands: CommandGroups): void {
  const table = new Map(commands.flatMap(([, group]) => group.flatMap((c) => c.keys.map((key) => [key, c] as const))));
  const turnKeys = createTurnKeys(app);
  document.addEventListener('keydown', (event) => {
    const name = nameOf(event);
    const command = boxKeys(app, name) ?? turnKeys(event.target, name) ?? table.get(name);
    if (!command || event.defaultPrevented || document.querySelector('dialog[open]')) return;
    // Who speaks to the computer would set off a command with every letter.
    if (!app.store.state.letters && /^(Shift\+)?[^\s←→↑↓]$/.test(name)) return;
    if ((!command.always && !app.store.state.open) || wantsKey(event.target, event.key)) return;
    event.preventDefault();
    command.run();
  });
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = { '←': [-1, 0], '→': [1, 0], '↑': [0, -1], '↓': [0, 1] };

const unlisted = (run: () => void): Command => ({ keys: [], title: '', run });

/** While the box is the tool, arrows move it, with Shift they change its size, and Enter keeps what lies in it. */
function boxKeys({ store, box }: App, name: string): Command | null {
  if (store.state.tool !== 'box') return null;
  if (name === 'Enter') return unlisted(() => box.keep());
  const arrow = ARROWS[name.replace('Shift+', '')];
  if (!arrow) return null;
  return unlisted(() => (name.startsWith('Shift+') ? box.grow(arrow[0], -arrow[1]) : box.move(...arrow)));
}

/** Enter on the focused view makes the arrows turn it, Esc gives them back to time. */
function createTurnKeys(app: App): (target: EventTarget | null, name: string) => Command | null {
  const { canvas } = app.viewer.stage;
  const { navigation } = app.viewer;
  let on = false;
  const set = (value: boolean) => {
    on = value;
    app.announce(on ? 'Arrows turn the view' : 'Arrows step through time');
  };
  canvas.addEventListener('blur', () => { on = false; });
  return (target, name) => {
    if (target !== canvas || app.store.state.tool !== 'select') return null;
    if (name === 'Enter') return unlisted(() => set(!on));
    if (on && name === 'Esc') return unlisted(() => set(false));
    const arrow = ARROWS[name];
    return on && arrow ? unlisted(() => navigation.orbit(10 * arrow[0], 10 * arrow[1])) : null;
  };
}

function wantsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches('textarea, select, input:not([type=range]):not([type=checkbox])')) return true;
  if (target.matches('button, summary, a[href], input[type=checkbox]')) return key === ' ' || key === 'Enter';
  return target.matches('input[type=range]') && /^(Arrow|Home|End|Page)/.test(key);
}
