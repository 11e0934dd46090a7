// Builds dist/ when something that goes into it is newer.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ROOT, runTool } from './install.mjs';

const INPUTS = ['src', 'public', 'index.html', 'embed.html', 'vite.config.ts', 'package-lock.json'];
export const DIST = join(ROOT, 'dist');

export function ensureBuilt() {
  const built = join(DIST, 'index.html');
  if (existsSync(built) && INPUTS.every((path) => newestTime(join(ROOT, path)) <= statSync(built).mtimeMs)) return;
  build();
}

/** Speaks on stderr only: stdout belongs to the command that asked. */
export function build() {
  console.error('Building the app …');
  // The second round makes the viewer that goes into exported pages.
  for (const mode of ['production', 'standalone']) {
    if (runTool('vite/bin/vite.js', ['build', '--mode', mode, '--logLevel', 'warn'], { quiet: true }) !== 0) fail('The build failed; the reason stands above.');
  }
}

function newestTime(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return /\.test\.ts$/.test(path) ? 0 : stat.mtimeMs;
  // A folder's own time tells of removed files.
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestTime(join(path, name))));
}
