// Scenes that leave without a server: one file, a folder, files of other programs.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { validateBytes } from 'gltf-validator';
import { serve } from '../../src/setup/serve.mjs';
import { readSceneNpz } from '../../src/scene/npz.ts';
import { readClipHead } from '../../src/share/clip.ts';
import { readHalfTruth } from '../support.ts';
import { openTruth } from '../viewer/scene.ts';
import { arrived, share } from './share.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('without a server: one file that opens from the disk, a folder for any host, a scene from anywhere', async ({ page, context }) => {
  await openTruth(page);
  await page.keyboard.press('Shift+S');
  await page.getByTestId('share-pictures').check();
  await page.locator('summary', { hasText: 'Without a server' }).click();
  const save = async (testId: string) => (await Promise.all([page.waitForEvent('download', { timeout: 60_000 }), page.getByTestId(testId).click()]))[0].path();
  const folder = test.info().outputPath('saved');
  mkdirSync(folder);
  const html = join(folder, 'scene.html');
  writeFileSync(html, readFileSync(await save('share-html')));
  expect(readFileSync(html).length).toBeLessThan(30e6);
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
  await openTruth(page);
  await page.keyboard.press('Shift+E');
  await expect(page.getByTestId('export-size')).toContainText(/About .* kB/);
  const save = async () => (await Promise.all([page.waitForEvent('download', { timeout: 60_000 }), page.getByTestId('export-save').click()]))[0];
  const glb = await save();
  expect(glb.suggestedFilename()).toMatch(/\.glb$/);
  expect((await validateBytes(readFileSync(await glb.path()))).issues.messages.filter((m) => m.severity <= 1)).toEqual([]);
  await page.screenshot({ path: test.info().outputPath('export.png') });
  await page.getByTestId('export-format').selectOption('csv');
  const members = unzipSync(readFileSync(await (await save()).path()));
  expect(Object.keys(members).sort()).toEqual(['README.txt', 'cameras.csv', 'export.json', 'tracks.csv']);
});

test('a link may hold the lossless scene.npz and a moving preview', async ({ page, context, request }) => {
  await openTruth(page);
  let encodes = false;
  const link = await share(page, 'pictures', async () => {
    // Not every browser can encode H.264; where it cannot, nothing is promised.
    encodes = await page.getByTestId('share-clip').waitFor({ timeout: 5000 }).then(() => true, () => false);
    await page.getByTestId('share-lossless').check();
    if (encodes) await page.getByTestId('share-clip').check();
    await expect(page.getByTestId('share-size')).toContainText('MB');
  });
  const html = await (await request.get(link.replace(/#.*/, ''))).text();
  expect(/og:type" content="([^"]*)"/.exec(html)![1]).toBe(encodes ? 'video.other' : 'website');
  if (encodes) {
    const clip = await request.get(/og:video" content="([^"]*)"/.exec(html)![1]);
    expect(clip.headers()['content-type']).toBe('video/mp4');
    expect(readClipHead(await clip.body())).toEqual({ width: 640, height: 336, durationSecs: expect.any(Number) });
  }
  const other = await context.newPage();
  await other.goto(link);
  await arrived(other);
  await other.keyboard.press('Shift+S');
  const [file] = await Promise.all([other.waitForEvent('download'), other.getByTestId('share-lossless-get').click()]);
  const [own, got] = [readHalfTruth(), readSceneNpz(readFileSync(await file.path()))];
  expect(Buffer.compare(Buffer.from(own.depth.buffer), Buffer.from(got.depth.buffer))).toBe(0);
  expect(got.meta.source.name).toBe('');
});
