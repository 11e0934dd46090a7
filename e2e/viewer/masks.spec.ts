// Correcting what moves: brush by mouse and by keys, undo, threshold, and a new solution from what the networks found.

import { expect, test, type Page } from '@playwright/test';
import { drop, fileAt, fillPlan } from '../app.ts';
import { SAMPLE } from '../support.ts';
import { openTruth, state } from './scene.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Share of a disc of the picture at a frame that the mask marks as moving; place and radius in shares of its width. */
const movingShare = (page: Page, frame: number, across: number, down: number, radius: number) => page.evaluate(([t, a, d, r]) => {
  const { width: W, height: H, mask } = window.foursight.getScene()!;
  let [inside, moving] = [0, 0];
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      if (Math.hypot(x + 0.5 - a * W, y + 0.5 - d * W) > r * W) continue;
      inside++;
      moving += mask[(t * H + y) * W + x];
    }
  }
  return moving / inside;
}, [frame, across, down, radius] as const);

test('paints and erases by mouse and by keys, frame by frame, and takes it back', async ({ page }) => {
  await openTruth(page);
  const before = await movingShare(page, 3, 0.2, 0.1, 0.02);
  expect(before).toBeLessThan(0.1);
  await page.evaluate(() => window.foursight.seek(3));
  await page.getByTestId('overlay-mask').click();
  await page.getByTestId('tool-mask').click();
  const video = page.getByTestId('video');
  const box = (await video.boundingBox())!;
  const at = (across: number, down: number) => [box.x + across * box.width, box.y + down * box.width] as const;
  await page.mouse.move(...at(0.15, 0.1));
  await page.mouse.down();
  await page.mouse.move(...at(0.25, 0.1), { steps: 4 });
  await page.mouse.up();
  expect(await movingShare(page, 3, 0.2, 0.1, 0.02)).toBe(1);
  expect(await movingShare(page, 4, 0.2, 0.1, 0.02)).toBeLessThan(0.1);
  await page.getByTestId('brush-erase').click();
  await page.mouse.click(...at(0.15, 0.1));
  expect(await movingShare(page, 3, 0.15, 0.1, 0.02)).toBe(0);
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  expect(await movingShare(page, 3, 0.2, 0.1, 0.02)).toBe(before);

  // Once more without a mouse: the brush starts in the middle of the picture.
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('tool-hint')).toBeHidden();
  await page.keyboard.press('Shift+M');
  await expect(video).toBeFocused();
  await page.keyboard.press('e');
  await expect(page.getByTestId('brush-paint')).toHaveAttribute('aria-checked', 'true');
  await page.keyboard.press('+');
  for (let k = 0; k < 3; k++) await page.keyboard.press('ArrowUp');
  // Three steps of 4.5 px up from the middle, with a brush of 9 px.
  const up = await page.evaluate(() => (window.foursight.getScene()!.height / 2 - 3 * 4.5) / window.foursight.getScene()!.width);
  const there = () => movingShare(page, 3, 0.5, up, 0.02);
  const untouched = await there();
  await page.keyboard.press('Space');
  expect(await there()).toBe(1);
  expect((await state(page)).playing).toBe(false);
  await page.keyboard.press('e');
  await page.keyboard.press('Enter');
  expect(await there()).toBe(0);
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  expect(await there()).toBe(untouched);
  // A file has no predictions beside it.
  await expect(page.getByTestId('solve-again')).toBeHidden();
  await expect(page.getByTestId('solve-again-why')).toContainText('right after a run');
});

test('solves again with the masks that were drawn, without the networks, and takes it back', async ({ page }) => {
  test.setTimeout(600_000);
  await page.goto('/');
  await drop(page, fileAt(SAMPLE));
  await fillPlan(page, { frames: 6, tracks: 64 });
  await page.getByTestId('plan-start').click();
  await page.waitForFunction(() => window.foursight.getState().ready, null, { timeout: 480_000 });
  const depth = () => page.evaluate(() => [...window.foursight.getScene()!.depth.slice(0, 5000)]);
  const first = await depth();

  // A new point is followed along the flow that was found: it lies where its pixel goes.
  const tracks = await page.evaluate(() => window.foursight.getScene()!.tracks.count);
  await page.keyboard.press('Shift+T');
  const picture = (await page.getByTestId('video').boundingBox())!;
  await page.mouse.click(picture.x + 0.42 * picture.width, picture.y + 0.2 * picture.height);
  await expect.poll(async () => (await state(page)).selected, { timeout: 60_000 }).toEqual([tracks]);
  const apart = await page.evaluate((track) => {
    const { tracks: { uv, xyz }, cameras, frameCount: T } = window.foursight.getScene()!;
    return Array.from({ length: T }, (_, t) => {
      const { fx, fy, cx, cy, camToWorld: m } = cameras[t];
      const k = track * T + t;
      const d = [0, 1, 2].map((r) => xyz![3 * k + r] - m[4 * r + 3]);
      const [x, y, z] = [0, 1, 2].map((c) => d[0] * m[c] + d[1] * m[4 + c] + d[2] * m[8 + c]);
      return Math.hypot(cx + (fx * x) / z - uv[2 * k], cy + (fy * y) / z - uv[2 * k + 1]);
    });
  }, tracks);
  expect(Math.max(...apart)).toBeLessThan(2);
  await page.keyboard.press('Control+z');

  await page.keyboard.press('Shift+M');
  await page.getByTestId('mask-threshold').fill('3');
  await page.getByTestId('threshold-all').click();
  const shares = await page.evaluate(() => {
    const { mask, maskNow } = window.foursight.getScene()!;
    return [mask, maskNow].map((m) => m.reduce((a, b) => a + b, 0) / m.length);
  });
  expect(shares[0]).toBeLessThan(0.6);
  await page.getByTestId('brush-reach').fill('5');
  const box = (await page.getByTestId('video').boundingBox())!;
  await page.mouse.click(box.x + 0.2 * box.width, box.y + 0.1 * box.width);
  for (const frame of [0, 2, 4]) expect(await movingShare(page, frame, 0.2, 0.1, 0.2)).toBeGreaterThan(0.005);
  const drawn = await page.evaluate(() => [...window.foursight.getScene()!.mask]);

  const view = await page.evaluate(() => window.foursight.getView());
  await page.getByTestId('solve-again').click();
  await expect(page.getByTestId('stage-flow')).toContainText('kept');
  await expect.poll(async () => (await state(page)).phase, { timeout: 240_000 }).toBe('idle');
  expect(await page.evaluate(() => [...window.foursight.getScene()!.mask])).toEqual(drawn);
  expect(await depth()).not.toEqual(first);
  expect((await page.evaluate(() => window.foursight.getView())).eye.map((v) => v.toFixed(2))).toEqual(view.eye.map((v) => v.toFixed(2)));
  await page.keyboard.press('Control+z');
  expect(await depth()).toEqual(first);
  await page.keyboard.press('Control+Shift+Z');
  expect(await depth()).not.toEqual(first);
  // And once more from the same predictions.
  await page.getByTestId('solve-again').click();
  await expect.poll(async () => (await state(page)).phase, { timeout: 240_000 }).toBe('idle');
  await expect(page.getByTestId('toast')).toHaveCount(0);
});
