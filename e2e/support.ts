// What several journeys need: the sample and its truth, images made from it, and the command line as a process.

import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';
import { readSceneNpz, writeSceneNpz } from '../src/scene/npz.ts';
import type { Scene } from '../src/scene/scene.ts';

export const ROOT = fileURLToPath(new URL('../', import.meta.url));
export const SAMPLE = `${ROOT}public/samples/room.mp4`;
export const fixture = (name: string): string => `${ROOT}e2e/fixtures/${name}`;

/** The scene that the sample was rendered from. */
export const readTruth = (): Scene => readSceneNpz(readFileSync(`${ROOT}public/samples/room-truth.npz`));

/** The same at half the size, every second pixel: where the processor draws, journeys through the viewer take half as long with it. */
export function readHalfTruth(): Scene {
  const scene = readTruth();
  const { width: W, height: H, tracks } = scene;
  const halved = <A extends Uint8Array | Float32Array>(map: A, channels = 1): A => map.filter((_, i) => {
    const pixel = Math.floor(i / channels);
    return pixel % W % 2 === 0 && Math.floor(pixel / W) % H % 2 === 0;
  }) as A;
  return {
    ...scene, width: W / 2, height: H / 2, rgb: halved(scene.rgb, 3), depth: halved(scene.depth), confidence: halved(scene.confidence),
    mask: halved(scene.mask), maskNow: halved(scene.maskNow), tracks: { ...tracks, uv: tracks.uv.map((px) => px / 2) },
    cameras: scene.cameras.map((camera) => ({ ...camera, fx: camera.fx / 2, fy: camera.fy / 2, cx: camera.cx / 2, cy: camera.cy / 2 })),
  };
}

/** A scene as a file to choose or drop. */
export const npzFile = (scene: Scene, name: string): { name: string; mimeType: string; buffer: Buffer } =>
  ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(writeSceneNpz(scene)) });

/** One true frame as a PNG file. */
export function framePng({ rgb, width, height }: Scene, frame: number): Buffer {
  const png = new PNG({ width, height });
  for (let i = 0; i < width * height; i++) {
    const from = (frame * width * height + i) * 3;
    png.data.set([rgb[from]!, rgb[from + 1]!, rgb[from + 2]!, 255], i * 4);
  }
  return PNG.sync.write(png);
}

export interface CliEnd { readonly status: number | null; readonly stdout: string; readonly stderr: string }

/** Starts the command line on the built app. */
export function startCli(args: readonly string[]): { child: ChildProcess; end: Promise<CliEnd> } {
  const child = spawn(process.execPath, ['--import', 'tsx', `${ROOT}src/cli/main.ts`, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => { text.stdout += chunk; });
  child.stderr.on('data', (chunk) => { text.stderr += chunk; });
  return { child, end: new Promise((resolve) => child.on('close', (status) => resolve({ status, ...text }))) };
}

export const runCli = (...args: string[]): Promise<CliEnd> => startCli(args).end;
