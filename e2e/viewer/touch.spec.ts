// Fingers: one turns, two pinch and pan, a drag draws; everything is large enough to hit, from small phones to the largest screens.

import { expect, test, type Browser, type CDPSession, type Page } from '@playwright/test';
import { findTrail, openTruth } from './scene.ts';

interface Phone { readonly page: Page; readonly session: CDPSession }

async function onPhone(browser: Browser, baseURL: string | undefined, work: (phone: Phone) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ baseURL, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await openTruth(page);
  await work({ page, session: await context.newCDPSession(page) });
  await context.close();
}

type Finger = readonly [number, number];

/** Fingers go down at the first places and move through the others. */
async function drag({ session }: Phone, ...places: readonly (readonly Finger[])[]): Promise<void> {
  const points = (fingers: readonly Finger[]) => fingers.map(([x, y], id) => ({ x, y, id }));
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: points(places[0]) });
  for (const fingers of places.slice(1)) await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: points(fingers) });
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

const between = (from: Finger, to: Finger, share: number): Finger => [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
const view = (page: Page) => page.evaluate(() => window.foursight.getView());
const length = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((v, k) => v - b[k]));

test('one finger turns the view, two pinch it and move it', async ({ browser, baseURL }) => {
  await onPhone(browser, baseURL, async (phone) => {
    const { page } = phone;
    const first = await view(page);
    await drag(phone, [[200, 300]], [[220, 300]], [[260, 305]], [[280, 310]]);
    await expect.poll(async () => length((await view(page)).eye, first.eye)).toBeGreaterThan(0.05);
    const turned = await view(page);
    expect(length(turned.target, first.target)).toBeLessThan(1e-3);
    expect(length(turned.eye, turned.target)).toBeCloseTo(length(first.eye, first.target), 2);

    // Fingers apart: closer.
    const steps = [0, 0.2, 0.4, 0.6, 0.8, 1];
    await drag(phone, ...steps.map((s): Finger[] => [between([180, 300], [100, 260], s), between([210, 300], [290, 340], s)]));
    const apart = async () => { const { eye, target } = await view(page); return length(eye, target); };
    await expect.poll(apart).toBeLessThan(0.8 * length(turned.eye, turned.target));

    // Both to one side: the centre moves along.
    const near = await view(page);
    await drag(phone, ...steps.map((s): Finger[] => [between([150, 300], [230, 300], s), between([220, 330], [300, 330], s)]));
    await expect.poll(async () => length((await view(page)).target, near.target)).toBeGreaterThan(0.05);
  });
});

test('a finger draws the box that keeps trails', async ({ browser, baseURL }) => {
  await onPhone(browser, baseURL, async (phone) => {
    const { page } = phone;
    const all = await page.evaluate(() => window.foursight.shownTracks());
    await page.getByTestId('sheet-handle').tap();
    await page.getByTestId('tab-tracks').tap();
    await page.getByTestId('tool-box').tap();
    // The panels make room for it.
    await expect(page.locator('.side')).toHaveAttribute('data-stop', 'low');
    const before = await view(page);
    await expect.poll(async () => (await page.locator('main').boundingBox())!.height).toBeGreaterThan(500);
    const { track, x, y } = await findTrail(page);
    await drag(phone, [[x - 40, y - 40]], [[x, y]], [[x + 40, y + 40]]);
    await expect.poll(async () => (await page.evaluate(() => window.foursight.shownTracks())).length).toBeLessThan(all.length);
    expect(await page.evaluate(() => window.foursight.shownTracks())).toContain(track);
    expect(length((await view(page)).eye, before.eye)).toBeLessThan(1e-6);
  });
});

test('what fingers press is 44 px high or more, in every panel', async ({ browser, baseURL }) => {
  await onPhone(browser, baseURL, async ({ page }) => {
    const small = () => page.evaluate(() => [...document.querySelectorAll<HTMLElement>('button:not(.link), select, input[type=range], input[type=checkbox], summary')].filter((e) => e.offsetParent).flatMap((e) => {
      const { width, height } = (e.matches('[type=checkbox]') ? e.closest('label')! : e).getBoundingClientRect();
      return width < 44 || height < 44 ? [`${e.dataset.testid ?? e.className} ${width} × ${height}`] : [];
    }));
    expect(await small()).toEqual([]);
    await page.getByTestId('sheet-handle').tap();
    for (const tab of ['look', 'tracks', 'measure', 'about']) {
      await page.getByTestId(`tab-${tab}`).tap();
      expect(await small(), tab).toEqual([]);
    }
    await page.keyboard.press('PageDown');
    expect(await small(), 'inspector').toEqual([]);
    await page.getByTestId('show-capture').tap();
    expect(await small(), 'pictures and videos').toEqual([]);
  });
});

test('fits the smallest phone and the largest screen without sideways scroll', async ({ page }) => {
  await openTruth(page);
  for (const [width, height] of [[360, 640], [640, 400], [1024, 768], [3840, 2160]] as const) {
    await page.setViewportSize({ width, height });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    const stage = (await page.locator('main').boundingBox())!;
    expect(stage.width * stage.height, `${width} × ${height}`).toBeGreaterThan((width <= 760 ? 0.5 : 0.45) * width * height);
    // What is pressed most lies in view.
    for (const name of ['play', 'mode-all', 'through', 'help']) {
      const box = (await page.getByTestId(name).boundingBox())!;
      expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height, `${name} at ${width} × ${height}`).toBe(true);
    }
  }
});
