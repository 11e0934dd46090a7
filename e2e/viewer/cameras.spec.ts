// Ways to look at a scene, and what it is made to look like.

import { expect, test } from '@playwright/test';
import { npzFile, readHalfTruth } from '../support.ts';
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

test('shows everything or the selection, the front and the side, flat or through any lens', async ({ page }) => {
  const view = () => page.evaluate(() => window.foursight.getView());
  const away = async () => { const { eye: e, target } = await view(); return Math.hypot(...e.map((v, k) => v - target[k])); };
  await page.keyboard.press('1');
  await expect.poll(async () => { const { eye: e, target } = await view(); return Math.abs(e[0] - target[0]) + Math.abs(e[1] - target[1]); }).toBeLessThan(0.02);
  await page.keyboard.press('3');
  await expect.poll(async () => { const { eye: e, target } = await view(); return Math.abs(e[2] - target[2]) + Math.abs(e[1] - target[1]); }).toBeLessThan(0.02);
  await page.getByTestId('fit').click();
  await page.keyboard.press('f');
  const whole = await away();
  await page.keyboard.press('PageDown');
  await page.keyboard.press('f');
  await expect.poll(away).toBeLessThan(0.7 * whole);
  await page.getByTestId('reset').click();
  await page.getByTestId('tab-look').click();
  await page.keyboard.press('5');
  expect((await page.evaluate(() => window.foursight.getLook())).fov).toBeLessThan(5);
  await page.keyboard.press('5');
  await page.getByTestId('fov').focus();
  await page.keyboard.press('ArrowRight');
  expect((await page.evaluate(() => window.foursight.getLook())).fov).toBe(51);
  await page.getByTestId('fov').fill('90');
  const start = await view();
  await page.keyboard.press('z');
  await expect.poll(away).toBeLessThan(Math.hypot(...start.eye.map((v, k) => v - start.target[k])) - 0.01);
});

test('draws the cameras larger, jumps into one that is clicked, and says how far points land beside the video', async ({ page }) => {
  const shot = () => page.locator('main canvas').first().screenshot();
  const small = await shot();
  await page.getByTestId('camera-size').fill('0.2');
  await expect.poll(async () => Buffer.compare(await shot(), small)).not.toBe(0);
  // Where the lines of the first camera's frustum meet.
  const spot = await page.evaluate(() => {
    const { camToWorld: m } = window.foursight.getScene()!.cameras[0];
    const canvas = document.querySelector('main canvas')!.getBoundingClientRect();
    const { x, y } = window.foursight.spotOf([m[3], m[7], m[11]])!;
    return { x: canvas.left + x, y: canvas.top + y };
  });
  await page.evaluate(() => window.foursight.seek(20));
  await page.mouse.click(spot.x, spot.y);
  await expect.poll(async () => (await state(page)).navigation).toBe('through');
  expect((await state(page)).frame).toBeLessThan(5);

  // The sample's truth has no residuals; a solved scene has.
  await expect(page.getByTestId('landing')).toBeHidden();
  const scene = readHalfTruth();
  const perFrame = scene.cameras.map((_, t) => ({ staticErrorPx: 0.5 + t / 10, parallaxDeg: 1, flowAgreement: 1, movingShare: 0, parallaxShare: 1 }));
  const solved = { ...scene, meta: { ...scene.meta, summary: { sentence: 'Good.', model: 'moving' as const, perFrame } } };
  await page.getByTestId('file-input').setInputFiles(npzFile(solved, 'solved.npz'));
  await expect(page.getByTestId('landing')).toContainText('land 0.50 px beside the video in this frame, 1.65 px on average');
  await page.keyboard.press('.');
  await expect(page.getByTestId('landing')).toContainText('0.60 px');
});

test('moves cameras and tracks between the frames, and says so', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, reducedMotion: 'reduce', viewport: { width: 500, height: 500 } });
  const page = await context.newPage();
  // As on a machine that draws by a graphics card: one that draws by its processor leaves it out.
  await page.addInitScript(() => {
    const real = WebGL2RenderingContext.prototype.getExtension;
    WebGL2RenderingContext.prototype.getExtension = function (this: WebGL2RenderingContext, name: string) { return name === 'WEBGL_debug_renderer_info' ? null : real.call(this, name as never) as unknown; } as typeof real;
  });
  await openTruth(page);
  await expect(page.getByTestId('interpolated')).toBeHidden();
  await page.getByTestId('speed').selectOption('0.1');
  await page.keyboard.press('c');
  await page.keyboard.press('Space');
  await expect(page.getByTestId('interpolated')).toBeVisible();
  await page.keyboard.press('Space');
  await expect(page.getByTestId('interpolated')).toBeHidden();
  await context.close();
});
