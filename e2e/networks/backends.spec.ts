import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import type { Backend } from '../../src/scene/options.ts';
import { NETWORK_NAMES, type NetworkName } from '../../src/networks/runtime.ts';
import { expect, ROOT, test } from './lab.ts';

/** What PyTorch answers to the probe, every so many values (`stride`): written by models/export beside the networks. */
interface Fixture {
  readonly tolerance: number;
  readonly outputs: Readonly<Record<string, { readonly dims: readonly number[]; readonly stride: number; readonly values: readonly number[] }>>;
}

/** Loads networks on a backend and asks them the probe. */
async function ask(page: Page, backend: Backend, names: readonly NetworkName[]) {
  return page.evaluate(async ({ backend, names }) => {
    const runtime = new window.lab.OrtRuntime(backend, `${location.origin}/models/`);
    const answers = [];
    for (const name of names) {
      const model = await runtime.load(name);
      const outputs = await model.run(window.lab.probeInputs(name));
      answers.push({ name, device: model.device, version: model.version, outputs: Object.fromEntries(Object.entries(outputs).map(([k, { data, dims }]) => [k, { dims: [...dims], data: [...data] }])) });
    }
    await runtime.dispose();
    return answers;
  }, { backend, names: [...names] });
}

test('every network gives in the browser what PyTorch gave', async ({ page }) => {
  for (const { name, device, outputs } of await ask(page, 'wasm', NETWORK_NAMES)) {
    expect(device).toBe('wasm');
    const { tolerance, outputs: truth } = JSON.parse(readFileSync(`${ROOT}models/fixtures/${name}.json`, 'utf8')) as Fixture;
    for (const [key, { dims, stride, values }] of Object.entries(truth)) {
      expect(outputs[key]!.dims, `${name} ${key}`).toEqual(dims);
      const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
      const differences = values.map((v, i) => Math.abs(v - outputs[key]!.data[i * stride]!) / largest).sort((a, b) => a - b);
      // One of two equal peaks may win elsewhere in a matcher, so a few values are free.
      expect(differences[Math.floor(0.95 * (values.length - 1))], `${name} ${key}`).toBeLessThan(tolerance);
    }
  }
});

test('an imitated GPU is not chosen, and the reason is kept', async ({ page }) => {
  const [answer] = await ask(page, 'auto', ['pointmap']);
  expect(answer!.device).toMatch(/^wasm \(.*software\)$/);
});

test('a network that is not there is said so', async ({ page }) => {
  const error = await page.evaluate(() => new window.lab.OrtRuntime('wasm', `${location.origin}/nowhere/`).load('flow').then(() => null, ({ code, message }) => ({ code, message })));
  // The development server answers every address with the page.
  expect(error).toMatchObject({ code: 'network/load-failed', message: expect.stringContaining('catalog.json') });
});
