// The viewer alone: /e/ID in other people's pages, the exported folder, the one-file HTML.

import './embed.css';
import type { Scene } from '../../scene/scene.ts';
import { parseLink, type LinkState } from '../../share/fragment.ts';
import { paths } from '../../share/protocol.ts';
import { fetchFrom, fetchShared, readSceneBytes, sceneIdOf, type Arrival } from '../sharing/open-link.ts';
import { connectHost } from './host.ts';
import { Player } from './player.ts';

// Asked while the script runs: later it is gone.
const ownAddress = document.currentScript?.dataset.src ?? null;
const inline = document.getElementById('scene')?.textContent ?? null;
const id = sceneIdOf(location.pathname);
const framed = window.parent !== window;

/** Where an author wanted it to start, unless the address says otherwise. */
const readStart = (): LinkState => ({ ...parseLink(document.documentElement.dataset.start ?? ''), ...parseLink(location.hash) });

function load(arrival: Arrival): Promise<Scene> | null {
  const start = readStart();
  if (inline) return readSceneBytes(Uint8Array.from(atob(inline), (c) => c.charCodeAt(0)), arrival.frames);
  if (ownAddress) return fetchFrom(ownAddress, arrival);
  if (id) return fetchShared(id, start.key, arrival).then(({ scene }) => scene);
  return start.src ? fetchFrom(start.src, arrival) : null;
}

const player = new Player(document.body, {
  framed, start: readStart(), load, poster: id ? paths.picture(id) : null, page: id ? paths.page(id) : null,
});
// Options ride in the fragment, so that changing them loads nothing again.
addEventListener('hashchange', () => player.setOptions(readStart()));
if (framed) connectHost(player);
