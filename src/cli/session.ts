// The pipeline of the page, driven from here: a local server, a headless browser, one request.

import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright';
import { FoursightError, type ErrorCode } from '../scene/errors.ts';
import type { StageProgress } from '../scene/job.ts';
import { ensureBrowser, launchArgs } from '../setup/browser.mjs';
import { sendFile, serve, type Served } from '../setup/serve.mjs';
import { CliError, EXIT } from './exit.ts';
import { MemoryWatch } from './memory.ts';
import type { OutputFile } from './output-file.ts';
import type { PageRequest, RunFacts } from './protocol.ts';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const PAGE = 'src/cli/page.html';
/** A busy page may not answer at once when the browser is asked to close. */
const CLOSE_LIMIT_MS = 3000;

export interface PageJob {
  readonly command: PageRequest['command'];
  readonly files: readonly string[];
  readonly output: OutputFile;
  readonly options: PageRequest['options'];
  readonly queries?: PageRequest['queries'];
  readonly signal: AbortSignal;
  onProgress(progress: StageProgress): void;
}

export interface JobOutcome extends RunFacts {
  readonly peakMemoryBytes: number | null;
}

/** Runs one job in the headless page; the output file is complete and in place afterwards, or was never there. */
export async function runInPage(job: PageJob): Promise<JobOutcome> {
  await job.output.check();
  const memory = new MemoryWatch();
  const token = randomUUID();
  let server: Served | null = null;
  let browser: Browser | null = null;
  try {
    server = await serve({ folder: DIST, host: '127.0.0.1', handlers: [exchange(`/${token}`, job)] });
    browser = await chromium.launch({
      executablePath: await ensureBrowser(), args: launchArgs({ webgpu: job.options.backend === 'webgpu' }),
      // Signals are ours: Playwright would end the process before the cleaning up.
      handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false,
    });
    const facts = await Promise.race([ask(await browser.newPage(), server.url, token, job), untilAborted(job.signal)]);
    await memory.sample();
    await job.output.commit();
    return { ...facts, peakMemoryBytes: memory.peakBytes };
  } finally {
    memory.stop();
    await Promise.race([browser?.close(), new Promise((resolve) => setTimeout(resolve, CLOSE_LIMIT_MS).unref())]);
    await server?.close();
    await job.output.discard();
  }
}

async function ask(page: Page, url: string, token: string, job: PageJob): Promise<RunFacts> {
  const crashed = new Promise<never>((_, reject) => {
    page.on('crash', () => reject(new CliError(EXIT.failed, 'The browser ran out of memory or crashed; try fewer frames (--max-frames) or a smaller --size.')));
    page.on('close', () => reject(new CliError(EXIT.failed, 'The browser was closed from outside.')));
  });
  if (process.env.FOURSIGHT_LOG) page.on('console', (message) => process.stderr.write(`[page] ${message.text()}\n`));
  const answered = (async () => {
    await page.exposeFunction('foursightProgress', job.onProgress);
    await page.goto(url + PAGE);
    await page.waitForFunction(() => 'foursightRun' in window);
    const request: PageRequest = {
      command: job.command, options: job.options, queries: job.queries ?? [], output: `/${token}/output`,
      inputs: job.files.map((file, i) => ({ name: basename(file), url: `/${token}/input/${i}` })),
    };
    return page.evaluate((r) => window.foursightRun(r), request);
  })();
  const reply = await Promise.race([answered, crashed]);
  if (!reply.ok) throw new FoursightError(reply.code as ErrorCode, reply.message, reply.hint);
  return reply.facts;
}

/** Gives the page its inputs and takes the result, under a path that no other page can guess. */
function exchange(prefix: string, job: PageJob) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const path = request.url ?? '';
    if (!path.startsWith(`${prefix}/`)) return false;
    const input = job.files[Number(/\/input\/(\d+)$/.exec(path)?.[1])];
    if (request.method === 'GET' && input) await sendFile(input, (await stat(input)).size, request, response);
    else if (request.method === 'POST' && path === `${prefix}/output`) {
      await job.output.append(request);
      response.writeHead(204).end();
    } else response.writeHead(404).end();
    return true;
  };
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new FoursightError('job/cancelled', 'Stopped; nothing was written.'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}
