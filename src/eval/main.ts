// Accuracy on the development data.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseCatalogue } from '../networks/catalogue.ts';
import { createCachedRuntime } from './cached-runtime.ts';
import { readCommandLine } from './command-line.ts';
import { createNodeRuntime } from './node-runtime.ts';
import { formatTable } from './report.ts';
import type { EvalSettings, SuiteResult } from './settings.ts';

/** Loaded when asked for, so that measuring the networks does not need the solver. */
const SUITES: Readonly<Record<string, (settings: EvalSettings) => Promise<SuiteResult[]>>> = {
  networks: async (s) => (await import('./suites/networks.ts')).evaluateNetworks(s),
  masks: async (s) => (await import('./suites/masks.ts')).evaluateMasks(s),
  solve: async (s) => (await import('./suites/solve.ts')).evaluateSolve(s),
  clues: async (s) => (await import('./suites/clues.ts')).writeClues(s),
  ablation: async (s) => (await import('./suites/ablation.ts')).evaluateAblation(s),
};

const USAGE = `Usage: npm run eval -- [${Object.keys(SUITES).join('|')} ...] [options]
Without a suite: networks, masks and solve.
  --data DIR        development data (../shared/data)
  --models DIR      network files (public/models)
  --frames N        frames per clip (24)
  --size PX         longer side of the frames (384)
  --only NAME       only clips whose name contains NAME
  --networks truth  rendered truth instead of networks (shipped)
  --cache DIR       keeps what the networks said, so that a change of the solver is measured without running them again
  --threads N       threads of the networks (2)
  --json FILE       writes the tables as JSON too
  --out DIR         where clues go, or the solved scenes, to look at`;

const { values, positionals } = readCommandLine(USAGE, {
  data: { type: 'string', default: '../shared/data' }, models: { type: 'string', default: 'public/models' },
  frames: { type: 'string', default: '24' }, size: { type: 'string', default: '384' }, threads: { type: 'string', default: '2' },
  only: { type: 'string', default: '' }, networks: { type: 'string', default: 'shipped' }, cache: { type: 'string' }, json: { type: 'string' }, out: { type: 'string' },
});
// Only when asked for: the ablation solves every clip seven times, and the clues are for training.
const wanted = positionals.length > 0 ? positionals : Object.keys(SUITES).filter((name) => name !== 'ablation' && name !== 'clues');
const unknown = wanted.filter((name) => !(name in SUITES));
if (unknown.length > 0) {
  console.error(`Unknown suite ${unknown.join(', ')}; there are ${Object.keys(SUITES).join(', ')}.`);
  process.exit(2);
}
const data = existsSync(values.data) ? resolve(values.data) : null;
if (!data) console.log(`There is no development data at ${values.data}: only the sample clip that ships with the app is measured. Point to the data with --data DIR.\n`);

const models = resolve(values.models);
const live = createNodeRuntime(models, Number(values.threads));
const runtime = values.cache ? createCachedRuntime(live, resolve(values.cache), parseCatalogue(readFileSync(join(models, 'catalog.json'), 'utf8'))) : live;
const settings: EvalSettings = {
  data, sample: resolve('public/samples/room-truth.npz'), runtime, frames: Number(values.frames), size: Number(values.size), only: values.only, out: values.out ? resolve(values.out) : null,
  networks: values.networks === 'truth' ? 'truth' : 'shipped',
  log: (line) => console.error(line),
};
const results: SuiteResult[] = [];
for (const name of wanted) {
  for (const result of await SUITES[name]!(settings)) {
    results.push(result);
    console.log(`\n## ${result.title}\n\n${formatTable(result.headers, result.rows)}${result.note ? `\n\n${result.note}` : ''}`);
  }
}
if (values.json) writeFileSync(values.json, JSON.stringify(results, null, 1));
await runtime.dispose();
