import { defineConfig } from '@playwright/test';
import { ensureBrowser, launchArgs } from '../src/setup/browser.mjs';

/** Two checkouts may be tested side by side. */
const PORT = Number(process.env.E2E_PORT ?? 4199);

/** Here networks run, and they take every core there is. */
const NETWORKS = ['**/e2e/*.spec.ts', '**/networks/*.spec.ts', '**/share/share.spec.ts', '**/viewer/masks.spec.ts'];

export default defineConfig({
  testDir: '.',
  outputDir: 'results',
  workers: 2,
  projects: [
    { name: 'networks', testMatch: NETWORKS, workers: 1 },
    { name: 'viewer', testIgnore: NETWORKS, dependencies: ['networks'] },
  ],
  // The networks run on the CPU here, and a busy machine may be several times slower than a free one.
  timeout: 240_000,
  // Now and then a key gets lost on a busy machine. What passes only when it is tried again is listed as flaky.
  retries: 1,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  use: {
    baseURL: `http://localhost:${PORT}`,
    viewport: { width: 1100, height: 700 },
    launchOptions: { executablePath: await ensureBrowser(), args: launchArgs({ webgpu: true }) },
    screenshot: 'only-on-failure',
  },
  webServer: {
    command: `node ../src/setup/start.mjs --port ${PORT}`,
    url: `http://localhost:${PORT}`,
    reuseExistingServer: false,
    timeout: 120_000,
  },
});
