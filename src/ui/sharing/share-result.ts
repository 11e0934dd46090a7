// What comes of sharing: the link to this moment, the one to the start, the code for a web page, a card of its own.

import type { LinkState } from '../../share/fragment.ts';
import type { App } from '../app.ts';
import { h, put } from '../dom.ts';
import { formatBytes } from '../format.ts';
import { readState } from './link-state.ts';
import { saveLossless } from './lossless.ts';
import { readLinks, type MyLink } from './my-links.ts';
import { embedCode, linkAddress, makeMoment } from './publish.ts';

type Link = Pick<MyLink, 'id' | 'secret' | 'title' | 'lossless'>;
const BUTTONS: readonly (readonly [NonNullable<LinkState['ui']>, string])[] = [['full', 'All buttons'], ['min', 'Few buttons'], ['none', 'No buttons']];
const STARTS: readonly (readonly ['seen' | 'plays' | 'tap', string])[] = [['seen', 'Loads when seen'], ['plays', 'Loads when seen and plays'], ['tap', 'Loads when tapped']];

export function shareResult(app: App, link: Link, again: () => void): HTMLElement[] {
  const address = linkAddress(link, readState(app));
  void copy(address).then((copied) => { if (copied) app.announce('The link is copied.'); });
  return [
    h('p', {}, `"${link.title}" opens at this moment and view for everybody who has the link.`),
    copyRow('Link', address, 'share-link'), copyRow('Link to the start', linkAddress(link), 'share-plain'), ...embedRows(app, link), momentRow(app, link),
    h('div', { class: 'actions start' },
      link.lossless && h('button', { type: 'button', 'data-testid': 'share-lossless-get', onclick: () => void saveLossless(link).catch(app.fail) }, `Download scene.npz, lossless (${formatBytes(link.lossless.bytes)})`),
      'share' in navigator && h('button', { type: 'button', onclick: () => void navigator.share({ title: link.title, url: address }).catch(() => {}) }, 'Send …'),
      h('button', { type: 'button', 'data-testid': 'share-another', onclick: again }, 'Make another link')),
  ].filter((row) => row !== null);
}

/** The code changes with what the embed is to look like and when it is to start. */
function embedRows(app: App, link: Link): HTMLElement[] {
  const { autoplay: _, ...state } = readState(app);
  const select = (label: string, testId: string, choices: readonly (readonly [string, string])[]) =>
    h('select', { 'aria-label': label, 'data-testid': testId, onchange: () => show() }, ...choices.map(([value, text]) => h('option', { value }, text)));
  const [buttons, starts] = [select('Buttons of the embed', 'embed-buttons', BUTTONS), select('Start of the embed', 'embed-starts', STARTS)];
  const row = copyRow('Code for a web page', '', 'share-embed');
  const show = () => {
    const autoplay = { seen: undefined, plays: true, tap: false }[starts.value as 'seen' | 'plays' | 'tap'];
    const ui = buttons.value === 'full' ? undefined : (buttons.value as LinkState['ui']);
    row.querySelector('input')!.value = embedCode(link, { ...state, ui, autoplay, background: state.background ?? app.store.state.look.theme });
  };
  show();
  return [row, h('div', { class: 'embed-options' }, buttons, starts)];
}

/** Chats show the picture of a scene's start; a moment may have its own. */
function momentRow(app: App, link: Pick<MyLink, 'id' | 'secret'>): HTMLElement | null {
  const own = readLinks().find((l) => l.id === link.id);
  if (!own || link.secret) return null;
  const row = h('div', {}, h('button', { type: 'button', 'data-testid': 'share-moment', onclick: async () => {
    const address = await makeMoment(app, own, readState(app)).catch(app.fail);
    if (!address) return;
    row.replaceWith(copyRow('Link with a preview picture of this moment', address, 'share-moment-link'));
    void copy(address);
  } }, 'Link with a preview picture of this moment'));
  return row;
}

function copyRow(label: string, text: string, testId: string): HTMLElement {
  const input = h('input', { type: 'text', readOnly: true, value: text, 'data-testid': testId, onfocus: () => input.select() });
  const button = h('button', { type: 'button', onclick: () => void copy(input.value).then((copied) => put(button, copied ? 'Copied' : 'Select and copy')) }, 'Copy');
  return h('div', { class: 'copy-row' }, h('label', { class: 'field' }, h('span', {}, label), input), button);
}

async function copy(text: string): Promise<boolean> {
  return navigator.clipboard?.writeText(text).then(() => true, () => false) ?? false;
}
