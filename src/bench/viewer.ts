// How fast the built page draws: time per picture over the number of points, seeks, memory after many scenes, and rest when paused.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { writeSceneNpz } from '../scene/npz.ts';
import type { Scene } from '../scene/scene.ts';
import { emptyTrackSet } from '../scene/tracks.ts';
import { ensureBrowser, launchArgs } from '../setup/browser.mjs';
import { ensureBuilt, DIST } from '../setup/build.mjs';
import { serve } from '../setup/serve.mjs';

export interface ViewerBench {
  readonly renderer: string;
  /** Plain: while something moves without a graphics card; shaded: at rest, and always with one. */
  readonly pictures: readonly { readonly points: number; readonly plainMs: number; readonly shadedMs: number }[];
  /** From the call to the finished picture of another frame. */
  readonly seek: { readonly points: number; readonly ms: number };
  readonly memoryMB: { readonly afterFirst: number; readonly afterTen: number };
  readonly drawnInPausedSecs: { readonly secs: number; readonly pictures: number };
}

const SIZES = [[640, 480], [1152, 868], [2000, 1500]] as const;
const REPEATS = 7;
const SETTINGS = JSON.stringify({ look: { detail: 'fine', mode: 'frame', style: 'surface' } });

export async function benchViewer(): Promise<ViewerBench> {
  ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'foursight-bench-'));
  const server = await serve({ folder: DIST });
  const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: [...launchArgs(), '--js-flags=--expose-gc', '--enable-precise-memory-info'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    await page.addInitScript(`localStorage.setItem('foursight.settings', ${JSON.stringify(SETTINGS)})`);
    await page.goto(server.url);
    const open = async (scene: Scene) => {
      const path = join(folder, 'wave.npz');
      writeFileSync(path, writeSceneNpz(scene));
      await page.evaluate('window.foursight.close()');
      await page.getByTestId('file-input').setInputFiles(path);
      await page.waitForFunction('window.foursight.getState().ready', undefined, { timeout: 120_000 });
    };
    const pictures = [];
    for (const [width, height] of SIZES) {
      await open(makeWave(width, height, 2));
      const [plain, shaded] = [await timeDraws(page, false), await timeDraws(page, true)];
      pictures.push({ points: await points(page), plainMs: plain, shadedMs: shaded });
    }
    const clip = makeWave(512, 288, 24);
    await open(clip);
    const seek = { points: await points(page), ms: await timeSeeks(page) };
    const drawnInPausedSecs = { secs: 3, pictures: await countIdle(page, 3) };
    const afterFirst = await heapMB(page);
    for (let n = 0; n < 10; n++) await open(clip);
    const renderer = await page.evaluate<string>(`(() => {
      const gl = document.createElement('canvas').getContext('webgl2');
      return String(gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info').UNMASKED_RENDERER_WEBGL));
    })()`);
    return { renderer, pictures, seek, memoryMB: { afterFirst, afterTen: await heapMB(page) }, drawnInPausedSecs };
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const points = (page: Page) => page.evaluate<number>('window.foursight.getState().points');

/** The median, ms. */
async function timeDraws(page: Page, shaded: boolean): Promise<number> {
  const times = await page.evaluate<number[]>(`Array.from({ length: ${REPEATS} }, () => window.foursight.timeDraw(${shaded}))`);
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}

async function timeSeeks(page: Page): Promise<number> {
  const times = await page.evaluate<number[]>(`Array.from({ length: 12 }, (_, k) => {
    const start = performance.now();
    window.foursight.seek((k * 5) % 24);
    window.foursight.timeDraw(false);
    return performance.now() - start;
  })`);
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}

async function countIdle(page: Page, secs: number): Promise<number> {
  const drawn = () => page.evaluate<number>('window.foursight.getState().drawn');
  await page.waitForTimeout(1500);
  const before = await drawn();
  await page.waitForTimeout(secs * 1000);
  return (await drawn()) - before;
}

/** Heap and typed arrays after a collection. */
async function heapMB(page: Page): Promise<number> {
  await page.waitForTimeout(500);
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = (await session.send('Runtime.getHeapUsage')) as { usedSize: number; embedderHeapUsedSize?: number; backingStorageSize?: number };
  await session.detach();
  return (usedSize + (embedderHeapUsedSize ?? 0) + (backingStorageSize ?? 0)) / 1e6;
}

/** A rippled sheet that every pixel sees: as many points as pixels. */
function makeWave(width: number, height: number, frameCount: number): Scene {
  const size = width * height;
  const depth = new Float32Array(frameCount * size);
  const rgb = new Uint8Array(frameCount * size * 3);
  for (let i = 0; i < depth.length; i++) {
    const [x, y, t] = [(i % size) % width, Math.floor((i % size) / width), Math.floor(i / size)];
    depth[i] = 3 + 0.2 * Math.sin((12 * x) / width + 0.3 * t) * Math.cos((9 * y) / height);
    rgb.set([(255 * x) / width, (255 * y) / height, 128], i * 3);
  }
  const pose = Float64Array.from({ length: 16 }, (_, k) => (k % 5 === 0 ? 1 : 0));
  return {
    meta: { title: 'Wave', source: { name: 'wave', sha256: '', frameIndices: [] }, networks: {}, settings: {}, summary: null, timings: {}, peakMemoryBytes: null, warnings: [] },
    metresPerUnit: null, frameCount, width, height, times: Float64Array.from({ length: frameCount }, (_, t) => t / 12),
    cameras: Array.from({ length: frameCount }, (_, frame) => ({ frame, camToWorld: pose, fx: 0.9 * width, fy: 0.9 * width, cx: width / 2, cy: height / 2 })),
    rgb, depth, confidence: new Uint8Array(depth.length).fill(255), mask: new Uint8Array(depth.length), maskNow: new Uint8Array(depth.length), tracks: emptyTrackSet(frameCount),
  };
}
