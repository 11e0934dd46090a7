// A page with parts of the platform in it, from the sources: what the app shows only as a whole can be tried one by one.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test as base } from '@playwright/test';
import { createServer } from 'vite';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CLIPS = `${ROOT}../shared/data/clips/`;
/** A development clip, or null where they are not at hand (they may not be given away). */
export const clip = (name: string): string | null => (existsSync(CLIPS + name) ? CLIPS + name : null);

export const test = base.extend<object, { labUrl: string }>({
  labUrl: [async ({}, use) => {
    const server = await createServer({ root: ROOT, configFile: `${ROOT}vite.config.ts`, server: { port: 0, hmr: false, watch: null }, cacheDir: `${ROOT}node_modules/.vite-lab`, logLevel: 'error',
      optimizeDeps: { entries: ['e2e/networks/page.html'] } });
    await server.listen();
    await use(`${server.resolvedUrls!.local[0]}e2e/networks/page.html`);
    await server.close();
  }, { scope: 'worker' }],
  page: async ({ page, labUrl }, use) => {
    // On a busy machine the page once did not come: one of the two hundred requests to the development server may hang.
    await expect(async () => {
      await page.goto(labUrl, { timeout: 30_000 });
      await page.waitForFunction(() => 'lab' in window, null, { timeout: 30_000 });
    }).toPass({ timeout: 150_000 });
    await use(page);
  },
});
export { expect };
