import type { App } from '../app.ts';
import type { CommandGroups } from '../commands.ts';
import { checkbox, h } from '../dom.ts';

export function createHelp({ store }: App, groups: CommandGroups): HTMLDialogElement {
  const letters = checkbox('Single letters and signs are commands', (on) => store.set({ letters: on }), 'letters');
  store.watch((s) => s.letters, letters.set);
  const dialog = h('dialog', { class: 'sheet wide', 'aria-labelledby': 'help-title', 'data-testid': 'help-sheet' });
  dialog.append(
    h('header', {}, h('h2', { id: 'help-title' }, 'Keys')),
    h('div', { class: 'keys-sheet' }, ...groups.map(([group, commands]) => h('section', {}, h('h3', {}, group),
      h('dl', {}, ...commands.filter(({ keys }) => keys.length > 0).flatMap(({ keys, title }) => [h('dt', {}, ...keys.map((key) => h('kbd', {}, key))), h('dd', {}, title)]))))),
    h('p', { class: 'note' }, 'Drag turns, right drag or two fingers move, the wheel or a pinch comes closer. A double click on a surface makes it the centre; a click on a camera looks through it. Enter on the focused view makes the arrows turn it. Ctrl is Cmd on a Mac.'),
    h('footer', {}, letters.element, h('button', { type: 'button', class: 'primary', onclick: () => dialog.close() }, 'Close')));
  return dialog;
}
