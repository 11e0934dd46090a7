// Time by mouse and by keys: loop range, speed, loop modes, keys of a camera move, and playing by itself.

import { expect, test, type Page } from '@playwright/test';
import { openTruth, state } from './scene.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const range = async (page: Page) => [await page.getByTestId('loop-start').getAttribute('aria-valuenow'), await page.getByTestId('loop-end').getAttribute('aria-valuenow')].map(Number);

test('loops a part that was chosen by dragging, by brackets or by the arrows of its handles', async ({ page }) => {
  await openTruth(page);
  const box = (await page.getByTestId('scrub').boundingBox())!;
  const at = (share: number) => [box.x + share * box.width, box.y + 20] as const;
  await page.mouse.move(...at(0.002));
  await page.mouse.down();
  await page.mouse.move(...at(0.25), { steps: 4 });
  await page.mouse.up();
  expect(await range(page)).toEqual([6, 23]);
  await page.getByTestId('loop-end').focus();
  for (let k = 0; k < 3; k++) await page.keyboard.press('ArrowLeft');
  expect(await range(page)).toEqual([6, 20]);
  await page.keyboard.press('\\');
  expect(await range(page)).toEqual([0, 23]);

  await page.evaluate(() => window.foursight.seek(4));
  await page.keyboard.press('[');
  await page.keyboard.press('.');
  await page.keyboard.press('.');
  await page.keyboard.press(']');
  expect(await range(page)).toEqual([4, 6]);
  // Controls stay usable while it plays, and it stays inside.
  await page.keyboard.press('Space');
  const seen = new Set<number>();
  for (let k = 0; k < 12; k++) {
    seen.add((await state(page)).frame);
    await page.waitForTimeout(60);
  }
  expect(Math.min(...seen)).toBeGreaterThanOrEqual(4);
  expect(Math.max(...seen)).toBeLessThanOrEqual(6);
  expect(seen.size).toBeGreaterThan(1);
});

test('goes slower and faster, changes the way it loops, and steps by ten', async ({ page }) => {
  await openTruth(page);
  const speed = page.getByTestId('speed');
  await page.keyboard.press('<');
  await expect(speed).toHaveValue('0.5');
  await page.keyboard.press('>');
  await page.keyboard.press('>');
  await expect(speed).toHaveValue('1.5');
  await speed.selectOption('0.1');
  await page.getByTestId('loop').click();
  await expect(page.getByTestId('loop')).toHaveAttribute('aria-label', /ping-pong/);
  await page.locator('main canvas').first().focus();
  await page.keyboard.press('Shift+ArrowRight');
  await page.getByTestId('step-next').click();
  expect((await state(page)).frame).toBe(11);
  await page.keyboard.press('End');
  expect((await state(page)).frame).toBe(23);
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowLeft');
  expect((await state(page)).frame).toBe(0);
});

test('follows views that were set for moments, and takes them back', async ({ page }) => {
  await openTruth(page);
  const eye = () => page.evaluate(() => window.foursight.getView().eye);
  await page.keyboard.press('Shift+K');
  const first = await eye();
  await page.evaluate(() => window.foursight.seek(12));
  for (let k = 0; k < 3; k++) await page.keyboard.press('k');
  await page.keyboard.press('Shift+K');
  const second = await eye();
  await expect(page.getByTestId('keyframe')).toHaveCount(2);
  await page.getByTestId('follow-keys').click();
  await page.evaluate(() => window.foursight.seek(6));
  const middle = await eye();
  const away = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((v, k) => v - b[k]));
  expect(away(middle, first)).toBeGreaterThan(0.2 * away(first, second));
  expect(away(middle, second)).toBeGreaterThan(0.2 * away(first, second));
  await page.getByTestId('follow-keys').click();
  await page.getByTestId('keyframe').first().click();
  expect((await state(page)).frame).toBe(0);
  await expect.poll(async () => away(await eye(), first)).toBeLessThan(1e-3);
  await page.keyboard.press('Control+z');
  await expect(page.getByTestId('keyframe')).toHaveCount(1);
});

test('keeps a note to a moment, shows it there, and lets it go', async ({ page }) => {
  await openTruth(page);
  await page.evaluate(() => window.foursight.seek(5));
  await page.keyboard.press('Shift+N');
  await page.keyboard.type('Here it turns');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('note-text')).toHaveText('1 / 1  Here it turns');
  await page.keyboard.press('.');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save').click()]);
  await page.getByTestId('file-input').setInputFiles(await download.path());
  await expect(page.getByTestId('note-mark')).toHaveCount(1);
  await page.getByTestId('note-mark').click();
  expect((await state(page)).frame).toBe(5);
  await expect(page.getByTestId('note-text')).toHaveText('1 / 1  Here it turns');
  await page.getByTestId('note-delete').click();
  await expect(page.getByTestId('note-mark')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(page.getByTestId('note-mark')).toHaveCount(1);
});

test('plays by itself where nobody asked for less motion', async ({ browser, baseURL }) => {
  const page = await (await browser.newContext({ baseURL, reducedMotion: 'no-preference' })).newPage();
  await openTruth(page);
  expect((await state(page)).playing).toBe(true);
  await page.close();
});
