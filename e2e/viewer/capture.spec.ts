// Files made of the view: a picture and a video, drawn frame by frame.

import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { PNG } from 'pngjs';
import { leaveDialog } from '../app.ts';
import { openTruth, state } from './scene.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' }, viewport: { width: 900, height: 600 } });

test.beforeEach(({ page }) => openTruth(page));

test('saves a picture at twice the size of the view, without its background', async ({ page }) => {
  const view = (await page.locator('main canvas').first().boundingBox())!;
  await page.getByTestId('show-capture').click();
  await page.getByTestId('still-size-2').click();
  await page.getByTestId('still-background').uncheck();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('still-save').click()]);
  expect(download.suggestedFilename()).toMatch(/room.*00\.00\.000\.png$/);
  const png = PNG.sync.read(readFileSync(await download.path()));
  expect(png.width).toBe(2 * Math.round(view.width));
  const alpha = Array.from({ length: png.width * png.height }, (_, i) => png.data[4 * i + 3]);
  expect(alpha.filter((a) => a === 0).length).toBeGreaterThan(0.1 * alpha.length);
  expect(alpha.filter((a) => a === 255).length).toBeGreaterThan(0.2 * alpha.length);
});

test('makes a video of the right length, and leaves the view as it was; a cancelled one leaves no file', async ({ page }) => {
  const before = await page.evaluate(() => window.foursight.getView());
  await page.getByTestId('show-capture').click();
  await page.getByTestId('capture-size').selectOption('640x360');
  await page.getByTestId('capture-fps').selectOption('24');
  await page.getByTestId('capture-move').selectOption('turntable');
  await expect(page.getByTestId('capture-note')).toContainText('frames');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('capture-start').click()]);
  expect(download.suggestedFilename()).toMatch(/\.(mp4|webm)$/);
  const bytes = readFileSync(await download.path());
  const played = await page.evaluate(async (base64) => {
    const video = document.createElement('video');
    video.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]));
    await new Promise((resolve, reject) => { video.onloadeddata = resolve; video.onerror = reject; });
    return { duration: video.duration, width: video.videoWidth };
  }, bytes.toString('base64'));
  const { times } = await page.evaluate(() => ({ times: [...window.foursight.getScene()!.times] }));
  const span = times[times.length - 1] - times[0];
  expect(played.width).toBe(640);
  expect(played.duration).toBeCloseTo(span + span / (times.length - 1), 1);
  expect((await page.evaluate(() => window.foursight.getView())).eye.map((v) => v.toFixed(3))).toEqual(before.eye.map((v) => v.toFixed(3)));

  await page.getByTestId('show-capture').click();
  await page.getByTestId('capture-start').click();
  await page.getByTestId('capture-cancel').click();
  await expect(page.getByTestId('capture-start')).toBeEnabled();
  expect((await state(page)).frame).toBe(0);
});

test('saves a picture of 1080p with its names and numbers, and copies it', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.keyboard.press('PageDown');
  await page.getByTestId('show-capture').click();
  await page.getByTestId('still-size-1080p').click();
  const save = async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('still-save').click()]);
    return PNG.sync.read(readFileSync(await download.path()));
  };
  const plain = await save();
  expect([plain.width, plain.height]).toEqual([1920, 1080]);
  await page.getByTestId('still-labels').check();
  const labelled = await save();
  expect(Buffer.compare(plain.data, labelled.data)).not.toBe(0);
  await page.getByTestId('still-size-1').click();
  await page.getByTestId('still-copy').click();
  await expect.poll(() => page.evaluate(async () => (await navigator.clipboard.read())[0].types)).toEqual(['image/png']);
});

test('a video along keys begins and ends with what the viewer shows, in true colours', async ({ page }) => {
  await page.keyboard.press('Shift+K');
  await page.keyboard.press('End');
  for (let k = 0; k < 3; k++) await page.keyboard.press('k');
  await page.keyboard.press('Shift+K');
  await page.keyboard.press('Home');
  const make = async (format: string): Promise<Buffer> => {
    await page.getByTestId('show-capture').click();
    await page.getByTestId('capture-move').selectOption('keys');
    await page.getByTestId('capture-size').selectOption('640x360');
    await page.getByTestId('capture-fps').selectOption('24');
    await page.getByTestId('capture-format').selectOption(format);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('capture-start').click()]);
    return readFileSync(await download.path());
  };
  // The pictures are the viewer's own, one by one.
  const pictures = Object.values(unzipSync(await make('png'))).map((bytes) => PNG.sync.read(Buffer.from(bytes)));
  await page.getByTestId('show-capture').click();
  const format = await page.locator('[data-testid=capture-format] option[value=mp4]').isDisabled() ? 'webm' : 'mp4';
  await leaveDialog(page);
  const video = await make(format);
  // Colour tag of an MP4: primaries, transfer and matrix of BT.709, not the full range.
  if (format === 'mp4') {
    const at = video.indexOf('colrnclx') + 8;
    expect([...video.subarray(at, at + 7)]).toEqual([0, 1, 0, 1, 0, 1, 0]);
  }
  for (const [index, secs] of [[0, 0.01], [pictures.length - 1, (pictures.length - 0.5) / 24]] as const) {
    const shown = await page.evaluate(async ([base64, at]) => {
      const element = document.createElement('video');
      element.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]));
      await new Promise((resolve, reject) => { element.onloadeddata = resolve; element.onerror = reject; });
      element.currentTime = at;
      await new Promise((resolve) => { element.onseeked = resolve; });
      const canvas = new OffscreenCanvas(element.videoWidth, element.videoHeight);
      const drawing = canvas.getContext('2d')!;
      drawing.drawImage(element, 0, 0);
      return [...drawing.getImageData(0, 0, canvas.width, canvas.height).data];
    }, [video.toString('base64'), secs] as const);
    const off = shown.reduce((sum, v, k) => sum + (k % 4 === 3 ? 0 : Math.abs(v - pictures[index].data[k])), 0) / (shown.length * 0.75);
    expect(off, `mean difference of frame ${index}, of 255`).toBeLessThan(3);
  }
});

test('without an encoder a video is recorded in real time, says so, and leaves nothing when cancelled', async ({ page }) => {
  await page.addInitScript(() => { delete (globalThis as { VideoEncoder?: unknown }).VideoEncoder; });
  await openTruth(page);
  const plan = async () => {
    await page.getByTestId('capture-size').selectOption('640x360');
    await page.getByTestId('capture-fps').selectOption('24');
  };
  await page.getByTestId('show-capture').click();
  await plan();
  const format = page.getByTestId('capture-format');
  await expect(format).toHaveValue('recorded');
  await expect(format.locator('option:checked')).toHaveText('WebM, recorded in real time');
  await expect(page.getByTestId('capture-note')).toContainText('records the frames one by one in real time');

  const saved: string[] = [];
  page.on('download', (download) => saved.push(download.suggestedFilename()));
  await page.getByTestId('capture-start').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('capture-note')).toContainText(/Frame \d+ of \d+, about .* left/);
  await page.getByTestId('capture-cancel').click();
  await expect(page.getByTestId('capture-start')).toBeEnabled();
  expect(saved).toEqual([]);

  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 120_000 }), page.getByTestId('capture-start').click()]);
  expect(download.suggestedFilename()).toMatch(/\.webm$/);
  const bytes = readFileSync(await download.path());
  const played = await page.evaluate(async (base64) => {
    const video = document.createElement('video');
    video.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]));
    await new Promise((resolve, reject) => { video.onloadeddata = resolve; video.onerror = reject; });
    return { duration: video.duration, width: video.videoWidth, span: window.foursight.getScene()!.times.at(-1)! };
  }, bytes.toString('base64'));
  expect(played.width).toBe(640);
  expect(played.duration).toBeGreaterThan(0.8 * played.span);
  expect(played.duration).toBeLessThan(1.5 * played.span + 0.5);

  // Without a recorder either there are pictures.
  await page.addInitScript(() => { delete (globalThis as { MediaRecorder?: unknown }).MediaRecorder; });
  await openTruth(page);
  await page.getByTestId('show-capture').click();
  await expect(format).toHaveValue('png');
});
