// The video and its maps, the inspector's references, measures of every kind, and the point that is copied.

import { expect, test } from '@playwright/test';
import { openTruth, spotOfPixel, state } from './scene.ts';

test.use({ contextOptions: { reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] } });

test.beforeEach(({ page }) => openTruth(page));

test('moves the video aside and away, and fades any two maps into each other', async ({ page }) => {
  const video = page.getByTestId('video');
  await page.keyboard.press('p');
  await expect(page.locator('.video-panel.corner')).toBeVisible();
  await page.keyboard.press('p');
  await expect(video).toBeHidden();
  await page.keyboard.press('p');
  await expect(video).toBeVisible();

  const colours = () => video.evaluate((canvas: HTMLCanvasElement) => [...canvas.getContext('2d')!.getImageData(canvas.width * 0.3, canvas.height * 0.3, 1, 1).data]);
  await page.getByTestId('video-tracks').uncheck();
  const plain = await colours();
  await page.getByTestId('overlay-none').focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('overlay-depth')).toHaveAttribute('aria-checked', 'true');
  await page.getByTestId('overlay-opacity').fill('1');
  const depth = await colours();
  expect(depth).not.toEqual(plain);
  await page.getByTestId('underlay').selectOption('confidence');
  await page.getByTestId('overlay-opacity').fill('0');
  const confidence = await colours();
  expect(confidence).not.toEqual(plain);
  expect(confidence).not.toEqual(depth);
  await page.getByTestId('overlay-opacity').fill('0.5');
  const half = await colours();
  half.slice(0, 3).forEach((v, k) => expect(Math.abs(v - (depth[k] + confidence[k]) / 2)).toBeLessThan(3));
});

test('reads tracks relative to the floor, the camera and each other, and the angle between three', async ({ page }) => {
  await page.keyboard.press('PageDown');
  await page.keyboard.press('Shift+PageDown');
  await page.keyboard.press('Shift+PageDown');
  const { selected } = await state(page);
  expect(selected).toHaveLength(3);
  await expect(page.locator('.labels .label')).toHaveText(selected.map((track) => `track ${track}`));
  const truth = await page.evaluate(([a, at, b]) => {
    const { tracks: { xyz }, frameCount: T } = window.foursight.getScene()!;
    const place = (n: number) => [...xyz!.slice(n * T * 3, n * T * 3 + 3)];
    const [u, v] = [a, b].map((n) => place(n).map((c, k) => c - place(at)[k]));
    return (Math.acos(u.reduce((sum, c, k) => sum + c * v[k], 0) / (Math.hypot(...u) * Math.hypot(...v))) * 180) / Math.PI;
  }, selected);
  await expect(page.getByTestId('plot-angle')).toContainText(`angle at track ${selected[1]} °`);
  await page.getByTestId('form-table').click();
  const angle = Number(await page.getByTestId('frame-table').locator('tbody tr').first().locator('td').last().textContent());
  expect(Math.abs(angle - truth)).toBeLessThan(0.6);
  await page.keyboard.press('Escape');
  await page.keyboard.press('PageDown');
  const first = () => page.getByTestId('frame-table').locator('tbody tr').first().locator('td').nth(1).textContent();
  const world = await first();
  await page.getByTestId('relative-to').selectOption('camera');
  // The camera of the first frame is the world's own.
  expect(await first()).toBe(world);
  await page.getByTestId('relative-to').selectOption('track');
  expect(Number(await first())).toBe(0);
  await page.getByTestId('relative-to').selectOption('floor');
  await expect(page.getByTestId('inspector')).toContainText('Axes on the floor');
});

test('measures paths, angles and heights, names and hides them, and saves them', async ({ page }) => {
  const spots = [await spotOfPixel(page, 0.3, 0.3), await spotOfPixel(page, 0.5, 0.3), await spotOfPixel(page, 0.6, 0.32)];
  await page.getByTestId('tab-measure').click();
  const lengths = () => page.evaluate(() => window.foursight.lengths());
  const apart = (i: number, k: number) => Math.hypot(...spots[i].point.map((v, c) => v - spots[k].point[c]));
  await page.getByTestId('tool-path').click();
  for (const { x, y } of spots) await page.mouse.click(x, y);
  await page.keyboard.press('Escape');
  expect((await lengths())[0]).toBeCloseTo(apart(0, 1) + apart(1, 2), 0);
  await page.getByTestId('tool-angle').click();
  for (const { x, y } of spots) await page.mouse.click(x, y);
  await expect(page.getByTestId('length').nth(1)).toContainText('°');
  await page.getByTestId('tool-height').click();
  await page.mouse.click(spots[0].x, spots[0].y);
  await page.keyboard.press('Escape');
  expect(await lengths()).toHaveLength(3);
  expect((await lengths())[2]).toBeGreaterThan(0);
  await page.getByTestId('measure-name').first().fill('Along the wall');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Show Along the wall in the view' }).click();
  await expect(page.locator('.labels .label')).toHaveCount(2);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('measures-csv').click()]);
  const text = await (await import('node:fs/promises')).readFile(await download.path(), 'utf8');
  expect(text.split('\n')[0]).toBe('name,kind,frame,time_s,value,value_sd,unit');
  expect(text).toContain('"Along the wall",path,0,');
  await page.keyboard.press('Control+z');
  await expect(page.locator('.labels .label')).toHaveCount(3);
  // By keys alone: tool by name, points from the middle of the view.
  await page.keyboard.press('Control+k');
  await page.getByTestId('palette-input').fill('height above');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  expect(await lengths()).toHaveLength(4);
});

test('keeps the last point to be copied, by its button and by its key', async ({ page }) => {
  await page.getByTestId('tab-measure').click();
  const { x, y } = await spotOfPixel(page, 0.4, 0.4);
  await page.mouse.move(x, y);
  await expect(page.getByTestId('probe')).toContainText('above the floor');
  await page.keyboard.press('y');
  const byKey = await page.evaluate(() => navigator.clipboard.readText());
  expect(byKey).toMatch(/x .* from the camera · .* certain/);
  await page.getByTestId('copy-point').click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(byKey);
});
