import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { descendants } from '../src/cli/memory.ts';
import { readNpz } from './npz.ts';
import { fixture, framePng, readTruth, runCli, SAMPLE, startCli } from './support.ts';

const SMALL = ['--max-frames', '4', '--size', '128', '--tracks', '32', '--backend', 'wasm'];

test('reconstruct writes the scene.npz of the contract and reports in one JSON object', async ({}, info) => {
  const out = info.outputPath('a.npz');
  const { status, stdout, stderr } = await runCli('reconstruct', SAMPLE, ...SMALL, '--out', out, '--json');
  expect(status, stderr).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ ok: true, out, frames: 4, width: 128, height: 72, warnings: expect.any(Array), devices: { flow: expect.stringContaining('wasm') } });
  expect(report.timings.total).toBeGreaterThan(0);
  if (process.platform === 'linux') expect(report.peakMemoryBytes).toBeGreaterThan(50e6);

  const { arrays, texts } = readNpz(out);
  const shapes = Object.fromEntries(Object.entries(arrays).map(([name, { dtype, shape }]) => [name, `${dtype} ${shape.join('x')}`]));
  const N = arrays.tracks_mobility!.shape[0]!;
  expect(shapes).toEqual({
    times: '<f8 4', rgb: '|u1 4x72x128x3', depth: '<f4 4x72x128', confidence: '|u1 4x72x128', mask: '|u1 4x72x128', mask_now: '|u1 4x72x128',
    intrinsics: '<f8 4x4', cam_to_world: '<f8 4x4x4', tracks_uv: `<f4 ${N}x4x2`, tracks_visible: `|u1 ${N}x4`,
    tracks_confidence: `<f4 ${N}x4`, tracks_mobility: `<f4 ${N}`, tracks_xyz: `<f4 ${N}x4x3`,
  });
  expect(JSON.parse(texts['meta.json']!)).toMatchObject({ version: 1, source: { name: 'room.mp4' }, working_size: [128, 72] });
  expect(Array.from({ length: 16 }, (_, i) => arrays.cam_to_world!.values[i])).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  // The frames are the truth's, but for coding.
  const truth = readTruth();
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
  expect(Math.abs(mean(arrays.rgb!.values) - mean(truth.rgb))).toBeLessThan(6);

  const words = await runCli('info', out);
  expect(words).toMatchObject({ status: 0, stdout: expect.stringContaining('4 frames of 128×72 pixels') });
});

test('flow, pointmap and track write what NumPy and Middlebury readers open', async ({}, info) => {
  const truth = readTruth();
  const [a, b, folder] = [info.outputPath('a.png'), info.outputPath('b.png'), info.outputPath('frames')];
  writeFileSync(a, framePng(truth, 0));
  writeFileSync(b, framePng(truth, 1));
  mkdirSync(folder);
  for (let t = 0; t < 4; t++) writeFileSync(`${folder}/${t + 8}.png`, framePng(truth, t));

  const flo = info.outputPath('a.flo');
  expect(await runCli('flow', a, b, '--out', flo)).toMatchObject({ status: 0 });
  const bytes = readFileSync(flo);
  expect([bytes.toString('latin1', 0, 4), bytes.readInt32LE(4), bytes.readInt32LE(8), bytes.length]).toEqual(['PIEH', truth.width, truth.height, 12 + truth.width * truth.height * 8]);

  const points = info.outputPath('p.npz');
  expect(await runCli('pointmap', a, b, '--out', points)).toMatchObject({ status: 0 });
  const { arrays } = readNpz(points);
  const [H, W] = arrays.conf_a!.shape;
  expect(Object.fromEntries(Object.entries(arrays).map(([name, m]) => [name, m.shape]))).toEqual({ pts_a: [H, W, 3], pts_b: [H, W, 3], conf_a: [H, W], conf_b: [H, W] });

  const queries = info.outputPath('q.json');
  writeFileSync(queries, '[[0, 40.5, 30.5], [2, 200, 100]]');
  const tracks = info.outputPath('t.npz');
  expect(await runCli('track', folder, '--queries', queries, '--out', tracks)).toMatchObject({ status: 0 });
  const track = readNpz(tracks).arrays;
  expect(Object.fromEntries(Object.entries(track).map(([name, m]) => [name, m.shape]))).toEqual({ tracks_uv: [2, 4, 2], tracks_visible: [2, 4], tracks_confidence: [2, 4], tracks_mobility: [2] });
  // A track passes through its query, in pixels of the source.
  const uv = track.tracks_uv!.values;
  expect([uv[0], uv[1], uv[12], uv[13]].map((v) => Math.round(v! * 2) / 2)).toEqual([40.5, 30.5, 200, 100]);
});

test('an input that cannot be read ends with 3 and one line', async ({}, info) => {
  const cases: Record<string, string> = {
    'noise.mp4': info.outputPath('noise.mp4'), 'zero.mp4': info.outputPath('zero.mp4'),
    'mpeg4-part2.mp4': fixture('mpeg4-part2.mp4'), 'one-frame.mp4': fixture('one-frame.mp4'),
  };
  writeFileSync(cases['noise.mp4']!, Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251)));
  writeFileSync(cases['zero.mp4']!, '');
  for (const [name, path] of Object.entries(cases)) {
    const out = info.outputPath('never.npz');
    const { status, stderr, stdout } = await runCli('reconstruct', path, ...SMALL, '--out', out);
    expect({ name, status, stdout }, stderr).toEqual({ name, status: 3, stdout: '' });
    expect(stderr.trim().split('\n').at(-1), name).toMatch(/\S.*\.$/);
    expect(readdirSync(info.outputDir)).not.toContain('never.npz');
  }
});

test('Ctrl-C stops at once and leaves neither a file nor a process behind', async ({}, info) => {
  test.skip(process.platform !== 'linux', 'the check of processes reads /proc');
  const { child, end } = startCli(['reconstruct', SAMPLE, '--out', info.outputPath('never.npz'), '--backend', 'wasm']);
  await new Promise<void>((resolve) => child.stderr!.on('data', (chunk) => { if (/flow|tracks|pointmaps/.test(String(chunk))) resolve(); }));
  const started = await descendants(child.pid!);
  expect(started.length).toBeGreaterThan(3);
  child.kill('SIGINT');
  const asked = Date.now();
  const { status, stderr } = await end;
  expect(status).toBe(130);
  expect(Date.now() - asked).toBeLessThan(8000);
  expect(stderr).toContain('Stopped; nothing was written.');
  expect(readdirSync(info.outputDir)).toEqual([]);
  const alive = () => started.filter((pid) => { try { process.kill(pid, 0); return true; } catch { return false; } });
  await expect.poll(alive).toEqual([]);
});
