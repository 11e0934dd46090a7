// What everybody can use: no serious fault that axe finds, a sheet of keys, the phone's layout.

import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { leaveDialog } from '../app.ts';
import { SAMPLE } from '../support.ts';
import { openTruth, spotOfPixel, state } from './scene.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

async function expectNoSeriousFault(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${where}: ${id} ${nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([]);
}

test('axe finds no serious fault, in the dark and in the light', async ({ page }) => {
  await page.goto('/');
  await expectNoSeriousFault(page, 'empty page');
  await page.getByTestId('file-input').setInputFiles(SAMPLE);
  await expect(page.getByTestId('plan')).toBeVisible();
  await expectNoSeriousFault(page, 'plan');
  await page.getByTestId('plan-cancel').click();
  await openTruth(page);
  await expectNoSeriousFault(page, 'result');
  await page.keyboard.press('PageDown');
  await expectNoSeriousFault(page, 'inspector');
  await page.keyboard.press('Shift+M');
  await expectNoSeriousFault(page, 'brush');
  await page.keyboard.press('Escape');
  await page.getByTestId('tab-measure').click();
  await page.keyboard.press('m');
  await page.keyboard.press('Enter');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+K');
  await expectNoSeriousFault(page, 'measures and keys');
  await page.getByTestId('show-capture').click();
  await expectNoSeriousFault(page, 'pictures and videos');
  await leaveDialog(page);
  await page.getByTestId('tab-tracks').click();
  await page.getByTestId('theme').click();
  await expectNoSeriousFault(page, 'inspector, light');
});

test('tells its keys and finds commands by name', async ({ page }) => {
  await openTruth(page);
  await page.keyboard.press('?');
  await expect(page.getByTestId('help-sheet')).toContainText('Play or pause');
  await leaveDialog(page);
  await page.keyboard.press('Control+k');
  await page.getByTestId('palette-input').fill('from above');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('palette')).toBeHidden();
  const { eye, target } = await page.evaluate(() => window.foursight.getView());
  expect(eye[1]).toBeGreaterThan(target[1]);
});

test('fits a phone: big targets, the view keeps most of the screen, one finger turns', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await openTruth(page);
  expect((await page.locator('main').boundingBox())!.height).toBeGreaterThan(0.6 * 844);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  const small = await page.evaluate(() => [...document.querySelectorAll<HTMLElement>('button')].filter((b) => b.offsetParent && !b.matches('.link')).map((b) => b.getBoundingClientRect()).filter((box) => box.height < 38 || box.width < 24).length);
  expect(small).toBe(0);
  await page.getByTestId('sheet-handle').tap();
  await page.getByTestId('tab-tracks').tap();
  await expect(page.getByTestId('inspector')).toBeVisible();
  expect((await state(page)).playing).toBe(false);
  await context.close();
});

test('single letters can be switched off, and what matters is spoken', async ({ page }) => {
  await openTruth(page);
  const live = page.locator('[aria-live=polite].unseen');
  await page.keyboard.press('PageDown');
  await expect(live).toContainText(/Track \d+ selected\. Track \d+: x .* speed .* u\/s/);
  await page.keyboard.press('.');
  await expect(live).toContainText(/^Frame 1\. Track \d+: x/);
  const hidden = () => page.evaluate(() => !window.foursight.getLook().layers.trails);
  await page.keyboard.press('?');
  await page.getByTestId('letters').uncheck();
  await leaveDialog(page);
  await page.keyboard.press('t');
  expect(await hidden()).toBe(false);
  await page.keyboard.press('ArrowRight');
  expect((await state(page)).frame).toBe(2);
  await page.keyboard.press('Control+k');
  await page.getByTestId('palette-input').fill('sheet of keys');
  await page.keyboard.press('Enter');
  await page.getByTestId('letters').check();
  await leaveDialog(page);
  await page.keyboard.press('t');
  expect(await hidden()).toBe(true);
  // The rest goes away and comes back.
  await page.keyboard.press('h');
  await expect(page.getByTestId('scrub')).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('scrub')).toBeVisible();
});

test('a phone reads a point by a long press, centres by a double tap, and keeps time and view when it is turned', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await openTruth(page);
  await page.evaluate(() => window.foursight.seek(7));
  const { x, y } = await spotOfPixel(page, 0.5, 0.4);
  const session = await context.newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchEnd') => session.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchStart' ? [{ x, y }] : [] });
  await touch('touchStart');
  await page.waitForTimeout(900);
  await expect(page.getByTestId('probe')).toContainText('from the camera');
  await touch('touchEnd');
  const target = () => page.evaluate(() => window.foursight.getView().target);
  const before = await target();
  // On a busy machine the second tap may come too late to belong to the first.
  await expect(async () => {
    await page.touchscreen.tap(x, y);
    await page.touchscreen.tap(x, y);
    await expect.poll(target, { timeout: 1500 }).not.toEqual(before);
  }).toPass();
  const view = await page.evaluate(() => window.foursight.getView());
  await page.setViewportSize({ width: 844, height: 390 });
  await page.waitForTimeout(500);
  expect((await state(page)).frame).toBe(7);
  expect((await page.evaluate(() => window.foursight.getView())).target.map((v) => v.toFixed(3))).toEqual(view.target.map((v) => v.toFixed(3)));
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(844);
  await context.close();
});

test('a browser that cannot take videos apart says so, and opens scenes all the same', async ({ page }) => {
  await page.addInitScript(() => { delete (globalThis as { VideoDecoder?: unknown }).VideoDecoder; });
  await page.goto('/');
  await expect(page.getByTestId('cannot-compute')).toContainText('use Chrome or Edge on a computer');
  await openTruth(page);
  expect((await state(page)).frameCount).toBe(24);
});
