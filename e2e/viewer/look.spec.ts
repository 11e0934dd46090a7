// How the scene looks, by its buttons and by its keys.

import { expect, test, type Page } from '@playwright/test';
import type { Look } from '../../src/viewer/look.ts';
import { npzFile, readHalfTruth } from '../support.ts';
import { chooseTruth, openTruth, state } from './scene.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

test.beforeEach(({ page }) => openTruth(page));

const look = (page: Page): Promise<Look> => page.evaluate(() => window.foursight.getLook());

test('shows and hides every layer by its eye and by its letter', async ({ page }) => {
  for (const [name, key] of [['background', 'b'], ['moving', 'n'], ['cameras', 'o'], ['trails', 't'], ['grid', 'g']] as const) {
    const before = (await look(page)).layers[name];
    await page.keyboard.press(key);
    expect((await look(page)).layers[name], name).toBe(!before);
    await expect(page.getByTestId(`layer-${name}`)).toHaveAttribute('aria-pressed', String(!before));
    await page.getByTestId(`layer-${name}`).click();
    expect((await look(page)).layers[name], name).toBe(before);
  }
});

test('shows one layer alone by Alt, by mouse and by keys', async ({ page }) => {
  const alone = async () => Object.entries((await look(page)).layers).filter(([, on]) => on).map(([name]) => name);
  const usual = await alone();
  await page.getByTestId('layer-trails').click({ modifiers: ['Alt'] });
  expect(await alone()).toEqual(['trails']);
  await page.getByTestId('layer-trails').focus();
  await page.keyboard.press('Alt+Enter');
  expect(await alone()).toEqual(usual);
  await page.keyboard.press('Alt+Enter');
  expect(await alone()).toEqual(['trails']);
});

test('draws points of any size, shades them or not, and leaves out the least certain of what stands and of what moves', async ({ page }) => {
  await page.keyboard.press('+');
  const larger = await look(page);
  expect(larger.style).toBe('points');
  await page.keyboard.press('-');
  expect((await look(page)).pointPx).toBeLessThan(larger.pointPx);
  await page.getByTestId('point-size').fill('2.5');
  expect((await look(page)).pointPx).toBe(2.5);
  // Live: larger points cover more of the view.
  const view = page.locator('main canvas').first();
  await page.getByTestId('point-size').fill('1');
  const thin = await view.screenshot();
  await page.getByTestId('point-size').fill('8');
  await expect.poll(async () => Buffer.compare(await view.screenshot(), thin)).not.toBe(0);
  await expect(page.locator('label', { hasText: 'Point size' }).first()).toContainText('8 px');
  // Kept over a reload.
  await expect.poll(() => page.evaluate(() => JSON.parse(localStorage.getItem('foursight.settings') ?? '{}').look?.pointPx)).toBe(8);
  await page.reload();
  await chooseTruth(page);
  expect(await look(page)).toMatchObject({ style: 'points', pointPx: 8 });
  const shaded = larger.shading;
  await page.keyboard.press('l');
  expect((await look(page)).shading).toBe(!shaded);
  await page.getByTestId('shading').click();
  expect((await look(page)).shading).toBe(shaded);
  await page.getByTestId('trim').click();
  expect((await look(page)).trim).toBe(false);
  for (const name of ['dropStatic', 'dropMoving'] as const) {
    const before = (await look(page))[name];
    await page.getByTestId(name).focus();
    await page.keyboard.press('ArrowRight');
    expect((await look(page))[name]).toBe(before + 1);
  }
});

test('has six colourings, each with its legend, and tones the picture', async ({ page }) => {
  const seen: string[] = [];
  for (let k = 0; k < 6; k++) {
    await page.keyboard.press('x');
    seen.push((await look(page)).colour);
  }
  expect(seen).toEqual(['depth', 'confidence', 'motion', 'time', 'speed', 'picture']);
  await page.getByTestId('colour-motion').click();
  await expect(page.getByTestId('legend')).toContainText('moves in the clip');
  await page.getByTestId('colour-picture').click();
  const shot = () => page.locator('main canvas').first().screenshot();
  const plain = await shot();
  await page.getByTestId('saturation').fill('0');
  await page.waitForTimeout(600);
  expect(Buffer.compare(plain, await shot())).not.toBe(0);
  await page.getByRole('button', { name: 'Look as at first' }).click();
  expect((await look(page)).saturation).toBe(1);
});

test('shows moments together, more or fewer, fading', async ({ page }) => {
  await page.keyboard.press('r');
  expect((await look(page)).mode).toBe('all');
  const many = (await state(page)).points;
  await page.getByTestId('moments').fill('2');
  await expect.poll(async () => (await state(page)).points).toBeLessThan(many);
  await page.getByTestId('moment-fade').fill('0.8');
  expect((await look(page)).momentFade).toBe(0.8);
});

test('fills the recorded view, lays the video over it, and wipes that away', async ({ page }) => {
  await page.getByTestId('through').click();
  await page.getByTestId('image-opacity').fill('1');
  await page.getByTestId('image-wipe').fill('0.5');
  await page.waitForTimeout(600);
  // What the camera saw, its surface shows without a gap: hardly a pixel of its picture has the colour of the ground.
  await page.getByTestId('image-wipe').fill('0');
  await page.waitForTimeout(600);
  const empty = await page.evaluate(async () => {
    const canvas = document.querySelector<HTMLCanvasElement>('main canvas')!;
    window.foursight.timeDraw(false);
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext('2d')!;
    context.drawImage(canvas, 0, 0);
    const { width: W, height: H } = window.foursight.getScene()!;
    const high = (canvas.width * H) / W;
    const { data } = context.getImageData(0, Math.ceil((canvas.height - high) / 2) + 4, canvas.width, Math.floor(Math.min(canvas.height, high)) - 8);
    let ground = 0;
    for (let k = 0; k < data.length; k += 4) ground += Number(data[k] === 0x14 && data[k + 1] === 0x16 && data[k + 2] === 0x1a);
    return ground / (data.length / 4);
  });
  expect(empty).toBeLessThan(0.01);
});

test('rolls the scene by hand and says where up comes from', async ({ page }) => {
  await page.getByTestId('tab-measure').click();
  await expect(page.getByTestId('up-source')).toContainText('level surfaces');
  const up = () => page.evaluate(() => (window.foursight.getScene()!.meta.settings.up as number[] | undefined) ?? null);
  await page.getByTestId('roll-right').click();
  await expect(page.getByTestId('up-source')).toContainText('by hand');
  const once = (await up())!;
  for (let k = 0; k < 4; k++) await page.keyboard.press(')');
  const five = (await up())!;
  expect(Math.acos(once.reduce((sum, v, k) => sum + v * five[k], 0)) * (180 / Math.PI)).toBeGreaterThan(3.5);
  for (let k = 0; k < 5; k++) await page.keyboard.press('Control+z');
  expect(await up()).toBeNull();
});

test('leaves sky out, says so, and shows it by its eye and by its keys', async ({ page }) => {
  await expect(page.getByTestId('layer-sky')).toBeHidden();
  const scene = readHalfTruth();
  const { width: W, height: H, frameCount: T, rgb } = scene;
  for (let t = 0; t < T; t++) for (let i = 0; i < 0.3 * H * W; i++) rgb.set([130, 180, 240], 3 * (t * W * H + i));
  await page.getByTestId('file-input').setInputFiles(npzFile(scene, 'sky.npz'));
  const sky = page.getByTestId('layer-sky');
  await expect(sky).toHaveAttribute('aria-pressed', 'false');
  await expect.poll(async () => (await state(page)).ready).toBe(true);
  await expect(page.getByTestId('count')).toContainText('The sky is left out');
  const without = (await state(page)).points;
  await sky.click();
  await expect.poll(async () => (await state(page)).points).toBeGreaterThan(1.1 * without);
  await expect(page.getByTestId('count')).not.toContainText('The sky is left out');
  await page.keyboard.press('Shift+B');
  await expect(sky).toHaveAttribute('aria-pressed', 'false');
  await expect.poll(async () => (await state(page)).points).toBe(without);
});

test.describe('in German', () => {
  test.use({ locale: 'de-DE' });

  test('numbers on screen have commas', async ({ page }) => {
    await page.keyboard.press('x');
    await expect(page.getByTestId('legend')).toContainText(/\d,\d+ u/);
    await page.keyboard.press('+');
    await expect(page.locator('label', { hasText: 'Point size' }).first()).toContainText('2,5 px');
    await page.getByTestId('layer-grid').click();
    await expect(page.getByTestId('count')).toContainText('A cell of the grid is');
    expect(await page.evaluate(() => window.foursight.getLook().pointPx)).toBe(2.5);
  });
});
