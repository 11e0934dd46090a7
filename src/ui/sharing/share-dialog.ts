// Share: what is sent, in plain words; a link, a file, a folder; and the links made before.

import { isCancelled } from '../../scene/errors.ts';
import type { Scene } from '../../scene/scene.ts';
import type { Contents } from '../../share/container.ts';
import { ShareClient } from '../../share/client.ts';
import { LIMITS } from '../../share/limits.ts';
import { formatLink } from '../../share/fragment.ts';
import { PRESENTATION_LIMITS, presentationOf, withPresentation } from '../../share/presentation.ts';
import { EXPIRY_DAYS, type ExpiryDays } from '../../share/protocol.ts';
import type { App } from '../app.ts';
import { checkbox, h, put } from '../dom.ts';
import { formatBytes } from '../format.ts';
import { createLinkList } from './link-list.ts';
import { readState } from './link-state.ts';
import { shareResult } from './share-result.ts';
import type { MyLink } from './my-links.ts';
import { canMakeClip, estimateBytes, estimateLossless, Publication, type Phase } from './publish.ts';
import { saveFolder, saveHtml } from './standalone.ts';

const CONTENTS: readonly (readonly [Contents, string, string])[] = [
  ['thumbnails', 'Shape and colours', 'Depth, cameras, tracks and the colours of the points, from pictures of half the size. The video itself stays here.'],
  ['geometry', 'Shape only', 'Depth, cameras and tracks. No colours, no pictures: nobody can see what was filmed, only its shape.'],
  ['pictures', 'Everything, pictures too', 'Also the frames as you see them here, so that others can watch the video beside the scene.'],
];
const EXPIRY_WORDS: Readonly<Record<string, string>> = { 30: 'after 30 days', 1: 'after one day', null: 'only when I delete it' };

type Step = 'choose' | 'work' | 'failed' | 'done';

export function createShareDialog(app: App, linkOf: (scene: Scene) => Pick<MyLink, 'id' | 'secret' | 'title' | 'lossless'> | null, keep: (scene: Scene, link: MyLink) => void): { element: HTMLDialogElement; show(): void } {
  let scene: Scene | null = null;
  let publication: Publication | null = null;
  let stop: AbortController | null = null;
  const title = h('input', { type: 'text', class: 'wide-input', maxLength: LIMITS.titleLength, 'data-testid': 'share-title' });
  const text = h('textarea', { rows: 2, maxLength: PRESENTATION_LIMITS.text, 'data-testid': 'share-text' });
  const readable = h('input', { type: 'checkbox', 'data-testid': 'share-readable' });
  const lossless = h('input', { type: 'checkbox', 'data-testid': 'share-lossless', onchange: () => tellSize() });
  const losslessRow = h('label', { class: 'check' }, lossless, h('span', {}, 'Also scene.npz without any loss, to download'));
  const clip = h('input', { type: 'checkbox', 'data-testid': 'share-clip' });
  const clipRow = h('label', { class: 'check', hidden: true }, clip, h('span', {}, 'A moving preview for chats: four seconds of this view'));
  let encodes = false;
  const contents = CONTENTS.map(([value, label, words]) => h('label', { class: 'choice' },
    h('input', { type: 'radio', name: 'share-contents', value, checked: value === 'thumbnails', 'data-testid': `share-${value}`, onchange: () => tellSize() }), h('span', {}, h('b', {}, label), h('small', {}, words))));
  const expiry = h('select', { 'data-testid': 'share-expiry' }, ...EXPIRY_DAYS.map((days) => h('option', { value: String(days) }, EXPIRY_WORDS[String(days)])));
  const secret = checkbox('Private: encrypt it here; only the whole link opens it, this server cannot', () => tellSize(), 'share-encrypted');
  const size = h('p', { class: 'note', 'data-testid': 'share-size' });
  const bar = h('progress', { max: 1, value: 0 });
  const status = h('p', { role: 'status', 'data-testid': 'share-status' });
  const result = h('div', { class: 'stack' });
  const links = createLinkList(app);
  const chosen = (): Contents => (contents.map((c) => c.querySelector('input')!).find((i) => i.checked)?.value ?? 'thumbnails') as Contents;

  const create = h('button', { type: 'button', class: 'primary', 'data-testid': 'share-create', onclick: () => { publication = null; void run(); } }, 'Create link');
  const again = h('button', { type: 'button', class: 'primary', 'data-testid': 'share-again', onclick: () => void run() }, 'Go on');
  const cancel = h('button', { type: 'button', 'data-testid': 'share-cancel', onclick: () => stop?.abort() }, 'Cancel');
  const close = h('button', { type: 'button', onclick: () => dialog.close() }, 'Close');
  const choose = h('div', { class: 'stack' },
    h('p', {}, 'Nothing leaves this device before you press "Create link". Then everybody who has the link can open the scene.'),
    h('label', { class: 'field' }, h('span', {}, 'Title'), title), h('label', { class: 'field' }, h('span', {}, 'A few words about it (optional)'), text),
    h('fieldset', {}, h('legend', {}, 'What is sent'), ...contents),
    h('label', { class: 'field' }, h('span', {}, 'The link ends'), expiry), secret.element,
    h('label', { class: 'check' }, readable, h('span', {}, 'Web pages that embed it may take pictures of it and read its tracks')), clipRow, losslessRow, size,
    h('details', {}, h('summary', {}, 'Without a server: a file or a folder'),
      h('div', { class: 'actions start' },
        h('button', { type: 'button', 'data-testid': 'share-html', onclick: () => void save(saveHtml) }, 'One HTML file'), h('button', { type: 'button', 'data-testid': 'share-folder', onclick: () => void save(saveFolder) }, 'Folder for any web host (zip)'),
        h('button', { type: 'button', 'data-testid': 'share-export', onclick: () => { dialog.close(); app.showExport(); } }, 'Formats of other programs')),
      h('p', { class: 'note' }, 'File and folder hold the viewer and the scene. The file opens by double click, without a network.')));
  const dialog = h('dialog', { class: 'sheet', 'aria-labelledby': 'share-heading', 'data-testid': 'share', oncancel: (event: Event) => { if (stop) event.preventDefault(); } },
    h('header', {}, h('h2', { id: 'share-heading' }, 'Share')), choose, bar, status, result, links.element, h('footer', {}, cancel, close, again, create));

  function showStep(step: Step): void {
    choose.hidden = step !== 'choose';
    bar.hidden = step !== 'work';
    status.hidden = step === 'choose' || step === 'done';
    result.hidden = step !== 'done';
    links.element.hidden = step === 'work';
    create.hidden = step !== 'choose';
    again.hidden = step !== 'failed';
    cancel.hidden = step !== 'work';
    close.hidden = step === 'work';
  }

  /** Not every host lets a link live for ever. */
  function showOffer(days: readonly ExpiryDays[]): void {
    const before = expiry.value;
    put(expiry, ...days.map((d) => h('option', { value: String(d) }, EXPIRY_WORDS[String(d)])));
    if (days.some((d) => String(d) === before)) expiry.value = before;
  }

  function tellSize(): void {
    clipRow.hidden = !encodes || chosen() === 'geometry' || secret.element.querySelector('input')!.checked;
    losslessRow.hidden = chosen() !== 'pictures';
    const more = scene && lossless.checked && !losslessRow.hidden ? estimateLossless(scene) : 0;
    if (scene) size.textContent = `About ${formatBytes(estimateBytes(scene, chosen()) + more)} will be sent: ${scene.frameCount} frames, ${scene.tracks.count} tracks${chosen() === 'pictures' ? ', pictures included' : ''}. The file's name is not.`;
  }

  async function work<T>(task: (signal: AbortSignal, report: (phase: Phase, share: number, bytes: number) => void) => Promise<T>): Promise<T | null> {
    stop = new AbortController();
    showStep('work');
    try {
      return await task(stop.signal, (phase, share, bytes) => {
        bar.value = phase === 'encode' ? 0.5 * share : 0.5 + 0.5 * share;
        status.textContent = phase === 'encode' ? `Packing the scene … ${Math.round(100 * share)} %` : `Sending ${formatBytes(bytes)} … ${Math.round(100 * share)} %`;
      });
    } catch (error) {
      if (isCancelled(error)) {
        void publication?.abandon();
        publication = null;
        showStep('choose');
        app.announce('Sharing was cancelled; what had been sent is deleted.');
      } else {
        status.textContent = error instanceof Error ? error.message : String(error);
        showStep('failed');
      }
      return null;
    } finally {
      stop = null;
    }
  }

  /** The scene with what its author says of it: it opens at the view of now and plays from its first frame. */
  function presented(open: Scene): Scene {
    const { timeSecs: _, autoplay: __, ...start } = readState(app);
    return withPresentation(open, { text: text.value, start: formatLink(start), hostMayRead: readable.checked });
  }

  async function run(): Promise<void> {
    if (!scene) return;
    const open = scene;
    const [days] = EXPIRY_DAYS.filter((d) => String(d) === expiry.value) as [ExpiryDays];
    publication ??= new Publication(app, presented(open), { title: title.value, contents: chosen(), expiryDays: days, encrypted: secret.element.querySelector('input')!.checked, lossless: lossless.checked, clip: clip.checked && !clipRow.hidden });
    const link = await work((signal, report) => publication!.run(signal, report));
    if (!link) return;
    publication = null;
    keep(open, link);
    showLink(link);
    links.refresh();
  }

  async function save(as: typeof saveHtml): Promise<void> {
    if (!scene) return;
    const open = scene;
    const done = await work((signal, report) => as(presented(open), { title: title.value, contents: chosen(), state: readState(app) }, signal, (share) => report('encode', share, 0)).then(() => true));
    if (done) showStep('choose');
  }

  function showLink(link: Pick<MyLink, 'id' | 'secret' | 'title' | 'lossless'>): void {
    put(result, ...shareResult(app, link, () => showStep('choose')));
    showStep('done');
  }

  return {
    element: dialog,
    show() {
      scene = app.store.state.open?.scene ?? null;
      links.refresh();
      void new ShareClient().offer().then(({ expiryDays }) => showOffer(expiryDays), () => showOffer(EXPIRY_DAYS));
      void canMakeClip().then((can) => {
        encodes = can;
        tellSize();
      });
      const link = scene && linkOf(scene);
      showStep('choose');
      choose.hidden = create.hidden = scene === null;
      if (scene && !publication) {
        title.value = scene.meta.title;
        text.value = presentationOf(scene).text;
        readable.checked = presentationOf(scene).hostMayRead;
      }
      tellSize();
      if (link) showLink(link);
      dialog.showModal();
    },
  };
}
