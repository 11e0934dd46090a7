// Exports opened by the programs that they are made for. Those that are not installed are passed over, with a word.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { placeCamera, placeWorld } from './axes.ts';
import type { FormatName } from './index.ts';
import { filesOf, options, scene } from './test-scene.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const CHECK = fileURLToPath(new URL('blender-check.py', import.meta.url));
const { width: W, height: H, frameCount: T, times } = scene;
const LOOKS = [0, 4, T - 1];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'foursight-programs-'));
  writeFileSync(join(folder, 'spec.json'), JSON.stringify({ size: [W, H], frames: LOOKS, seconds: LOOKS.map((t) => times[t] - times[0]) }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function unpack(name: FormatName): Promise<string> {
  const out = join(folder, name);
  for (const [path, bytes] of await filesOf(name)) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), bytes);
  }
  return out;
}

const runs = (program: string, ...args: string[]) => spawnSync(program, args, { stdio: 'ignore', timeout: 60_000 }).status === 0;

/** Blender itself, and further lines of it as Python modules: FOURSIGHT_BPY names a Python that can import bpy. */
const BLENDERS: readonly (readonly [name: string, found: boolean, command: readonly string[]])[] = [
  ['Blender (Debian: apt install blender)', runs('blender', '--version'), ['blender', '--background', '--factory-startup', '--python', CHECK]],
  ['the bpy module (FOURSIGHT_BPY)', process.env.FOURSIGHT_BPY !== undefined && runs(process.env.FOURSIGHT_BPY, '-c', 'import bpy'), [process.env.FOURSIGHT_BPY ?? '', CHECK]],
];

interface Facts {
  readonly version: string;
  readonly unsupported?: true;
  /** Horizontal field of view, radians. */
  readonly view: number;
  readonly kept: readonly string[];
  readonly tracks: number;
  readonly static: number;
  readonly colours: boolean;
  readonly fps: number;
  readonly range: readonly [number, number];
  readonly background: boolean;
  readonly looks: readonly { readonly camera: readonly number[]; readonly moments: readonly string[]; readonly pixels: readonly (readonly [number, number])[] }[];
}

function askBlender([program, ...args]: readonly string[], kind: 'glb' | 'script' | 'usd', file: string): { facts: Facts; picture: string } {
  const picture = join(folder, `${kind}.png`);
  const { stdout, stderr } = spawnSync(program, [...args, '--', kind, file, join(folder, 'spec.json'), picture], { encoding: 'utf8', timeout: 200_000, maxBuffer: 2 ** 26 });
  const line = /^FOURSIGHT (.*)$/m.exec(stdout)?.[1];
  if (!line) throw new Error(`Blender said nothing of the import: ${stdout.slice(-1500)}${stderr.slice(-1500)}`);
  return { facts: JSON.parse(line) as Facts, picture };
}

/** Where Blender's camera stands and what it sees, at each moment. */
function expectCameraAndPoints({ looks }: Facts): void {
  expectCamera(looks);
  looks.forEach(({ moments, pixels }, i) => {
    expect(moments).toHaveLength(1);
    expect(Number(/\d+/.exec(moments[0])![0])).toBe(LOOKS[i]);
    expect(pixels.length).toBeGreaterThan(50);
    // Every point is the middle of a pixel of this frame that moves.
    for (const [u, v] of pixels) {
      expect(Math.abs(u - Math.floor(u) - 0.5) + Math.abs(v - Math.floor(v) - 0.5)).toBeLessThan(0.1);
      expect(scene.mask[(LOOKS[i] * H + Math.floor(v)) * W + Math.floor(u)]).toBe(1);
    }
  });
}

function expectCamera(looks: Facts['looks']): void {
  const place = placeWorld(scene, 'z-up', options.up);
  looks.forEach(({ camera }, i) => {
    const m = placeCamera(place, scene.cameras[LOOKS[i]], 'opengl');
    [3, 7, 11].forEach((k, axis) => expect(camera[axis]).toBeCloseTo(m[k], 4));
  });
  expect(looks[0].camera).not.toEqual(looks[2].camera);
}

const hasColmap = runs('colmap', 'help');

describe.skipIf(!hasColmap)(`in COLMAP (Debian: apt install colmap)${hasColmap ? '' : ', which is not here'}`, () => {
  it('the text model is read with its cameras, points and observations, and comes back as a binary one', async () => {
    const model = join(await unpack('colmap'), 'sparse', '0');
    const said = spawnSync('colmap', ['model_analyzer', '--path', model], { encoding: 'utf8', timeout: 100_000 });
    const value = (name: string) => Number(new RegExp(`${name}: ([\\d.]+)`).exec(said.stdout + said.stderr)?.[1]);
    expect([value('Cameras'), value('Registered images')]).toEqual([1, T]);
    expect(value('Points')).toBeGreaterThan(10_000);
    expect(value('Observations')).toBeGreaterThan(500);
    expect(value('Mean reprojection error')).toBeLessThan(1);
    const binary = join(folder, 'binary');
    mkdirSync(binary);
    expect(spawnSync('colmap', ['model_converter', '--input_path', model, '--output_path', binary, '--output_type', 'BIN'], { stdio: 'ignore', timeout: 100_000 }).status).toBe(0);
    expect(readFileSync(join(binary, 'points3D.bin')).readBigUInt64LE()).toBe(BigInt(value('Points')));
  });
});

for (const [name, found, command] of BLENDERS) {
  describe.skipIf(!found)(`in ${name}${found ? '' : ', which is not here'}`, () => {
    it('the GLB opens with its moving camera, its moments one at a time, and the trails', async () => {
      const { facts } = askBlender(command, 'glb', join(await unpack('glb'), 'scene.glb'));
      expectCameraAndPoints(facts);
      expect(facts).toMatchObject({ colours: true, kept: ['Camera', 'Cube', 'Light'] });
      expect(facts.static).toBeGreaterThan(10_000);
      expect(facts.tracks).toBeGreaterThan(100);
    });

    it('USDA opens with its moving camera, clouds and tracks', async ({ skip }) => {
      const { facts } = askBlender(command, 'usd', join(await unpack('usda'), 'scene.usda'));
      skip(facts.unsupported === true, 'this Blender is built without USD');
      expectCamera(facts.looks);
      expect(facts.view).toBeCloseTo(2 * Math.atan(W / 2 / scene.cameras[0].fx), 3);
      expect(facts.static).toBeGreaterThan(10_000);
      expect(facts).toMatchObject({ colours: true, tracks: expect.any(Number) });
      expect(facts.tracks).toBeGreaterThan(20);
    });

    it('the import script makes camera, clouds and tracks, keeps what was there, and draws the frame again', async () => {
      const { facts, picture } = askBlender(command, 'script', join(await unpack('blender'), 'import_foursight.py'));
      expectCameraAndPoints(facts);
      expect(facts).toMatchObject({ colours: true, background: true, kept: ['Camera', 'Cube', 'Light'], range: [0, T - 1], fps: expect.closeTo((T - 1) / (times[T - 1] - times[0]), 3) });
      expect(facts.tracks).toBeGreaterThan(20);
      // Trails lie over the lower part; above, the picture is the recorded one.
      const { data, width, height } = PNG.sync.read(readFileSync(picture));
      expect([width, height]).toEqual([W, H]);
      const apart: number[] = [];
      let covered = 0;
      for (let y = 0; y < H / 3; y++) {
        for (let x = 0; x < W; x++) {
          const i = 4 * (y * W + x);
          if (data[i + 3] < 250) continue;
          covered++;
          for (let c = 0; c < 3; c++) apart.push(Math.abs(data[i + c] - scene.rgb[3 * (((T - 1) * H + y) * W + x) + c]));
        }
      }
      expect(covered / ((W * H) / 3)).toBeGreaterThan(0.7);
      expect(apart.reduce((a, b) => a + b, 0) / apart.length).toBeLessThan(20);
    });
  });
}
