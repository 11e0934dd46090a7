// npm run eval [networks|masks|solve ...] [-- --data DIR --frames 24 --size 384 --only NAME --networks truth --json FILE]

import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createNodeRuntime } from './node-runtime.ts';
import { formatTable } from './report.ts';
import type { EvalSettings, SuiteResult } from './settings.ts';

/** Loaded when asked for, so that measuring the networks does not need the solver. */
const SUITES: Readonly<Record<string, (settings: EvalSettings) => Promise<SuiteResult[]>>> = {
  networks: async (s) => (await import('./suites/networks.ts')).evaluateNetworks(s),
  masks: async (s) => (await import('./suites/masks.ts')).evaluateMasks(s),
  solve: async (s) => (await import('./suites/solve.ts')).evaluateSolve(s),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', default: '../shared/data' }, models: { type: 'string', default: 'public/models' },
    frames: { type: 'string', default: '24' }, size: { type: 'string', default: '384' }, threads: { type: 'string', default: '2' },
    only: { type: 'string', default: '' }, networks: { type: 'string', default: 'shipped' }, json: { type: 'string' },
  },
});
const wanted = positionals.length > 0 ? positionals : Object.keys(SUITES);
const unknown = wanted.filter((name) => !(name in SUITES));
if (unknown.length > 0) {
  console.error(`Unknown suite ${unknown.join(', ')}; there are ${Object.keys(SUITES).join(', ')}.`);
  process.exit(2);
}
const data = existsSync(values.data) ? resolve(values.data) : null;
if (!data) console.log(`There is no development data at ${values.data}: only the sample clip that ships with the app is measured. Point to the data with --data DIR.\n`);

const runtime = createNodeRuntime(resolve(values.models), Number(values.threads));
const settings: EvalSettings = {
  data, sample: resolve('public/samples/room-truth.npz'), runtime, frames: Number(values.frames), size: Number(values.size), only: values.only,
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
