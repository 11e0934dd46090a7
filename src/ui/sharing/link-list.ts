// My links: open, copy, rename, delete.

import { ShareClient } from '../../share/client.ts';
import type { App } from '../app.ts';
import { h, put } from '../dom.ts';
import { forgetLink, keepLink, readLinks, type MyLink } from './my-links.ts';
import { linkAddress } from './publish.ts';

export function createLinkList({ fail, announce }: App): { element: HTMLElement; refresh(): void } {
  const list = h('ul', { class: 'my-links' });
  const element = h('details', { 'data-testid': 'my-links' }, h('summary', {}, 'My links'), list,
    h('p', { class: 'note' }, 'The keys to change or delete these links are kept in this browser only.'));
  const client = new ShareClient();

  function row(link: MyLink): HTMLLIElement {
    const name = h('a', { href: linkAddress(link), target: '_blank', rel: 'noopener' }, link.title);
    const ends = link.expiresMs === null ? 'until you delete it' : `until ${new Date(link.expiresMs).toLocaleDateString()}`;
    const rename = h('button', { type: 'button', 'data-testid': 'link-rename', onclick: () => edit() }, 'Rename');
    // Deleting cannot be undone, so it takes two presses.
    let sure = false;
    const remove = h('button', { type: 'button', 'data-testid': 'link-delete', onclick: async () => {
      if (!sure) {
        sure = true;
        remove.textContent = 'Delete for everybody';
        return;
      }
      remove.disabled = true;
      await client.remove(link.id, link.key).then(() => {
        forgetLink(link.id);
        announce('The link is deleted.');
      }, fail);
      refresh();
    } }, 'Delete');
    const item = h('li', {}, h('span', {}, name, h('small', {}, `${link.secret ? 'private, ' : ''}${ends}`)), link.secret ? null : rename, remove);

    function edit(): void {
      const input = h('input', { type: 'text', value: link.title, 'aria-label': 'New title', 'data-testid': 'link-title' });
      const save = async () => {
        await client.rename(link.id, link.key, input.value).then((info) => keepLink({ ...link, title: info.title }), fail);
        refresh();
      };
      put(item, input, h('button', { type: 'button', onclick: () => void save() }, 'Save'), h('button', { type: 'button', onclick: refresh }, 'Cancel'));
      input.onkeydown = (event) => { if (event.key === 'Enter') void save(); };
      input.focus();
    }
    return item;
  }

  function refresh(): void {
    const now = Date.now();
    const links = readLinks().filter((link) => link.expiresMs === null || link.expiresMs > now);
    element.classList.toggle('empty-list', links.length === 0);
    put(list, ...(links.length > 0 ? links.map(row) : [h('li', { class: 'note' }, 'Nothing has been shared from this browser yet.')]));
  }
  return { element, refresh };
}
