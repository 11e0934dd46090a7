// Which trails are on show: of what lies in a box, known for long, sure enough; and how they are drawn.

import { expect, test, type Page } from '@playwright/test';
import { npzFile, readHalfTruth } from '../support.ts';
import { findTrail, openTruth, state } from './scene.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

test.beforeEach(async ({ page }) => {
  await openTruth(page);
  await page.getByTestId('tab-tracks').click();
});

const shown = (page: Page): Promise<readonly number[]> => page.evaluate(() => window.foursight.shownTracks());

/** Tracks on show whose point of this frame is seen within a box, by where it is drawn in the video (shares of its sides). */
const seenInVideo = (page: Page, box: readonly number[]) => page.evaluate(([left, top, right, bottom]) => {
  const { tracks: { uv, visible }, width: W, height: H, frameCount: T } = window.foursight.getScene()!;
  const { frame } = window.foursight.getState();
  return window.foursight.shownTracks().filter((track) => {
    const k = track * T + frame;
    const [x, y] = [uv[2 * k] / W, uv[2 * k + 1] / H];
    return visible[k] === 1 && x > left && x < right && y > top && y < bottom;
  });
}, box);

async function drag(page: Page, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move((from[0] + to[0]) / 2, to[1]);
  await page.mouse.move(...to);
  await page.mouse.up();
}

test('keeps the trails of what lies in a box over the view, until Escape, and over a reload', async ({ page }) => {
  const all = await shown(page);
  const { track, x, y } = await findTrail(page);
  const around = 60;
  const inside = await page.evaluate(([px, py, r]) => {
    const canvas = document.querySelector('main canvas')!.getBoundingClientRect();
    const { tracks: { visible }, frameCount: T } = window.foursight.getScene()!;
    return window.foursight.shownTracks().filter((id) => {
      const spot = window.foursight.trackSpot(id);
      return spot && visible[id * T] === 1 && Math.abs(canvas.left + spot.x - px) < r && Math.abs(canvas.top + spot.y - py) < r;
    });
  }, [x, y, around] as const);
  await page.getByTestId('tool-box').click();
  await expect(page.getByTestId('tool-hint')).toContainText('Drag a box');
  await drag(page, [x + around, y - around], [x - around, y + around]);
  expect(inside).toContain(track);
  expect(inside.length).toBeLessThan(all.length);
  expect(await shown(page)).toEqual(inside);
  await expect(page.getByTestId('trail-box')).toContainText('in the box at frame 0');
  await expect(page.getByTestId('tool-hint')).toBeHidden();

  await page.reload();
  await page.getByTestId('continue').click();
  await expect.poll(() => shown(page)).toEqual(inside);
  await page.keyboard.press('Escape');
  expect(await shown(page)).toEqual(all);
  await page.keyboard.press('Control+z');
  expect(await shown(page)).toEqual(inside);
  await page.getByTestId('tab-tracks').click();
  await page.getByTestId('trail-box-clear').click();
  expect(await shown(page)).toEqual(all);
  await expect(page.getByTestId('trail-box')).toBeHidden();
});

test('keeps the trails of what lies in a box on the video', async ({ page }) => {
  await page.evaluate(() => window.foursight.seek(10));
  const all = await shown(page);
  const left = await seenInVideo(page, [0.02, 0.02, 0.5, 0.98]);
  expect(left.length).toBeGreaterThan(0);
  expect(left.length).toBeLessThan(all.length);
  await page.keyboard.press('Shift+X');
  const box = (await page.getByTestId('video').boundingBox())!;
  await drag(page, [box.x + 0.02 * box.width, box.y + 0.02 * box.height], [box.x + 0.5 * box.width, box.y + 0.98 * box.height]);
  const kept = await shown(page);
  expect(kept).toEqual(left);
  expect((await state(page)).selected).toEqual([]);
  await expect(page.getByTestId('trail-box')).toContainText('at frame 10');
  // A click is no box, and says so.
  await page.keyboard.press('Shift+X');
  await page.mouse.click(box.x + 1, box.y + 1);
  await expect(page.getByTestId('toast')).toContainText('No track is seen in that box');
  await page.keyboard.press('Escape');
  expect(await shown(page)).toEqual(kept);
  await page.keyboard.press('Control+z');
  expect(await shown(page)).toEqual(all);
});

test('moves the box by keys alone', async ({ page }) => {
  const all = await shown(page);
  await page.keyboard.press('Shift+X');
  const corners = () => page.locator('.lasso polygon').evaluate((line) => line.getAttribute('points')!.split(' ').map((p) => p.split(',').map(Number)));
  const [[x0, y0], , [x1, y1]] = await corners();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowUp');
  const [[left, top], , [right, bottom]] = await corners();
  expect([right - left, bottom - top].map(Math.round)).toEqual([x1 - x0 + 20, y1 - y0 + 20].map(Math.round));
  expect([left, top].map(Math.round)).toEqual([x0 - 30, y0 + 10].map(Math.round));
  expect((await state(page)).frame).toBe(0);
  await page.keyboard.press('Enter');
  const kept = await shown(page);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThan(all.length);
  for (const track of kept) {
    const spot = (await page.evaluate((id) => window.foursight.trackSpot(id), track))!;
    expect(spot.x > left && spot.x < right && spot.y > top && spot.y < bottom).toBe(true);
  }
  await page.keyboard.press('Control+k');
  await page.getByTestId('palette-input').fill('trails of everything');
  await page.keyboard.press('Enter');
  await expect.poll(() => shown(page)).toEqual(all);
});

test('shows fewer trails the longer and the surer they have to be, and draws them longer and wider', async ({ page }) => {
  // Some tracks are known for a while only, some are unsure.
  const scene = readHalfTruth();
  const { tracks: { xyz, confidence }, frameCount: T } = scene;
  const [brief, unsure] = [[3, 4, 5], [6, 7]];
  for (const track of brief) xyz!.fill(NaN, track * T * 3, (track * T + 12) * 3);
  for (const track of unsure) confidence.fill(0.5, track * T, (track + 1) * T);
  await page.getByTestId('file-input').setInputFiles(npzFile(scene, 'tracks.npz'));
  await expect.poll(async () => (await state(page)).ready).toBe(true);
  await page.getByTestId('tab-tracks').click();
  const moving = await shown(page);
  await page.getByTestId('all-trails').check();
  const all = await shown(page);
  expect(all.length).toBeGreaterThan(moving.length);
  expect(all).toEqual(expect.arrayContaining([...brief, ...unsure]));
  const without = (some: readonly number[]) => all.filter((track) => !some.includes(track));
  await page.getByTestId('trail-min-frames').focus();
  await page.keyboard.press('End');
  expect(await shown(page)).toEqual(without(brief));
  await page.keyboard.press('Home');
  await page.getByTestId('trail-min-confidence').focus();
  await page.keyboard.press('End');
  expect(await shown(page)).toEqual(without(unsure));
  await page.keyboard.press('Home');
  expect(await shown(page)).toEqual(all);

  await page.evaluate(() => window.foursight.seek(20));
  const view = page.locator('main canvas').first();
  for (const [name, field, most] of [['trail-length', 'trailLength', 24], ['trail-width', 'trailWidth', 6]] as const) {
    const before = await view.screenshot();
    await page.getByTestId(name).focus();
    await page.keyboard.press('End');
    expect((await page.evaluate(() => window.foursight.getLook()))[field]).toBe(most);
    await expect.poll(async () => Buffer.compare(await view.screenshot(), before)).not.toBe(0);
  }
});
