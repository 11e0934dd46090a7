// What several journeys need: the sample and its truth, images made from it, and the command line as a process.

import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';
import { readSceneNpz } from '../src/scene/npz.ts';
import type { Scene } from '../src/scene/scene.ts';

export const ROOT = fileURLToPath(new URL('../', import.meta.url));
export const SAMPLE = `${ROOT}public/samples/room.mp4`;
export const fixture = (name: string): string => `${ROOT}e2e/fixtures/${name}`;

/** The scene that the sample was rendered from. */
export const readTruth = (): Scene => readSceneNpz(readFileSync(`${ROOT}public/samples/room-truth.npz`));

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
