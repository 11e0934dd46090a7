// npm test: sets itself up (a browser included), then unit tests, build, and the journeys in the browser; one line sums it up.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { ensureBrowser } from './browser.mjs';
import { ensureInstalled, runTool } from './install.mjs';

ensureInstalled();
const browser = await ensureBrowser();
const results = mkdtempSync(join(tmpdir(), 'foursight-test-'));
const unitFile = join(results, 'unit.json');
const journeyFile = join(results, 'journeys.json');

const unitStatus = runTool('vitest/vitest.mjs', ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${unitFile}`]);
build();
const journeyStatus = runTool('@playwright/test/cli.js', ['test', '-c', 'e2e/playwright.config.ts', '--reporter=list,json'], {
  env: { CHROME_PATH: browser, PLAYWRIGHT_JSON_OUTPUT_FILE: journeyFile },
});

const unit = readCounts(unitFile, (r) => ({ passed: r.numPassedTests, failed: r.numFailedTests, skipped: r.numPendingTests + r.numTodoTests }));
const journeys = readCounts(journeyFile, ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }));
rmSync(results, { recursive: true });
// A suite that broke before it could count (a syntax error, a server that did not start) is one failure.
const failed = Math.max(unit.failed, unitStatus ? 1 : 0) + Math.max(journeys.failed, journeyStatus ? 1 : 0);
const skipped = unit.skipped + journeys.skipped;
if (skipped) console.log(`${skipped} skipped`);
console.log(`${unit.passed + journeys.passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;

function readCounts(file, pick) {
  try {
    return pick(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
