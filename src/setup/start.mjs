// npm start: sets itself up, builds, then serves the app and the share service on localhost and prints the address.

import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled, ROOT } from './install.mjs';
import { runTypeScript } from './run.mjs';

ensureInstalled();
ensureBuilt();
await runTypeScript(join(ROOT, 'src/server/main.ts'), process.argv.slice(2));
