// npm run foursight -- COMMAND: sets up, builds when the sources changed, then runs the command line.

import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled, ROOT } from './install.mjs';
import { runTypeScript } from './run.mjs';

const args = process.argv.slice(2);
// npm runs scripts in the project's folder; the person's paths are relative to where they typed.
if (process.env.npm_lifecycle_event === 'foursight') process.chdir(process.env.INIT_CWD ?? '.');
ensureInstalled();
// Only the commands that open the page need it built.
if (['reconstruct', 'flow', 'track', 'pointmap'].includes(args[0])) ensureBuilt();
await runTypeScript(join(ROOT, 'src/cli/main.ts'), args);
