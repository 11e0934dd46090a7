// What everybody can use: no serious fault that axe finds, a sheet of keys, the phone's layout.

import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { SAMPLE } from '../support.ts';
import { openTruth, state } from './scene.ts';

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
  await page.getByTestId('theme').click();
  await expectNoSeriousFault(page, 'inspector, light');
});

test('tells its keys and finds commands by name', async ({ page }) => {
  await openTruth(page);
  await page.keyboard.press('?');
  await expect(page.getByTestId('help-sheet')).toContainText('Play or pause');
  await page.keyboard.press('Escape');
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
