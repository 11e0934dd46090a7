// Makes a fresh clone ready: dependencies as the lock file names them. Needs nothing but Node.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Installs when node_modules does not hold what the lock file asks for; otherwise touches nothing. */
export function ensureInstalled() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) fail(`Foursight needs Node 20.19 or newer; this is ${process.versions.node}. Get it at https://nodejs.org.`);
  if (isInstalled()) return;
  console.error('Installing dependencies (once) …');
  // Nothing we use needs its install script, and running none is safer.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const done = npm && /\.c?js$/.test(npm)
    ? spawnSync(process.execPath, [npm, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, { cwd: ROOT, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (done.status !== 0) fail('The dependencies could not be installed; npm said why above. Check the network and try again.');
}

/** Compares contents, not times: a checkout gives files new times. */
function isInstalled() {
  const present = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(present)) return false;
  const wanted = readPackages(join(ROOT, 'package-lock.json'));
  const have = readPackages(present);
  return Object.entries(wanted).every(([name, entry]) => {
    if (name === '' || entry.link) return true;
    // Packages for other systems are optional and rightly missing.
    return have[name] ? have[name].version === entry.version : Boolean(entry.optional);
  });
}

const readPackages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/** One sentence, then out. */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** Runs a tool of node_modules in this Node; returns its exit status. Its output goes to stderr where `quiet` asks for a clean stdout. */
export function runTool(script, args, { quiet = false, env = {} } = {}) {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'node_modules', script), ...args], {
    cwd: ROOT, stdio: ['ignore', quiet ? 2 : 1, 2], env: { ...process.env, ...env },
  });
  return status ?? 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) ensureInstalled();
