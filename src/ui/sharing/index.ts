// Sharing as the page sees it: two buttons, two dialogs, and scenes that come by a link.

import '../styles/sharing.css';
import type { Scene } from '../../scene/scene.ts';
import { isColourless } from '../../share/compact.ts';
import { formatLink, LINK_VERSION, parseLink, type LinkState } from '../../share/fragment.ts';
import { applyView, readView } from '../../viewer/view-state.ts';
import type { App } from '../app.ts';
import { h, iconButton, put } from '../dom.ts';
import { applyState, readState, withUnit } from './link-state.ts';
import { addNotes } from './add-notes.ts';
import type { MyLink } from './my-links.ts';
import { explainFailure, fetchFrom, fetchShared, readAddress, type Arrival } from './open-link.ts';
import { createShareDialog } from './share-dialog.ts';
import { presentationOf } from '../../share/presentation.ts';
import { paths } from '../../share/protocol.ts';

/** Safari allows a hundred rewrites of the address in 30 s. */
const ADDRESS_REST_MS = 1000;
type Hosted = Pick<MyLink, 'id' | 'secret' | 'title' | 'lossless'>;

export interface Sharing {
  showShare(): void;
  showExport(): void;
  addNote(): void;
}

/** Links of open scenes. A scene that has been changed since is another one: its link would not show the change. */
class HostedScenes {
  private readonly links = new WeakMap<Float32Array, { readonly link: Hosted; readonly as: string }>();

  keep(scene: Scene, link: Hosted): void {
    this.links.set(scene.depth, { link, as: this.stateOf(scene) });
  }

  linkOf(scene: Scene): Hosted | null {
    const kept = this.links.get(scene.depth);
    return kept?.as === this.stateOf(scene) ? kept.link : null;
  }

  private stateOf(scene: Scene): string {
    return JSON.stringify([scene.metresPerUnit, scene.tracks.count, presentationOf(scene).notes]);
  }
}

export function addSharing(app: App): Sharing {
  const hosted = new HostedScenes();
  const share = createShareDialog(app, (scene) => hosted.linkOf(scene), (scene, link) => hosted.keep(scene, link));
  const notes = addNotes(app);
  // Loaded when asked for: the formats bring libraries that nobody else needs.
  let exporting: Promise<{ show(): void }> | null = null;
  const showExport = async () => {
    exporting ??= import('./export-dialog.ts').then(({ createExportDialog }) => {
      const dialog = createExportDialog(app);
      document.body.append(dialog.element);
      return dialog;
    });
    (await exporting).show();
  };
  const buttons = [iconButton('export', 'Export for other programs (Shift+E)', () => void showExport(), 'show-export'), iconButton('share', 'Share (Shift+S)', share.show, 'show-share')];
  document.querySelector('.topbar [data-testid=save]')!.after(...buttons);
  document.body.append(share.element);
  app.store.watch((s) => s.open !== null, (on) => { buttons[0].hidden = !on; });
  const address = readAddress();
  if (address) void arrive(app, address.id, address.state, (scene, link) => hosted.keep(scene, link));
  return { showShare: share.show, showExport: () => void showExport(), addNote: notes.add };
}

/** Opens what the address leads to; a link that leads nowhere gets a kind page. */
async function arrive(app: App, id: string | null, state: LinkState, keep: (scene: Scene, link: Hosted) => void): Promise<void> {
  const { store } = app;
  const poster = id === null ? null : h('img', { class: 'arrival-poster', alt: '', src: paths.picture(id), onerror: (event: Event) => (event.target as HTMLElement).remove() });
  document.body.classList.add('arriving');
  if (poster) document.querySelector('main')!.append(poster);
  store.set({ phase: 'opening', opening: 'Loading the scene …' });
  let shown = false;
  const show = (scene: Scene) => {
    const view = shown ? readView(app.viewer) : null;
    app.openScene({ scene, flow: null, report: null }, true);
    if (view) applyView(app.viewer, view);
    else if (state.view && state.view.kind !== 'track') applyView(app.viewer, state.view);
    shown = true;
    poster?.remove();
  };
  const arrival: Arrival = {
    frames(scene, ready) {
      if (!shown) {
        show(scene);
        // There is only the first moment so far.
        app.clock.pause();
      }
      store.set({ framesReady: ready });
    },
    progress: (done) => store.set({ opening: `Loading the scene … ${Math.round(100 * done)} %` }),
  };
  try {
    const found = id ? await fetchShared(id, state.key, arrival) : state.src ? { scene: await fetchFrom(state.src, arrival), info: null } : await fetchShared('', undefined, arrival);
    // What the author wanted, unless the address says otherwise.
    const wanted = { ...parseLink(presentationOf(found.scene).start), ...state };
    const scene = withUnit(found.scene, wanted);
    show(scene);
    if (found.info && id) keep(scene, { id, title: found.scene.meta.title, secret: state.key ?? null, lossless: found.info.lossless });
    // Without colours, depth tells the shapes apart.
    const grey = isColourless(scene) && (wanted.colour ?? 'picture') === 'picture';
    applyState(app, grey ? { ...wanted, colour: 'depth' } : wanted);
    if (state.version > LINK_VERSION) app.say({ message: 'This link was made with a newer version; what this one knows of it is shown.', action: null });
    followAddress(app, state);
    followFragment(app, id, state);
  } catch (error) {
    showFailure(error, () => void arrive(app, id, state, keep));
  } finally {
    poster?.remove();
    document.body.classList.remove('arriving');
    store.set({ phase: 'idle', framesReady: null });
  }
}

function showFailure(error: unknown, retry: () => void): void {
  const { title, text, again } = explainFailure(error);
  const dialog = h('dialog', { class: 'sheet', 'aria-labelledby': 'arrival-title', 'data-testid': 'arrival', onclose: () => dialog.remove() });
  put(dialog, h('header', {}, h('h2', { id: 'arrival-title' }, title)), h('p', {}, text), h('footer', {},
    again ? h('button', { type: 'button', class: 'primary', onclick: () => { dialog.close(); retry(); } }, 'Try again') : null,
    h('a', { class: 'button', href: import.meta.env.BASE_URL }, 'Make a scene of your own')));
  document.body.append(dialog);
  dialog.showModal();
}

/** Another fragment of the same address shows another moment; another scene is loaded. */
function followFragment(app: App, id: string | null, { src, key }: LinkState): void {
  const opened = app.store.state.open?.scene.depth;
  addEventListener('hashchange', () => {
    const next = readAddress();
    if (next?.id !== id || next.state.src !== src || next.state.key !== key) return location.reload();
    const scene = app.store.state.open?.scene;
    if (scene?.depth === opened && scene) applyState(app, { ...parseLink(presentationOf(scene).start), ...next.state });
  });
}

/** Keeps the address at the moment and view on show, once things rest; the scene's own part of it stays. */
function followAddress(app: App, { key, src }: LinkState): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const opened = app.store.state.open?.scene.depth;
  const write = () => {
    // Another scene has been opened meanwhile: the address is not its own.
    if (app.clock.playing || app.store.state.open?.scene.depth !== opened) return;
    try {
      history.replaceState(null, '', formatLink({ ...readState(app), key, src }));
    } catch { /* too often for this browser; the next rest writes it */ }
  };
  const rest = () => {
    clearTimeout(timer);
    timer = setTimeout(write, ADDRESS_REST_MS);
  };
  app.clock.subscribe(rest);
  app.store.watch((s) => s.look, rest);
  for (const part of ['selected', 'navigation', 'bare', 'open'] as const) app.store.watch((s) => s[part], rest);
  app.viewer.stage.controls.addEventListener('rest', rest);
  app.viewer.stage.controls.addEventListener('controlend', rest);
}
