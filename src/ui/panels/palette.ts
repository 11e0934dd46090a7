// Every command by its name.

import type { App } from '../app.ts';
import type { Command, CommandGroups } from '../commands.ts';
import { h, put } from '../dom.ts';

export function createPalette({ store }: App, commands: CommandGroups): HTMLDialogElement {
  let found: readonly Command[] = [];
  let at = 0;
  const list = h('ul', { class: 'palette-list', role: 'listbox', id: 'palette-list', 'aria-label': 'Commands' });
  const input = h('input', {
    type: 'text', role: 'combobox', 'aria-label': 'Find a command', 'aria-controls': 'palette-list', 'aria-expanded': 'true', placeholder: 'Find a command', 'data-testid': 'palette-input', autocomplete: 'off',
    oninput: () => search(), onkeydown: (event: KeyboardEvent) => onKey(event),
  });
  const dialog = h('dialog', { class: 'sheet palette', 'aria-label': 'Commands', 'data-testid': 'palette', onclick: (event: Event) => { if (event.target === dialog) dialog.close(); } }, input, list);

  const run = (command: Command | undefined) => {
    if (!command) return;
    dialog.close();
    command.run();
  };
  const show = () => {
    put(list, ...found.map((command, k) => h('li', { role: 'option', id: `palette-${k}`, 'aria-selected': String(k === at), onclick: () => run(command) },
      h('span', {}, command.title), ...command.keys.slice(0, 1).map((key) => h('kbd', {}, key)))));
    input.setAttribute('aria-activedescendant', found.length > 0 ? `palette-${at}` : '');
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  };
  const search = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = commands.flatMap(([, group]) => group).filter((c) => (c.always || store.state.open !== null) && words.every((word) => c.title.toLowerCase().includes(word)));
    at = 0;
    show();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0) {
      at = (at + step + found.length) % found.length;
      show();
    } else if (event.key === 'Enter') run(found[at]);
    else return;
    event.preventDefault();
  };
  dialog.addEventListener('toggle', () => {
    if (!dialog.open) return;
    input.value = '';
    search();
    input.focus();
  });
  return dialog;
}
