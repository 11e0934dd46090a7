import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli } from './cli.ts';
import { encodeFlo } from './flo.ts';
import { expandInputs } from './inputs.ts';
import { treeBytes } from './memory.ts';
import { OutputFile } from './output-file.ts';
import { overallFraction } from './progress.ts';

let folder: string;
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'foursight-cli-')); });
afterEach(() => rm(folder, { recursive: true }));

/** Runs a command that ends before any browser is needed. */
async function run(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const text = { out: '', err: '' };
  const catcher = (name: 'out' | 'err') => (chunk: unknown) => { text[name] += String(chunk); return true; };
  const spies = [vi.spyOn(process.stdout, 'write').mockImplementation(catcher('out')), vi.spyOn(process.stderr, 'write').mockImplementation(catcher('err'))];
  try {
    return { status: await runCli(argv, new AbortController().signal), ...text };
  } finally {
    spies.forEach((spy) => spy.mockRestore());
  }
}

describe('ends before the browser', () => {
  it('3 for an input that is not there', async () => {
    const { status, err } = await run('reconstruct', join(folder, 'none.mp4'), '--out', join(folder, 'a.npz'));
    expect(status).toBe(3);
    expect(err).toMatch(/^Cannot read ".*none\.mp4": there is no such file or folder\.\n$/);
  });

  it('2 for an output folder that is not there', async () => {
    await writeFile(join(folder, 'a.mp4'), 'x');
    const { status, err } = await run('reconstruct', join(folder, 'a.mp4'), '--out', join(folder, 'no', 'a.npz'));
    expect([status, err]).toEqual([2, expect.stringContaining('make it first')]);
  });

  it('3 for a scene that is none, 2 for an export format that is not there, and --json says so too', async () => {
    await writeFile(join(folder, 'a.npz'), 'not a zip');
    expect((await run('info', join(folder, 'a.npz'))).status).toBe(3);
    expect(await run('export', join(folder, 'a.npz'), '--to', 'xyz', '--out', 'b')).toMatchObject({ status: 2, err: expect.stringContaining('available formats') });
    const failed = await run('reconstruct', '--json');
    expect(JSON.parse(failed.out)).toEqual({ ok: false, error: failed.err.trim() });
  });

  it.each([['no json', '{'], ['no list', '{}'], ['two numbers', '[[0, 1]]'], ['half a frame', '[[0.5, 1, 1]]']])('3 for queries with %s', async (_, text) => {
    await writeFile(join(folder, 'q.json'), text);
    const { status, err } = await run('track', join(folder, 'a.mp4'), '--queries', join(folder, 'q.json'), '--out', join(folder, 't.npz'));
    expect([status, err]).toEqual([3, expect.stringContaining('[[0, 120.5, 64.5]]')]);
  });
});

describe('export', () => {
  const scene = fileURLToPath(new URL('../../public/samples/room-truth.npz', import.meta.url));
  const to = (format: string, name: string, ...more: string[]) => run('export', scene, '--to', format, '--out', join(folder, name), ...more);

  it('writes one file with its description, a zip, or a folder, by the name of --out', async () => {
    expect((await to('tum', 'path.txt')).status).toBe(0);
    expect((await to('masks', 'm.zip')).status).toBe(0);
    expect((await to('csv', 'tables')).status).toBe(0);
    expect((await readdir(folder)).sort()).toEqual(['m.zip', 'path.txt', 'path.txt.export.json', 'tables']);
    expect((await readdir(join(folder, 'tables'))).sort()).toEqual(['README.txt', 'cameras.csv', 'export.json', 'tracks.csv']);
    expect((await readFile(join(folder, 'path.txt'), 'utf8')).split('\n')[0]).toBe('0 0 0 0 0 0 0 1');
  });

  it('2 for a name that fits another format, a folder that is not empty, axes that are none', async () => {
    await mkdir(join(folder, 'full', 'x'), { recursive: true });
    expect(await to('glb', 'a.ply')).toMatchObject({ status: 2, err: expect.stringContaining('.glb') });
    expect(await to('colmap', 'full')).toMatchObject({ status: 2, err: expect.stringContaining('not empty') });
    expect(await to('ply', 'a.ply', '--axes', 'up')).toMatchObject({ status: 2, err: expect.stringContaining('y-up') });
    expect(await readdir(folder)).toEqual(['full']);
  });
});

describe('inputs', () => {
  const names = (paths: string[]) => paths.map((path) => path.slice(folder.length + 1));

  it('reads folders and globs of images in natural order', async () => {
    for (const name of ['f10.png', 'f2.png', 'f1.png', 'notes.txt', '.hidden.png']) await writeFile(join(folder, name), '');
    expect(names(await expandInputs([folder]))).toEqual(['f1.png', 'f2.png', 'f10.png']);
    expect(names(await expandInputs([join(folder, 'f1*.png')]))).toEqual(['f1.png', 'f10.png']);
    expect(names(await expandInputs(['f10.png', 'f2.png'].map((n) => join(folder, n))))).toEqual(['f2.png', 'f10.png']);
  });

  it('refuses what is no sequence', async () => {
    await mkdir(join(folder, 'empty'));
    await writeFile(join(folder, 'a.mp4'), '');
    await writeFile(join(folder, 'b.mp4'), '');
    await expect(expandInputs([join(folder, 'empty')])).rejects.toThrow('holds no images');
    await expect(expandInputs([join(folder, '*.mp4')])).rejects.toThrow('not an image');
    await expect(expandInputs([join(folder, '*', 'x.png')])).rejects.toThrow('only the last part');
    await expect(expandInputs([join(folder, '*.gif')])).rejects.toThrow('no file matches');
  });
});

describe('outputs', () => {
  it('appear whole or not at all', async () => {
    const output = new OutputFile(join(folder, 'a.npz'));
    await output.append(Readable.from([Buffer.from('ab')]));
    await output.append(Readable.from([Buffer.from('c')]));
    expect(await readdir(folder)).not.toContain('a.npz');
    await output.commit();
    expect(await readdir(folder)).toEqual(['a.npz']);
    const lost = new OutputFile(join(folder, 'b.npz'));
    await lost.append(Readable.from([Buffer.from('x')]));
    await lost.discard();
    expect(await readdir(folder)).toEqual(['a.npz']);
  });

  it('.flo has Middlebury\'s layout', () => {
    const bytes = encodeFlo(2, 1, Float32Array.of(1, 2, 3, -4));
    const view = new DataView(bytes.buffer);
    // 202021.25 read as a float is the format's own check for byte order.
    expect(view.getFloat32(0, true)).toBe(202021.25);
    expect([view.getInt32(4, true), view.getInt32(8, true), view.getFloat32(24, true), bytes.length]).toEqual([2, 1, -4, 28]);
  });

  it('progress of the stages adds up to one', () => {
    expect(overallFraction({ stage: 'decode', fraction: 0, note: '' })).toBe(0);
    expect(overallFraction({ stage: 'assemble', fraction: 1, note: '' })).toBeCloseTo(1);
  });

  it.runIf(process.platform === 'linux')('memory of this process is told', async () => {
    expect(await treeBytes(process.pid)).toBeGreaterThan(1e6);
  });
});
