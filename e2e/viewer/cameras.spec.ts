// Ways to look at a scene, and what it is made to look like.

import { expect, test } from '@playwright/test';
import { openTruth, spotOfPixel, state } from './scene.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

test.beforeEach(({ page }) => openTruth(page));

const eye = (page: import('@playwright/test').Page) => page.evaluate(() => window.foursight.getView().eye);

test('turns by drag, flies by keys, stands in the recorded camera, follows what moves', async ({ page }) => {
  const start = await eye(page);
  await page.mouse.move(400, 400);
  await page.mouse.down();
  await page.mouse.move(500, 420, { steps: 3 });
  await page.mouse.up();
  await expect.poll(async () => Math.hypot(...(await eye(page)).map((v, k) => v - start[k]))).toBeGreaterThan(0.05);

  await page.keyboard.press('v');
  expect((await state(page)).navigation).toBe('fly');
  const before = await eye(page);
  await page.keyboard.down('w');
  await expect.poll(async () => Math.hypot(...(await eye(page)).map((v, k) => v - before[k]))).toBeGreaterThan(0.02);
  await page.keyboard.up('w');

  await page.keyboard.press('c');
  expect((await state(page)).through).toBe(true);
  await page.getByTestId('image-opacity').fill('1');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+C');
  expect((await state(page)).navigation).toBe('follow');
  const still = await page.evaluate(() => window.foursight.getView().target);
  await page.evaluate(() => window.foursight.seek(18));
  expect(await page.evaluate(() => window.foursight.getView().target)).not.toEqual(still);
  await page.keyboard.press('0');
  expect((await state(page)).navigation).toBe('orbit');
  expect((await eye(page)).map((v) => v.toFixed(3))).toEqual(start.map((v) => v.toFixed(3)));
});

test('shows the sides by number, makes a double-clicked surface the centre, and turns by arrows after Enter', async ({ page }) => {
  await page.keyboard.press('7');
  const { eye: above, target } = await page.evaluate(() => window.foursight.getView());
  expect(Math.hypot(above[0] - target[0], above[2] - target[2])).toBeLessThan(0.05 * (above[1] - target[1]));
  await page.keyboard.press('0');
  const { x, y } = await spotOfPixel(page, 0.5, 0.3);
  await page.mouse.dblclick(x, y);
  await expect.poll(async () => page.evaluate(() => window.foursight.getView().target)).not.toEqual(target);
  const before = await eye(page);
  await page.locator('main canvas').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowLeft');
  expect((await state(page)).frame).toBe(0);
  await expect.poll(async () => eye(page)).not.toEqual(before);
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowRight');
  expect((await state(page)).frame).toBe(1);
});

test('changes the look: layers, colours with a legend, certainty, and keeps it over a reload', async ({ page }) => {
  await page.getByTestId('layer-moving').click({ modifiers: ['Alt'] });
  await expect(page.getByTestId('layer-background')).toHaveAttribute('aria-pressed', 'false');
  await page.getByTestId('layer-moving').click({ modifiers: ['Alt'] });
  await expect(page.getByTestId('layer-background')).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('x');
  await expect(page.getByTestId('legend')).toContainText('distance from the camera');
  await expect(page.getByTestId('legend')).toContainText(/\d u/);
  await expect(page.getByTestId('dropStatic-count')).toContainText('pixels of the clip');
  await page.getByTestId('dropStatic').fill('60');
  await page.waitForTimeout(600);
  await page.reload();
  await page.getByTestId('continue').click();
  await expect.poll(async () => (await state(page)).title).toContain('room');
  expect(await page.evaluate(() => window.foursight.getLook())).toMatchObject({ colour: 'depth', dropStatic: 60 });
});

test('comes back after the graphics card was lost', async ({ page }) => {
  const lit = () => page.evaluate(async () => {
    const canvas = document.querySelector<HTMLCanvasElement>('main canvas')!;
    window.foursight.seek(window.foursight.getState().frame);
    await new Promise(requestAnimationFrame);
    return canvas.getContext('webgl2')!.isContextLost();
  });
  const { drawn } = await state(page);
  await page.evaluate(() => {
    const lose = document.querySelector<HTMLCanvasElement>('main canvas')!.getContext('webgl2')!.getExtension('WEBGL_lose_context')!;
    lose.loseContext();
    setTimeout(() => lose.restoreContext(), 100);
  });
  await expect.poll(async () => (await lit()) === false && (await state(page)).drawn > drawn).toBe(true);
  const colours = new Set((await page.locator('main canvas').screenshot()).subarray(2000, 6000));
  expect(colours.size).toBeGreaterThan(50);
});
