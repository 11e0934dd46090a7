// Files made of the view: a picture and a video, drawn frame by frame.

import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { PNG } from 'pngjs';
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
