// A scene becomes a link, opens on somebody's phone at the same moment and view, and goes away again.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, type Browser, type Page } from '@playwright/test';
import { unzipSync } from 'fflate';
import { validateBytes } from 'gltf-validator';
import { serve } from '../../src/setup/serve.mjs';
import type { Automation } from '../../src/ui/automation.ts';
import { ROOT } from '../support.ts';

const TRUTH = `${ROOT}public/samples/room-truth.npz`;

test.use({ contextOptions: { reducedMotion: 'reduce' }, permissions: ['clipboard-read', 'clipboard-write'] });

async function openScene(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByTestId('file-input').setInputFiles(TRUTH);
  await expect.poll(() => page.evaluate(() => window.foursight.getState().ready)).toBe(true);
}

/** Presses Share to the end; gives the link to this moment. */
async function share(page: Page, contents = 'thumbnails', prepare: () => Promise<void> = async () => {}): Promise<string> {
  await page.keyboard.press('Shift+S');
  await page.getByTestId(`share-${contents}`).check();
  await prepare();
  await page.getByTestId('share-create').click();
  await expect(page.getByTestId('share-link')).toBeVisible({ timeout: 60_000 });
  return page.getByTestId('share-link').inputValue();
}

async function onPhone<T>(browser: Browser, work: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion: 'reduce' });
  try {
    return await work(await context.newPage());
  } finally {
    await context.close();
  }
}

const look = (page: Page) => page.evaluate(() => ({ frame: window.foursight.getState().frame, view: window.foursight.getLinkView() as Extract<ReturnType<Automation['getLinkView']>, { kind: 'orbit' }> }));

test('share, open on a phone at the same moment and view, delete, gone', async ({ page, browser, request }) => {
  await openScene(page);
  await page.evaluate(() => window.foursight.seek(13));
  for (const key of ['j', 'j', 'i', 'z']) await page.keyboard.press(key);
  await page.getByTestId('tab-look').click();
  await page.keyboard.press('g');
  const here = await look(page);
  // Nothing leaves before the button is pressed.
  const sent: string[] = [];
  page.on('request', (r) => { if (r.method() !== 'GET') sent.push(r.url()); });
  await page.keyboard.press('Shift+S');
  await expect(page.getByTestId('share-size')).toContainText('will be sent');
  await page.keyboard.press('Escape');
  expect(sent).toEqual([]);
  const link = await share(page, 'thumbnails', () => page.getByTestId('share-title').fill('Room & "friends"'));
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);

  await page.getByTestId('share-moment').click();
  const moment = await page.getByTestId('share-moment-link').inputValue();
  expect(await (await request.get(moment)).text()).toMatch(/foursight:start" content="#t=1\.083&#38;c=o/);

  await onPhone(browser, async (phone) => {
    await phone.goto(link);
    await expect(phone.getByTestId('title')).toHaveText('Room & "friends"', { timeout: 30_000 });
    await expect.poll(() => phone.evaluate(() => window.foursight.getState().ready && window.foursight.getState().phase === 'idle'), { timeout: 30_000 }).toBe(true);
    const there = await look(phone);
    expect(there.frame).toBe(here.frame);
    expect(Math.abs(there.view.azimuth - here.view.azimuth)).toBeLessThan(0.5);
    expect(Math.abs(there.view.elevation - here.view.elevation)).toBeLessThan(0.5);
    expect(there.view.distance / here.view.distance).toBeCloseTo(1, 2);
    there.view.target.forEach((v, i) => expect(v).toBeCloseTo(here.view.target[i], 2));
    const [depth, points] = await phone.evaluate(() => [window.foursight.getScene()!.depth[5000], window.foursight.getState().points]);
    expect(depth).toBeGreaterThan(0);
    expect(points).toBeGreaterThan(1000);
    await phone.screenshot({ path: test.info().outputPath('phone.png') });
    await phone.goto(moment);
    await expect.poll(() => phone.evaluate(() => window.foursight.getState()), { timeout: 30_000 }).toMatchObject({ frame: 13, phase: 'idle', ready: true });
  });

  // What chats and crawlers read.
  const html = await (await request.get(link.replace(/#.*/, ''))).text();
  expect(html).toContain('<meta property="og:title" content="Room &#38; &#34;friends&#34;">');
  const image = await request.get(/og:image" content="([^"]*)"/.exec(html)![1]);
  expect(image.headers()['content-type']).toBe('image/jpeg');
  writeFileSync(test.info().outputPath('card.jpg'), await image.body());
  expect((await image.body()).length).toBeLessThan(500_000);

  await page.screenshot({ path: test.info().outputPath('dialog.png') });
  await page.getByTestId('my-links').locator('summary').click();
  await page.getByTestId('link-rename').first().click();
  await page.getByTestId('link-title').fill('Another name');
  await page.getByTestId('link-title').press('Enter');
  await expect(page.getByTestId('my-links')).toContainText('Another name');
  await page.getByTestId('link-delete').first().click();
  await page.getByTestId('link-delete').first().click();
  await expect(page.getByTestId('my-links')).toContainText('Nothing has been shared');
  expect((await request.get(link)).status()).toBe(410);
  await onPhone(browser, async (phone) => {
    await phone.goto(link);
    await expect(phone.getByTestId('arrival')).toContainText('no longer here');
    await phone.screenshot({ path: test.info().outputPath('gone.png') });
  });
});

test('a private link opens with its whole address only, and embeds as its host commands', async ({ page, browser }) => {
  await openScene(page);
  const link = await share(page, 'geometry', () => page.getByTestId('share-encrypted').check());
  expect(link).toMatch(/#x=[\w-]{22}&/);
  await onPhone(browser, async (phone) => {
    await phone.goto(link.replace(/x=[\w-]+&/, ''));
    await expect(phone.getByTestId('arrival')).toContainText('private');
  });
  // A page on another origin, with the element and the script from the server.
  const server = new URL(link).origin;
  const host = await new Promise<{ url: string; close(): void }>((resolve) => {
    const listening = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(`<!doctype html><body style="height:3000px"><script type="module" src="${server}/view.js"></script>
      <foursight-view src="${link.replaceAll('&', '&amp;')}" controls="min"></foursight-view>
      <script>window.heard = []; for (const type of ['ready', 'loaded', 'time', 'view', 'error']) document.querySelector('foursight-view').addEventListener(type, ({ detail }) => heard.push(detail));</script>`));
    listening.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${(listening.address() as { port: number }).port}/`, close: () => { listening.close(); listening.closeAllConnections(); } }));
  });
  await page.goto(host.url);
  const heard = (type: string) => page.evaluate((t) => (window as unknown as { heard: { type: string }[] }).heard.filter((m) => m.type === t), type);
  await expect.poll(() => heard('loaded'), { timeout: 30_000 }).toMatchObject([{ frames: 24, fps: 12, units: 'u', title: expect.any(String) }]);
  const ask = (type: string, fields: object = {}) => page.evaluate(([t, f]) => (document.querySelector('foursight-view') as unknown as { request(type: string, fields: object): Promise<unknown> }).request(t as string, f as object).catch((e: { code: string }) => e.code), [type, fields] as const);
  await ask('seek', { f: 7 });
  await ask('view', { hash: '#c=o,0,0,-3,40,20,4,50&v=1' });
  const state = await ask('get', { what: 'state' }) as { f: number; hash: string };
  expect(state).toMatchObject({ f: 7, hash: expect.stringMatching(/c=o,0,0,-3,40,20,4,50/) });
  expect(state.hash).not.toContain('x=');
  expect([await ask('still'), await ask('get', { what: 'track', track: 1 }), await ask('seek', { f: 99 }), await ask('dance')]).toEqual(['not-allowed', 'not-allowed', 'bad-request', 'unknown-type']);
  // The wheel scrolls the host page, not the scene.
  const box = (await page.locator('foursight-view').boundingBox())!;
  await page.mouse.move(box.x + 50, box.y + 50);
  await page.mouse.wheel(0, 300);
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(100);
  host.close();
});

test('without a server: one file that opens from the disk, a folder for any host, a scene from anywhere', async ({ page, context }) => {
  await openScene(page);
  await page.keyboard.press('Shift+S');
  await page.getByTestId('share-pictures').check();
  await page.locator('summary', { hasText: 'Without a server' }).click();
  const save = async (testId: string) => (await Promise.all([page.waitForEvent('download', { timeout: 60_000 }), page.getByTestId(testId).click()]))[0].path();
  const folder = mkdtempSync(join(tmpdir(), 'foursight-share-'));
  const html = join(folder, 'scene.html');
  writeFileSync(html, readFileSync(await save('share-html')));
  const file = await context.newPage();
  const asked: string[] = [];
  file.on('request', (r) => { if (!/^(file|data|blob):/.test(r.url())) asked.push(r.url()); });
  await file.goto(pathToFileURL(html).href);
  await expect(file.getByTestId('embed-bar')).toBeVisible({ timeout: 30_000 });
  await file.screenshot({ path: test.info().outputPath('file.png') });
  expect(asked).toEqual([]);
  await file.close();

  const members = unzipSync(readFileSync(await save('share-folder')));
  expect(Object.keys(members).sort()).toEqual(['README.txt', 'index.html', 'scene.foursight', 'viewer.css', 'viewer.js']);
  for (const [name, bytes] of Object.entries(members)) writeFileSync(join(folder, name), bytes);
  const other = await serve({ folder, host: '127.0.0.1' });
  const hosted = await context.newPage();
  await hosted.goto(other.url);
  await expect(hosted.getByTestId('embed-bar')).toBeVisible({ timeout: 30_000 });
  await hosted.close();
  await other.close();

  // The app opens the same file from an address, and by drop.
  await page.goto('/#src=./samples/room-truth.npz&f=5');
  await page.reload();
  await expect.poll(() => page.evaluate(() => window.foursight.getState()), { timeout: 30_000 }).toMatchObject({ frame: 5, phase: 'idle', ready: true });
  await page.getByTestId('file-input').setInputFiles({ name: 'x.foursight', mimeType: '', buffer: Buffer.from(members['scene.foursight']) });
  await expect.poll(() => page.evaluate(() => window.foursight.getState().frame)).toBe(0);
  expect(await page.evaluate(() => window.foursight.getState().frameCount)).toBe(24);
});

test('exports say their size first and open elsewhere', async ({ page }) => {
  await openScene(page);
  await page.keyboard.press('Shift+E');
  await expect(page.getByTestId('export-size')).toContainText(/About .* MB/);
  const save = async () => (await Promise.all([page.waitForEvent('download', { timeout: 60_000 }), page.getByTestId('export-save').click()]))[0];
  const glb = await save();
  expect(glb.suggestedFilename()).toMatch(/\.glb$/);
  expect((await validateBytes(readFileSync(await glb.path()))).issues.messages.filter((m) => m.severity <= 1)).toEqual([]);
  await page.screenshot({ path: test.info().outputPath('export.png') });
  await page.getByTestId('export-format').selectOption('csv');
  const members = unzipSync(readFileSync(await (await save()).path()));
  expect(Object.keys(members).sort()).toEqual(['README.txt', 'cameras.csv', 'export.json', 'tracks.csv']);
});
