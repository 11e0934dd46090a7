// One table of everything a key can do; the help sheet is made from it.

import { RATES } from '../viewer/clock.ts';
import type { CloudMode, ColourMode, LayerName } from '../viewer/look.ts';
import type { App } from './app.ts';

export interface Command {
  readonly keys: readonly string[];
  readonly title: string;
  readonly run: () => void;
}

const MODES: readonly CloudMode[] = ['frame', 'background', 'all'];
const COLOURS: readonly ColourMode[] = ['picture', 'depth', 'confidence', 'motion', 'time', 'speed'];

export function createCommands(app: App): readonly (readonly [string, readonly Command[]])[] {
  const { clock, viewer, store } = app;
  const look = () => store.state.look;
  const next = <T>(list: readonly T[], value: T) => list[(list.indexOf(value) + 1) % list.length];
  const faster = (steps: number) => clock.setRate(RATES[Math.min(RATES.length - 1, Math.max(0, RATES.indexOf(clock.rate) + steps))]);
  const layer = (name: LayerName) => app.setLook({ layers: { ...look().layers, [name]: !look().layers[name] } });
  const clear = () => (viewer.through ? viewer.setThrough(false) : app.select(null));
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
      { keys: ['C'], title: 'Look through the recorded camera', run: () => viewer.setThrough(!viewer.through) },
      { keys: ['F'], title: 'Fit the selection, or everything', run: () => viewer.fit() },
      { keys: ['Shift+F', '0'], title: 'Start view', run: () => viewer.reset() },
      { keys: ['J'], title: 'Turn left', run: () => viewer.orbit(-10, 0) },
      { keys: ['K'], title: 'Turn right', run: () => viewer.orbit(10, 0) },
      { keys: ['U'], title: 'Turn up', run: () => viewer.orbit(0, -10) },
      { keys: ['I'], title: 'Turn down', run: () => viewer.orbit(0, 10) },
      { keys: ['Z'], title: 'Closer', run: () => viewer.zoom(1.2) },
      { keys: ['Shift+Z'], title: 'Further away', run: () => viewer.zoom(1 / 1.2) },
    ]],
    ['Show', [
      { keys: ['M'], title: 'This frame, background + this frame, all', run: () => app.setLook({ mode: next(MODES, look().mode) }) },
      { keys: ['X'], title: 'Next colouring', run: () => app.setLook({ colour: next(COLOURS, look().colour) }) },
      { keys: ['T'], title: 'Trails', run: () => layer('trails') },
      { keys: ['B'], title: 'What stands still', run: () => layer('background') },
      { keys: ['N'], title: 'What moves', run: () => layer('moving') },
      { keys: ['O'], title: 'Cameras', run: () => layer('cameras') },
      { keys: ['G'], title: 'Grid', run: () => layer('grid') },
      { keys: ['-'], title: 'Smaller points', run: () => app.setLook({ style: 'points', pointSize: Math.max(0.4, look().pointSize / 1.2) }) },
      { keys: ['+', '='], title: 'Larger points', run: () => app.setLook({ style: 'points', pointSize: Math.min(4, look().pointSize * 1.2) }) },
      { keys: ['P'], title: 'Panels', run: () => store.set({ panels: !store.state.panels }) },
    ]],
    ['General', [
      { keys: ['Esc'], title: 'Leave the recorded camera, then clear the selection', run: clear },
      { keys: ['Ctrl+Z'], title: 'Bring the last selection back', run: () => app.undoSelection() },
      { keys: ['Ctrl+O'], title: 'Open a file', run: () => app.choose() },
      { keys: ['Ctrl+S'], title: 'Save the scene', run: () => app.save() },
      { keys: ['Shift+S'], title: 'Share', run: () => app.showShare() },
      { keys: ['Shift+E'], title: 'Export for other programs', run: () => app.showExport() },
      { keys: ['?'], title: 'This sheet', run: () => app.showHelp() },
    ]],
  ];
}

const NAMES: Readonly<Record<string, string>> = { ' ': 'Space', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc' };

/** The name of a key press as the table writes it. Shift is only named where it does not already change the sign. */
export function nameOf(event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>): string {
  const key = NAMES[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const shift = event.shiftKey && (key.length > 1 || /[A-Z←→]/.test(key)) ? 'Shift+' : '';
  return `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${shift}${key}`;
}

/** Keys of the page: silent while something is typed, under a dialog, and where a focused control wants the key itself. */
export function listenForKeys(app: App): void {
  const table = new Map(createCommands(app).flatMap(([, commands]) => commands.flatMap((c) => c.keys.map((key) => [key, c] as const))));
  document.addEventListener('keydown', (event) => {
    const command = table.get(nameOf(event));
    if (!command || event.defaultPrevented || document.querySelector('dialog[open]')) return;
    const needsScene = !['Ctrl+O', '?'].includes(command.keys[0]);
    if ((needsScene && !app.store.state.open) || wantsKey(event.target, event.key)) return;
    event.preventDefault();
    command.run();
  });
}

function wantsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches('textarea, select, input:not([type=range]):not([type=checkbox])')) return true;
  if (target.matches('button, summary, a[href], input[type=checkbox]')) return key === ' ' || key === 'Enter';
  return target.matches('input[type=range]') && /^(Arrow|Home|End|Page)/.test(key);
}
