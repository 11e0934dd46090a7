// Pictures of the app for its documents: node src/setup/run.mjs e2e/pictures.ts [SCENE.npz [NAME]]
// Draws e2e/pictures/*.webp anew from the sample's finished scene, or from another one; with a NAME, that one picture.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright';
import { ensureBrowser, launchArgs } from '../src/setup/browser.mjs';
import { DIST, ensureBuilt } from '../src/setup/build.mjs';
import { createApp } from '../src/server/app.ts';
import { readConfig } from '../src/server/config.ts';
import { openDisk } from '../src/server/disk.ts';
import { ROOT, SAMPLE } from './support.ts';

const SCENE = process.argv[2] ?? `${ROOT}public/samples/room-truth.npz`;
const ONLY = process.argv[3];
const FOLDER = `${ROOT}e2e/pictures/`;
const MAX_BYTES = 150_000;
/** Share of the clip at which the scene is shown. */
const MOMENT = 0.42;
const SETTINGS = JSON.stringify({ look: { detail: 'fine' } });

ensureBuilt();
mkdirSync(FOLDER, { recursive: true });
// With the share service, so that there are links to show.
const data = mkdtempSync(join(tmpdir(), 'foursight-pictures-'));
const server = await createApp({ ...readConfig(['--log', 'silent'], {}, ROOT), app: DIST }, await openDisk(data));
const url = `http://localhost:${new URL(await server.listen({ port: 0 })).port}`;
const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: launchArgs() });
try {
  const desktop = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 2 };
  await take('empty', desktop, false, async () => {});
  await take('running', desktop, false, async (page) => {
    await page.getByTestId('file-input').setInputFiles(SAMPLE);
    await page.getByTestId('plan-start').click();
    // Far enough for finished, running and waiting stages to be there.
    await page.locator('[data-testid=stage-tracks].active').waitFor({ timeout: 600_000 });
  });
  await take('result', desktop, true, async (page) => seekTo(page, MOMENT));
  await take('inspector', desktop, true, async (page) => {
    await seekTo(page, MOMENT);
    await page.keyboard.press('k');
    // The track that is seen for longest.
    const at = await page.evaluate<number>(`(() => {
      const { tracks: { visible }, frameCount: T } = window.foursight.getScene();
      const seen = window.foursight.shownTracks().map((id) => visible.subarray(id * T, (id + 1) * T).reduce((a, b) => a + b, 0));
      return seen.indexOf(Math.max(...seen));
    })()`);
    for (let k = 0; k <= at; k++) await page.keyboard.press('PageDown');
  });
  await take('measure', { ...desktop, colorScheme: 'light' }, true, async (page) => {
    await seekTo(page, MOMENT);
    await page.keyboard.press('m');
    for (const [x, y] of [[290, 300], [540, 300]]) await page.mouse.click(x, y);
    await page.keyboard.press('Escape');
  });
  await take('share', desktop, true, async (page) => {
    await seekTo(page, MOMENT);
    await page.keyboard.press('Shift+S');
    await page.getByTestId('share-create').click();
    await page.getByTestId('share-link').waitFor();
  });
  await take('phone', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }, true, (page) => seekTo(page, MOMENT));
} finally {
  await browser.close();
  await server.close();
  rmSync(data, { recursive: true });
}

function seekTo(page: Page, share: number): Promise<void> {
  return page.evaluate(`window.foursight.seek(Math.round(${share} * window.foursight.getState().frameCount))`);
}

async function take(name: string, options: BrowserContextOptions, withScene: boolean, arrange: (page: Page) => Promise<unknown>): Promise<void> {
  if (ONLY !== undefined && ONLY !== name) return;
  const context = await (browser as Browser).newContext({ baseURL: url, bypassCSP: true, reducedMotion: 'reduce', colorScheme: 'dark', ...options });
  const page = await context.newPage();
  await page.addInitScript(`localStorage.setItem('foursight.settings', ${JSON.stringify(SETTINGS)})`);
  await page.goto('/');
  if (withScene) {
    await page.getByTestId('file-input').setInputFiles(SCENE);
    await page.waitForFunction('window.foursight.getState().ready', undefined, { timeout: 120_000 });
  }
  await arrange(page);
  await page.waitForTimeout(2500);
  const bytes = await toWebp(page, await page.screenshot());
  if (bytes.length > MAX_BYTES) throw new Error(`${name}.webp has ${bytes.length} bytes; documents want at most ${MAX_BYTES}.`);
  writeFileSync(`${FOLDER}${name}.webp`, bytes);
  console.log(`${name}.webp ${Math.round(bytes.length / 1000)} kB`);
  await context.close();
}

/** At half the size, so that edges are smooth. */
async function toWebp(page: Page, png: Buffer): Promise<Buffer> {
  const base64 = await page.evaluate<string>(`(async () => {
    const picture = await createImageBitmap(await (await fetch('data:image/png;base64,${png.toString('base64')}')).blob());
    const canvas = new OffscreenCanvas(picture.width / 2, picture.height / 2);
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/webp', quality: 0.8 })).arrayBuffer());
    return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''));
  })()`);
  return Buffer.from(base64, 'base64');
}
