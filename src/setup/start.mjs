// npm start: sets itself up, builds, serves the app on localhost and prints the address.

import { parseArgs } from 'node:util';
import { DIST, ensureBuilt } from './build.mjs';
import { ensureInstalled, fail } from './install.mjs';
import { serve } from './serve.mjs';

const PREFERRED_PORT = 4173;

const { host, port } = readArguments();
ensureInstalled();
ensureBuilt();
// A port that was asked for by number has to be that one; the preferred one may move.
const server = await serve({ folder: DIST, host, port: port ?? PREFERRED_PORT, strict: port !== null }).catch((error) => fail(`The server could not start: ${error.message}`));
console.log(`Foursight is at ${server.url} (Ctrl-C stops it)`);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close().then(() => process.exit(0)));

function readArguments() {
  try {
    const { values } = parseArgs({ options: { host: { type: 'string', default: 'localhost' }, port: { type: 'string' } } });
    const port = values.port === undefined ? null : Number(values.port);
    if (port !== null && !(Number.isInteger(port) && port >= 0 && port < 65536)) fail(`--port is "${values.port}"; it must be a number from 0 to 65535.`);
    return { host: values.host, port };
  } catch (error) {
    return fail(`${error.message} Use: npm start -- [--port N] [--host NAME]`);
  }
}
