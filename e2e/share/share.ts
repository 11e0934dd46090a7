// What the journeys of sharing have in common.

import { createServer } from 'node:http';
import { expect, type Browser, type Page } from '@playwright/test';
import { drop, fileAt, fillPlan } from '../app.ts';
import { SAMPLE } from '../support.ts';

/** Drops the sample clip and lets it be reconstructed: the sizes that a test has time for. */
export async function reconstruct(page: Page): Promise<void> {
  await page.goto('/');
  await drop(page, fileAt(SAMPLE));
  await expect(page.getByTestId('plan')).toBeVisible();
  await fillPlan(page, { frames: 5, tracks: 64 });
  await page.getByTestId('plan-start').click();
  await page.waitForFunction(() => window.foursight.getState().ready, null, { timeout: 420_000 });
}

/** Presses Share to the end; gives the link to this moment. */
export async function share(page: Page, contents = 'thumbnails', prepare: () => Promise<void> = async () => {}): Promise<string> {
  await page.keyboard.press('Shift+S');
  // What is checked already counts as checked though nobody sees it: whether the dialog is there has to be asked.
  await expect(page.getByTestId('share')).toBeVisible();
  await page.getByTestId(`share-${contents}`).check();
  await prepare();
  await page.getByTestId('share-create').click();
  await expect(page.getByTestId('share-link')).toBeVisible({ timeout: 60_000 });
  return page.getByTestId('share-link').inputValue();
}

/** A fresh profile at a phone's size. */
export async function onPhone<T>(browser: Browser, work: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion: 'reduce' });
  try {
    return await work(await context.newPage());
  } finally {
    await context.close();
  }
}

/** The scene of the link is there, and the page is at rest. */
export async function arrived(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => window.foursight.getState().ready && window.foursight.getState().phase === 'idle'), { timeout: 60_000 }).toBe(true);
}

/** Somebody else's page, on another origin. */
export function servePage(html: string): Promise<{ url: string; close(): void }> {
  return new Promise((resolve) => {
    const listening = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(html));
    listening.listen(0, '127.0.0.1', () => resolve({
      url: `http://127.0.0.1:${(listening.address() as { port: number }).port}/`,
      close: () => { listening.close(); listening.closeAllConnections(); },
    }));
  });
}
