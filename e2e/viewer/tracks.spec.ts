// Tracks: several at once, as curves, table and file; measured lengths, the scale and the floor.

import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { findTrail, openTruth, spotOfPixel, state } from './scene.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

test.beforeEach(({ page }) => openTruth(page));

test('selects by keys and lasso, shows a table, and saves what it shows', async ({ page }) => {
  await page.keyboard.press('PageDown');
  const [first] = (await state(page)).selected;
  await page.keyboard.press('PageDown');
  expect((await state(page)).selected).not.toEqual([first]);
  await page.keyboard.press('Control+z');
  expect((await state(page)).selected).toEqual([first]);

  await page.getByTestId('tool-lasso').click();
  const { x, y } = await findTrail(page);
  await page.mouse.move(x - 25, y - 25);
  await page.mouse.down();
  for (const [dx, dy] of [[25, -25], [25, 25], [-25, 25]]) await page.mouse.move(x + dx, y + dy, { steps: 2 });
  await page.mouse.up();
  const selected = (await state(page)).selected;
  expect(selected.length).toBeGreaterThan(0);

  await page.getByTestId('form-table').click();
  await expect(page.getByTestId('frame-table').locator('tbody tr')).toHaveCount(24);
  await page.getByTestId('frame-table').getByRole('button', { name: '5', exact: true }).click();
  expect((await state(page)).frame).toBe(5);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('csv').click()]);
  const lines = readFileSync(await download.path(), 'utf8').trim().split('\n');
  expect(lines[0]).toMatch(/^track,name,frame,time_s,x_[mu],/);
  expect(lines).toHaveLength(1 + 24 * selected.length);

  await page.getByTestId('trail-colour').selectOption('height');
  await expect(page.getByTestId('trail-legend')).toContainText('height above the floor');
});

test('marks in the video what is pointed at in 3D, and the other way round', async ({ page }) => {
  const { x, y } = await spotOfPixel(page, 0.4, 0.5);
  await page.mouse.move(x, y);
  await expect(page.getByTestId('probe')).toContainText(/x .* y .* z .* from the camera · .* above the floor · certain/);
  const box = (await page.getByTestId('video').boundingBox())!;
  await page.mouse.move(box.x + 0.5 * box.width, box.y + 0.4 * box.height);
  await expect(page.getByTestId('video-value')).toContainText(/ u · certain/);
  await expect(page.getByTestId('probe')).toHaveText('');
});

test('measures a length, sets the scale by it, and undoes that', async ({ page }) => {
  const [a, b] = [await spotOfPixel(page, 0.3, 0.3), await spotOfPixel(page, 0.6, 0.32)];
  const truth = Math.hypot(...a.point.map((v, k) => v - b.point[k]));
  await page.getByTestId('measure').click();
  await page.mouse.click(a.x, a.y);
  await page.mouse.click(b.x, b.y);
  const [length] = await page.evaluate(() => window.foursight.lengths());
  expect(length).toBeGreaterThan(0.9 * truth);
  expect(length).toBeLessThan(1.1 * truth);
  await page.keyboard.press('Escape');
  await page.getByTestId('true-length').fill('12');
  await page.getByTestId('set-scale').click();
  await expect(page.getByTestId('length')).toContainText('12.0');
  await expect(page.getByTestId('length')).toContainText('m');
  expect(await page.evaluate(() => window.foursight.getScene()!.metresPerUnit)).toBeCloseTo(12 / length, 6);
  await expect(page.getByTestId('scale')).toContainText('by user, 1 segment');
  await page.getByTestId('undo').click();
  await expect(page.getByTestId('scale')).not.toContainText('by user');
});

test('measures and levels by keyboard alone', async ({ page }) => {
  await page.keyboard.press('m');
  await page.keyboard.press('Enter');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await page.evaluate(() => window.foursight.lengths())).length).toBe(1);
  await page.keyboard.press('Delete');
  expect(await page.evaluate(() => window.foursight.lengths())).toEqual([]);

  await page.keyboard.press('Control+k');
  await page.getByTestId('palette-input').fill('floor');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('tool-hint')).toContainText('0 of 3');
  const spots = [await spotOfPixel(page, 0.4, 0.9), await spotOfPixel(page, 0.7, 0.85), await spotOfPixel(page, 0.55, 0.97)];
  for (const { x, y } of spots) await page.mouse.click(x, y);
  await expect(page.getByTestId('tool-hint')).toBeHidden();
  const up = await page.evaluate(() => window.foursight.getScene()!.meta.settings.up as number[]);
  expect(Math.hypot(...up)).toBeCloseTo(1, 5);
  expect(up[1]).toBeLessThan(-0.8);
});

test('follows a new point that was clicked in the video, and takes it back', async ({ page }) => {
  const count = await page.evaluate(() => window.foursight.getScene()!.tracks.count);
  await page.keyboard.press('Shift+T');
  const video = page.getByTestId('video');
  const box = (await video.boundingBox())!;
  await video.click({ position: { x: 0.42 * box.width, y: 0.2 * box.height } });
  await expect.poll(async () => (await state(page)).selected, { timeout: 120_000 }).toEqual([count]);
  // A picture on the wall: it stands still in the world while the camera moves.
  const offsets = await page.evaluate((track) => {
    const { tracks: { xyz }, frameCount: T } = window.foursight.getScene()!;
    const at = (t: number) => [...xyz!.slice((track * T + t) * 3, (track * T + t) * 3 + 3)];
    return Array.from({ length: T }, (_, t) => Math.hypot(...at(t).map((v, k) => v - at(0)[k])));
  }, count);
  const known = offsets.filter((d) => !Number.isNaN(d)).sort((a, b) => a - b);
  expect(known.length).toBeGreaterThan(12);
  expect(known[known.length >> 1]).toBeLessThan(0.15);
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  expect(await page.evaluate(() => window.foursight.getScene()!.tracks.count)).toBe(count);
});

test('gives tracks names that stand in the view, in the file and in tables', async ({ page }) => {
  await page.keyboard.press('PageDown');
  await page.keyboard.press('Shift+PageDown');
  const [first, second] = (await state(page)).selected;
  const names = page.getByTestId('track-name');
  await expect(names.first()).toHaveValue(`track ${first}`);
  await names.first().fill('Ball, left');
  await page.keyboard.press('Enter');
  await expect(page.locator('.labels .label')).toHaveText(['Ball, left', `track ${second}`]);
  const [table] = await Promise.all([page.waitForEvent('download'), page.getByTestId('csv').click()]);
  const lines = readFileSync(await table.path(), 'utf8').trim().split('\r\n');
  expect(lines[1]).toMatch(new RegExp(`^${first},"Ball, left",0,`));
  expect(lines.at(-1)).toMatch(new RegExp(`^${second},track ${second},23,`));
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save').click()]);
  await page.keyboard.press('Control+z');
  await expect(names.first()).toHaveValue(`track ${first}`);
  await page.keyboard.press('Control+Shift+Z');
  await expect(names.first()).toHaveValue('Ball, left');
  // An empty name is none.
  await names.first().fill('');
  await page.keyboard.press('Enter');
  await expect(names.first()).toHaveValue(`track ${first}`);

  await page.getByTestId('file-input').setInputFiles(await saved.path());
  await expect.poll(async () => (await state(page)).selected).toEqual([]);
  await page.keyboard.press('PageDown');
  await expect(names).toHaveValue('Ball, left');
  await page.getByRole('button', { name: 'Take Ball, left out of the selection' }).click();
  expect((await state(page)).selected).toEqual([]);
});

test('smooths speeds or not, and keeps what was not smoothed in sight', async ({ page }) => {
  await page.keyboard.press('PageDown');
  await page.getByText('Which curves').click();
  const plot = page.getByTestId('plot-speed').locator('canvas');
  const drawn = () => plot.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const speeds = async () => {
    await page.getByTestId('form-table').click();
    const cells = await page.getByTestId('frame-table').locator('tbody tr td:last-child').allTextContents();
    await page.getByTestId('form-curves').click();
    return cells.map(Number);
  };
  for (const name of ['x', 'y', 'z']) await page.getByTestId(`curve-${name}`).uncheck();
  const smooth = await speeds();
  const withDots = await drawn();
  await page.getByTestId('smooth').uncheck();
  const raw = await speeds();
  expect(raw).not.toEqual(smooth);
  expect(await drawn()).not.toBe(withDots);
  // The plain central difference, by hand.
  const truth = await page.evaluate(() => {
    const { tracks: { xyz }, times, frameCount: T } = window.foursight.getScene()!;
    const [track] = window.foursight.getState().selected;
    const at = (t: number) => [...xyz!.slice((track * T + t) * 3, (track * T + t) * 3 + 3)];
    return Math.hypot(...at(11).map((v, k) => v - at(9)[k])) / (times[11] - times[9]);
  });
  expect(raw[10]).toBeCloseTo(truth, 2);
});
