import { expect, test } from '@playwright/test';
import { NETWORK_NAMES } from '../src/networks/runtime.ts';
import { readNpz } from './npz.ts';
import { runCli, SAMPLE } from './support.ts';

/** SwiftShader imitates the GPU about a hundred times slower than WASM: the smallest run there is. */
const SMALLEST = ['--max-frames', '3', '--size', '64', '--tracks', '16'];

test('every network gives the same on WebGPU as on WASM', async ({}, info) => {
  test.setTimeout(600_000);
  const scenes = [];
  for (const backend of ['wasm', 'webgpu']) {
    const out = info.outputPath(`${backend}.npz`);
    const { status, stdout, stderr } = await runCli('reconstruct', SAMPLE, ...SMALLEST, '--backend', backend, '--out', out, '--json');
    expect(status, stderr).toBe(0);
    const { devices } = JSON.parse(stdout) as { devices: Record<string, string> };
    // A GPU whose answer to the probe differs from WASM's is not trusted, and a fallback would say so: "wasm (why)".
    for (const network of NETWORK_NAMES) expect(devices[network]).toMatch(new RegExp(`on ${backend}$`));
    scenes.push(readNpz(out).arrays);
  }
  const [wasm, webgpu] = scenes as [(typeof scenes)[0], (typeof scenes)[0]];
  const differences = (name: string, relative = false) => Array.from(wasm[name]!.values, (v, i) => {
    const difference = Math.abs(v - webgpu[name]!.values[i]!);
    return relative ? difference / Math.max(1e-6, Math.abs(v)) : difference;
  }).sort((a, b) => a - b);
  const high = (values: number[]) => values[Math.floor(values.length * 0.95)]!;
  expect(webgpu.depth!.shape).toEqual(wasm.depth!.shape);
  expect(high(differences('tracks_uv')), 'tracks, px').toBeLessThan(0.1);
  expect(high(differences('depth', true)), 'depth, relative').toBeLessThan(0.05);
  expect(high(differences('intrinsics', true)), 'focal length, relative').toBeLessThan(0.02);
});
