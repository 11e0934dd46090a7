// node run.mjs FILE.ts ARGS: sets up, then runs a TypeScript file in this process, so that signals and exit status are its own.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled, fail } from './install.mjs';

export async function runTypeScript(file, args) {
  const { register } = await import('tsx/esm/api');
  register();
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [file, ...args] = process.argv.slice(2);
  if (!file) fail('Use: node src/setup/run.mjs FILE.ts [ARGUMENTS]');
  ensureInstalled();
  await runTypeScript(resolve(file), args);
}
