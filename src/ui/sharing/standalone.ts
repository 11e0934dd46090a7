// Sharing without a server: one HTML file with viewer and scene inside, or a folder for any web host.

import { zipSync } from 'fflate';
import { FoursightError } from '../../scene/errors.ts';
import type { CancelSignal } from '../../scene/job.ts';
import type { Scene } from '../../scene/scene.ts';
import { encodeCompact } from '../../share/compact.ts';
import type { Contents } from '../../share/container.ts';
import { formatLink, type LinkState } from '../../share/fragment.ts';
import { download } from '../files.ts';
import { BROWSER_CODEC } from './picture-codec.ts';

export interface StandaloneChoices {
  readonly title: string;
  readonly contents: Contents;
  /** Where it opens. */
  readonly state: Omit<LinkState, 'version'>;
}

/** The viewer as one script and one style sheet, built beside the app. */
async function viewerParts(): Promise<{ script: string; style: string }> {
  const [script, style] = await Promise.all(['standalone.js', 'standalone.css'].map(async (name) => {
    const answer = await fetch(`${import.meta.env.BASE_URL}standalone/${name}`).catch(() => null);
    if (!answer?.ok) throw new FoursightError('internal', 'The viewer for the file could not be loaded; check the connection and try again.');
    return answer.text();
  }));
  return { script, style };
}

const escapeText = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** `body` holds the scene or says where it is. */
function page(title: string, state: StandaloneChoices['state'], style: string, body: string): string {
  return `<!doctype html>
<html lang="en" data-start="${escapeText(formatLink(state))}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="dark light">
<title>${escapeText(title)}</title>
${style}
</head>
<body>
${body}
</body>
</html>
`;
}

export async function saveHtml(scene: Scene, { title, contents, state }: StandaloneChoices, signal: CancelSignal, onProgress: (share: number) => void): Promise<void> {
  const [bytes, { script, style }] = await Promise.all([encodeCompact(scene, { contents, title }, BROWSER_CODEC, signal, onProgress), viewerParts()]);
  // Nothing from the network: the policy makes sure of it.
  const policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; script-src \'unsafe-inline\'; style-src \'unsafe-inline\'; img-src data: blob:; connect-src \'none\'">';
  const html = page(title, state, `${policy}\n<style>${style}</style>`, `<script type="application/octet-stream" id="scene">${toBase64(bytes)}</script>\n<script>${script.replaceAll('</script', '<\\/script')}</script>`);
  download(new Blob([html], { type: 'text/html' }), `${fileName(title)}.html`);
}

export async function saveFolder(scene: Scene, { title, contents, state }: StandaloneChoices, signal: CancelSignal, onProgress: (share: number) => void): Promise<void> {
  const [bytes, { script, style }] = await Promise.all([encodeCompact(scene, { contents, title }, BROWSER_CODEC, signal, onProgress), viewerParts()]);
  const text = (s: string) => new TextEncoder().encode(s);
  const html = page(title, state, '<link rel="stylesheet" href="viewer.css">', '<script src="viewer.js" data-src="scene.foursight"></script>');
  const readme = 'Put this folder on any web host and open index.html there. Opened from the disk, a browser does not let it read scene.foursight; use "One HTML file" for that.\n';
  const zip = zipSync({ 'index.html': text(html), 'viewer.js': text(script), 'viewer.css': text(style), 'scene.foursight': [bytes, { level: 0 }], 'README.txt': text(readme) });
  download(new Blob([zip], { type: 'application/zip' }), `${fileName(title)}.zip`);
}

export const fileName = (title: string): string => title.replace(/[^\p{L}\p{N} ._-]+/gu, '').trim() || 'scene';

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x6000) text += btoa(String.fromCharCode(...bytes.subarray(at, at + 0x6000)));
  return text;
}
