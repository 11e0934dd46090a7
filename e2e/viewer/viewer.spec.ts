// The viewer on the sample's finished scene: time, trails, panels, and a file that is none.

import { expect, test } from '@playwright/test';
import { fixture } from '../support.ts';
import { findTrail, openTruth, state } from './scene.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

test.beforeEach(({ page }) => openTruth(page));

test('plays by the clock, steps, scrubs, and rests when paused', async ({ page }) => {
  expect((await state(page)).playing).toBe(false);
  await page.keyboard.press('Space');
  await expect.poll(async () => (await state(page)).frame).toBeGreaterThan(2);
  await page.keyboard.press('Space');
  await page.keyboard.press('Home');
  await page.keyboard.press('.');
  await expect(page.getByTestId('frame-count')).toHaveText('1 / 24');
  await page.getByTestId('scrub').fill('12');
  await expect(page.getByTestId('time')).toHaveText('00:01.000');
  await page.waitForTimeout(500);
  const { drawn } = await state(page);
  await page.waitForTimeout(500);
  expect((await state(page)).drawn).toBe(drawn);
});

test('has three ways to show the cloud', async ({ page }) => {
  const { points: both } = await state(page);
  await page.getByTestId('mode-frame').click();
  const { points: frame } = await state(page);
  await page.getByTestId('mode-all').click();
  const { points: all } = await state(page);
  expect(frame).toBeGreaterThan(1000);
  expect(all).toBeGreaterThan(both);
});

test('selects a trail by a click and shows its numbers; a click in the plot seeks', async ({ page }) => {
  await page.evaluate(() => window.foursight.seek(14));
  const { x, y } = await findTrail(page);
  await page.mouse.click(x, y);
  const [track] = (await state(page)).selected;
  await expect(page.getByTestId('numbers')).toContainText(`track${track}`);
  const shown = await page.getByTestId('numbers').locator('tr', { hasText: 'x u' }).or(page.getByTestId('numbers').locator('tr', { hasText: 'x m' })).first().locator('td').textContent();
  const truth = await page.evaluate((k) => {
    const scene = window.foursight.getScene()!;
    return scene.tracks.xyz![(k * scene.frameCount + 14) * 3] * (scene.metresPerUnit ?? 1);
  }, track);
  expect(Number(shown)).toBeCloseTo(truth, 1);
  const plot = page.getByTestId('plot-speed').locator('.u-over');
  await plot.scrollIntoViewIfNeeded();
  const box = (await plot.boundingBox())!;
  await plot.click({ position: { x: box.width / 4, y: 10 } });
  expect((await state(page)).frame).toBe(6);
  await page.keyboard.press('Escape');
  expect((await state(page)).selected).toEqual([]);
  await page.keyboard.press('Control+z');
  expect((await state(page)).selected).toEqual([track]);
});

test('selects in the video too', async ({ page }) => {
  const track = (await findTrail(page)).track;
  const [u, v] = await page.evaluate((k) => {
    const { tracks, width, height, frameCount } = window.foursight.getScene()!;
    return [tracks.uv[k * frameCount * 2] / width, tracks.uv[k * frameCount * 2 + 1] / height];
  }, track);
  const video = page.getByTestId('video');
  const box = (await video.boundingBox())!;
  await video.click({ position: { x: u * box.width, y: v * box.height } });
  expect((await state(page)).selected).toHaveLength(1);
});

test('keeps the scene when a file cannot be opened, and says what to do', async ({ page }) => {
  const { title } = await state(page);
  await page.getByTestId('file-input').setInputFiles(fixture('mpeg4-part2.mp4'));
  await expect(page.getByTestId('toast')).toContainText('MPEG-4');
  await page.getByTestId('file-input').setInputFiles({ name: 'broken.npz', mimeType: '', buffer: Buffer.from('PK\x03\x04 no archive') });
  await expect(page.getByTestId('toast').last()).toContainText('scene');
  expect(await state(page)).toMatchObject({ title, phase: 'idle' });
});

test('saves what it opened', async ({ page }) => {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save').click()]);
  expect(download.suggestedFilename()).toMatch(/\.npz$/);
  await page.getByTestId('file-input').setInputFiles(await download.path());
  await expect.poll(async () => (await state(page)).phase).toBe('idle');
  expect((await state(page)).frameCount).toBe(24);
});

test('fits a phone without sideways scroll', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  const stage = (await page.locator('main').boundingBox())!;
  expect(stage.height).toBeGreaterThan(0.6 * 740);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});
