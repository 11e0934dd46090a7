// npm start: serves the built app and the share service in one process.

import { fileURLToPath } from 'node:url';
import { createApp } from './app.ts';
import { readConfig, USAGE, type Config } from './config.ts';
import { openDisk } from './disk.ts';
import { openS3 } from './s3.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PREFERRED_PORT = 4173;

const config = settings();
const storage = await (config.s3 ? openS3(config.s3) : openDisk(config.data)).catch((error: Error) => fail(`The storage for shared scenes cannot be opened: ${error.message}`));
const server = await createApp(config, storage);
await listen().catch((error: Error) => fail(`The server could not start: ${error.message}`));
const { port } = server.server.address() as { port: number };
console.log(`Foursight is at http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}/ (Ctrl-C stops it)`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop());

/** A port that was asked for by number has to be that one; the preferred one may move. */
async function listen(): Promise<void> {
  try {
    await server.listen({ host: config.host, port: config.port ?? PREFERRED_PORT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || config.port !== null) throw error;
    await server.listen({ host: config.host, port: 0 });
  }
}

/** Requests under way are finished, new ones refused; whoever hangs is cut off. */
async function stop(): Promise<void> {
  setTimeout(() => process.exit(0), 5000).unref();
  await server.close();
  process.exit(0);
}

function settings(): Config {
  try {
    return readConfig(process.argv.slice(2), process.env, ROOT);
  } catch (error) {
    return fail(`${(error as Error).message} Use: ${USAGE}`);
  }
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
