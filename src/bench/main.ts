// How fast the parts are, on this machine.

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { readCommandLine } from '../eval/command-line.ts';
import { loadSample } from '../eval/datasets/sample.ts';
import { createNodeRuntime } from '../eval/node-runtime.ts';
import { formatTable } from '../eval/report.ts';
import type { NetworkRuntime } from '../networks/runtime.ts';
import type { Options } from '../scene/options.ts';
import type { FrameSource } from '../video/frame-source.ts';
import { benchKernels } from './kernels.ts';
import type { ViewerBench } from './viewer.ts';

const USAGE = `Usage: npm run bench -- [viewer|share|engines] [options]
"viewer" measures only the page, "share" only the service, "engines" Gauss–Newton against Adam; without a word: kernels, then every stage on the sample clip.
  --frames N        frames of the sample clip (24)
  --size PX         their longer side (256)
  --threads N       threads of the networks (2)
  --kernels-only    no stages
  --json FILE       writes the figures as JSON too`;

const { values, positionals } = readCommandLine(USAGE, {
  json: { type: 'string' }, frames: { type: 'string', default: '24' }, size: { type: 'string', default: '256' }, threads: { type: 'string', default: '2' },
  'kernels-only': { type: 'boolean', default: false },
});

const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, threads: Number(values.threads) };
if (positionals.includes('viewer')) {
  const { benchViewer } = await import('./viewer.ts');
  const viewer = await benchViewer();
  printViewer(viewer);
  if (values.json) writeFileSync(values.json, JSON.stringify({ machine, viewer }, null, 1));
  process.exit(0);
}
if (positionals.includes('share')) {
  const { benchShare } = await import('./share.ts');
  const result = await benchShare();
  console.log(`## Share service (one process, disk, this machine only)\n\n${formatTable(['measure', 'value'], Object.entries(result))}`);
  if (values.json) writeFileSync(values.json, JSON.stringify({ share: result }, null, 1));
  process.exit(0);
}

if (positionals.includes('engines')) {
  const { benchEngines } = await import('./engines.ts');
  const engines = await onSample(benchEngines);
  const { start, gaussNewton, adam, adamAfter } = engines;
  console.log(`## Bundle adjustment of the sample clip (${values.frames} frames, ${values.size} px)\n\n${formatTable(['engine', 'secs', 'objective'], [
    ['start', null, start], ['Gauss–Newton', gaussNewton.secs, gaussNewton.objective], ['Adam in tfjs, 300 steps', adam.secs, adam.objective],
    ...adamAfter.map((a) => [`Adam after ${a.times} x as long`, a.times * gaussNewton.secs, a.objective]),
  ])}`);
  if (values.json) writeFileSync(values.json, JSON.stringify({ machine, engines }, null, 1));
  process.exit(0);
}

const kernels = benchKernels();
console.log(`## Kernels\n\n${formatTable(['kernel', 'ours ms', 'plain ms', 'times faster'], kernels.map((k) => [k.name, k.oursMs, k.plainMs, k.plainMs / k.oursMs]))}\n`);

const stages = values['kernels-only'] ? [] : await measureStages();
if (stages.length > 0) {
  const total = stages.reduce((sum, s) => sum + s.secs, 0);
  const rows = stages.map((s) => [s.stage, s.secs, (100 * s.secs) / total, s.peakBytes / 1e6]);
  console.log(`## Stages (sample clip, ${values.frames} frames, ${values.size} px, WASM, ${machine.threads} threads)\n\n${formatTable(['stage', 'secs', '%', 'memory MB'], [...rows, ['total', total, 100, Math.max(...stages.map((s) => s.peakBytes)) / 1e6]])}`);
}
if (values.json) writeFileSync(values.json, JSON.stringify({ machine, kernels, stages }, null, 1));

async function measureStages() {
  const { benchStages } = await import('./stages.ts');
  return onSample(benchStages);
}

/** Runs a bench of the pipeline on the sample clip with the embedded networks. */
async function onSample<R>(bench: (source: FrameSource, runtime: NetworkRuntime, options: Partial<Options>) => Promise<R>): Promise<R> {
  const runtime = createNodeRuntime(resolve('public/models'), machine.threads);
  try {
    return await bench(loadSample(resolve('public/samples/room-truth.npz')).source, runtime, { maxFrames: Number(values.frames), size: Number(values.size) });
  } finally {
    await runtime.dispose();
  }
}

function printViewer({ renderer, pictures, seek, memoryMB, drawnInPausedSecs }: ViewerBench): void {
  console.log(`## Viewer (drawn by: ${renderer})\n`);
  console.log(formatTable(['points', 'plain ms', 'shaded ms'], pictures.map((p) => [String(p.points), p.plainMs, p.shadedMs])));
  console.log(`\nSeek to another frame, drawn (${seek.points} points): ${seek.ms.toFixed(1)} ms`);
  console.log(`Memory of the page: ${memoryMB.afterFirst.toFixed(0)} MB with one scene, ${memoryMB.afterTen.toFixed(0)} MB after ten more`);
  console.log(`Pictures drawn in ${drawnInPausedSecs.secs} s of pause: ${drawnInPausedSecs.pictures}`);
}
