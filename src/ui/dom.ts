// A few lines instead of a framework: elements, icons, and keeping a list of children in step.

type Child = Node | string | number | null | undefined | false;
type Props = Record<string, unknown>;

/** `on…` props become listeners, `class` and ARIA or data names become attributes, the rest are properties of the element. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (name in element && !name.includes('-')) Object.assign(element, { [name]: value });
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  put(element, ...children);
  return element;
}

export function put(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...children.filter((c): c is Node | string | number => c !== null && c !== undefined && c !== false)
    .map((c) => (typeof c === 'number' ? String(c) : c)));
}

/** Outlines on a 20-pixel square, drawn with the text's colour. */
const ICONS = {
  play: 'M6 4l10 6-10 6z', pause: 'M6 4v12M14 4v12', back: 'M14 4l-7 6 7 6M5 4v12', next: 'M6 4l7 6-7 6M15 4v12',
  loop: 'M4 9a6 6 0 0 1 11-3l1 1M16 3v4h-4M16 11a6 6 0 0 1-11 3l-1-1M4 17v-4h4', pingpong: 'M4 10h12M7 6l-4 4 4 4M13 6l4 4-4 4', once: 'M3 10h11M10 5l5 5-5 5M17 5v10',
  open: 'M3 6v10h14V8h-8L7 6zM10 10v4M8 12h4', save: 'M10 3v9M6 9l4 4 4-4M4 16h12', theme: 'M10 3a7 7 0 1 0 7 7 5 5 0 0 1-7-7z', help: 'M7.5 7.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M10 14.5v.5',
  fit: 'M4 7V4h3M13 4h3v3M16 13v3h-3M7 16H4v-3', home: 'M4 10l6-6 6 6M6 9v7h8V9', camera: 'M3 6h9v8H3zM12 9l5-3v8l-5-3', close: 'M5 5l10 10M15 5L5 15', film: 'M4 4h12v12H4zM4 8h12M4 12h12M8 4v12M12 4v12',
  frame: 'M4 5h12v10H4z', background: 'M3 14l4-5 3 3 3-4 4 6zM3 4h14v12H3z', all: 'M3 7h9v9H3zM6 7V4h11v9h-5', look: 'M4 6h7M15 6h1M4 14h2M10 14h6M13 4v4M8 12v4', track: 'M3 15c4-11 6 4 9-3 1-3 2-5 5-6', info: 'M10 9v5M10 6v.5', share: 'M10 13V3M6 7l4-4 4 4M4 11v6h12v-6', export: 'M11 4h5v5M16 4l-7 7M8 5H4v11h11v-4',
  eye: 'M2 10c3-5 13-5 16 0-3 5-13 5-16 0M10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4', fly: 'M10 3v6M10 9L3 13v2l7-2 7 2v-2zM7 17h6', follow: 'M4 10a6 6 0 1 0 12 0 6 6 0 1 0-12 0M10 1v4M10 15v4M1 10h4M15 10h4', photo: 'M3 6h3l2-2h4l2 2h3v10H3zM10 8.5a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6', ruler: 'M3 13L13 3l4 4L7 17zM6 10l2 2M9 7l2 2M12 4l2 2', lasso: 'M10 4c5 0 8 2 8 4.500s-3 4.500-8 4.500-8-2-8-4.500S5 4 10 4M7 13c-2 1-2 4 0 4', search: 'M8.500 3a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11M13 13l4 4', undo: 'M7 4L3 8l4 4M3 8h9a5 5 0 0 1 0 10H8',
} as const;
export type IconName = keyof typeof ICONS;

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that is only an icon still says what it does. */
export function iconButton(name: IconName, label: string, onclick: () => void, testId?: string): HTMLButtonElement {
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick, 'data-testid': testId }, icon(name));
}

/** One choice of several, as a row of buttons. */
export function segmented<T extends string>(label: string, choices: readonly (readonly [T, string])[], onPick: (value: T) => void, testId: string): { element: HTMLElement; set(value: T): void } {
  const buttons = choices.map(([value, text]) => h('button', {
    type: 'button', role: 'radio', value, 'data-testid': `${testId}-${value}`, onclick: () => onPick(value),
  }, text));
  const element = h('div', { class: 'segmented', role: 'radiogroup', 'aria-label': label }, ...buttons);
  element.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = buttons[(at + step + buttons.length) % buttons.length];
    next.focus();
    next.click();
  });
  return {
    element,
    set: (value) => {
      for (const button of buttons) {
        button.setAttribute('aria-checked', String(button.value === value));
        button.tabIndex = button.value === value ? 0 : -1;
      }
    },
  };
}

/** A labelled slider that shows its value. */
export function slider(label: string, range: { min: number; max: number; step: number }, show: (value: number) => string, onInput: (value: number) => void, testId: string): { element: HTMLElement; set(value: number): void } {
  const output = h('output', {});
  const input = h('input', { type: 'range', ...range, 'data-testid': testId, oninput: () => { output.textContent = show(input.valueAsNumber); onInput(input.valueAsNumber); } });
  return {
    element: h('label', { class: 'slider' }, h('span', {}, label), output, input),
    set: (value) => {
      input.valueAsNumber = value;
      output.textContent = show(value);
    },
  };
}

export function checkbox(label: string, onChange: (on: boolean) => void, testId: string): { element: HTMLElement; set(on: boolean): void } {
  const input = h('input', { type: 'checkbox', 'data-testid': testId, onchange: () => onChange(input.checked) });
  return { element: h('label', { class: 'check' }, input, h('span', {}, label)), set: (on) => { input.checked = on; } };
}
