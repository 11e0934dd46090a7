// The share service under load, on this machine only: 50 clients at once upload and download; then the server is killed in the middle of
// writing; then one on a small disk is filled up.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readSceneNpz } from '../scene/npz.ts';
import { NEVER_CANCELLED } from '../scene/job.ts';
import { ShareClient, type Sending } from '../share/client.ts';
import { encodeCompact } from '../share/compact.ts';
import { PNG_CODEC } from '../share/png-codec.ts';

const CLIENTS = 50;
/** What the server keeps free (scenes.ts). */
const RESERVE_BYTES = 256 * 2 ** 20;
const ROUNDS = 8;

export interface ShareBench {
  readonly clients: number;
  readonly sceneMB: number;
  readonly uploadsPerSec: number;
  readonly uploadMBPerSec: number;
  readonly downloadsPerSec: number;
  readonly downloadMBPerSec: number;
  /** Resident memory of the server: at rest, and most during each round; a leak would climb. */
  readonly idleMB: number;
  readonly peakMB: string;
  /** After the kill: scenes whole, scenes not there, and anything else (which must be 0). */
  readonly whole: number;
  readonly absent: number;
  readonly broken: number;
  /** On a disk that fills up: scenes stored whole, uploads refused with a sentence, anything else (which must be 0); "not measured" where no small disk can be mounted. */
  readonly fullDisk: string;
}

export async function benchShare(): Promise<ShareBench> {
  const folder = await mkdtemp(join(tmpdir(), 'foursight-bench-'));
  for (const name of ['index.html', 'embed.html']) await writeFile(join(folder, name), '<!doctype html><html><head></head><body></body></html>');
  const scene = readSceneNpz(await readFile('public/samples/room-truth.npz'));
  const bytes = await encodeCompact(scene, { contents: 'pictures', title: 'Bench' }, PNG_CODEC, NEVER_CANCELLED, () => {});
  const sending: Sending = { bytes, title: 'Bench', expiryDays: 1, encrypted: false, poster: null };
  let server = await startServer(folder);
  const watch = new MemoryWatch(() => server.origin);
  try {
    const client = new ShareClient(server.origin, 50);
    await share(client, sending);
    const idleMB = await watch.read();
    const peaks: number[] = [];
    let [uploadSecs, downloadSecs] = [0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      watch.start();
      const [scenes, up] = await timed(() => Promise.all(Array.from({ length: CLIENTS }, () => share(client, sending))));
      const [, down] = await timed(() => Promise.all(scenes.map(async ({ id }) => {
        if (!(await isWhole(client, id, bytes.length))) throw new Error('a download is not complete');
      })));
      peaks.push(watch.stop());
      uploadSecs += up / ROUNDS;
      downloadSecs += down / ROUNDS;
    }
    const [whole, absent, broken] = await killInTheMiddle(client, sending, server.child, async () => { server = await startServer(folder); return new ShareClient(server.origin, 50); });
    const megabytes = bytes.length / 1e6;
    return {
      clients: CLIENTS, sceneMB: megabytes, uploadsPerSec: CLIENTS / uploadSecs, uploadMBPerSec: (CLIENTS * megabytes) / uploadSecs,
      downloadsPerSec: CLIENTS / downloadSecs, downloadMBPerSec: (CLIENTS * megabytes) / downloadSecs, idleMB, peakMB: peaks.map((mb) => Math.round(mb)).join(', '), whole, absent, broken, fullDisk: await fillDisk(folder, sending),
    };
  } finally {
    watch.stop();
    server.child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

async function share(client: ShareClient, sending: Sending): Promise<{ id: string }> {
  const upload = await client.announce(client.describe(sending));
  await client.send(sending, upload, () => {});
  return upload;
}

async function isWhole(client: ShareClient, id: string, size: number): Promise<boolean> {
  let got = 0;
  for await (const piece of client.data(await client.info(id))) got += piece.length;
  return got === size;
}

/** Twenty uploads at once, and the server is killed when a few have come through. */
async function killInTheMiddle(client: ShareClient, sending: Sending, child: ChildProcess, restart: () => Promise<ShareClient>): Promise<[number, number, number]> {
  const uploads = await Promise.all(Array.from({ length: 20 }, () => client.announce(client.describe(sending))));
  let done = 0;
  await Promise.all(uploads.map((upload) => client.send(sending, upload, () => {}).then(() => { if (++done === 5) child.kill('SIGKILL'); }, () => {})));
  const again = await restart();
  const ends = await Promise.all(uploads.map(({ id }) => isWhole(again, id, sending.bytes.length).then((ok) => (ok ? 0 : 2), (error: { code?: string }) => (error.code === 'not-found' ? 1 : 2))));
  return [0, 1, 2].map((kind) => ends.filter((end) => end === kind).length) as [number, number, number];
}

/** A disk in memory, in a namespace of the server's own; there is room for ten scenes beside what the server keeps free. */
async function fillDisk(folder: string, sending: Sending): Promise<string> {
  const data = join(folder, 'small');
  await mkdir(data);
  const size = RESERVE_BYTES + 10 * sending.bytes.length;
  const server = await startServer(folder, ['unshare', '-rm', 'sh', '-c', `mount -t tmpfs -o size=${size} none "$0" && exec "$@"`, data], data).catch(() => null);
  if (!server) return 'not measured: no small disk can be mounted here';
  try {
    const client = new ShareClient(server.origin, 5);
    const ends = { stored: 0, refused: 0, other: 0 };
    for (let i = 0; i < 20; i++) {
      await share(client, sending).then(async ({ id }) => { ends[(await isWhole(client, id, sending.bytes.length)) ? 'stored' : 'other']++; },
        (error: { code?: string }) => { ends[error.code === 'no-space' ? 'refused' : 'other']++; });
    }
    return `${ends.stored} stored whole, ${ends.refused} refused as full, ${ends.other} otherwise`;
  } finally {
    server.child.kill('SIGKILL');
  }
}

async function startServer(folder: string, within: readonly string[] = [], data = join(folder, 'data')): Promise<{ child: ChildProcess; origin: string }> {
  const args = [resolve('src/setup/run.mjs'), resolve('src/server/main.ts'), '--host', '127.0.0.1', '--port', '0', '--app', folder, '--data', data, '--requests-per-minute', '1000000', '--uploads-per-hour', '1000000'];
  const [program, ...rest] = [...within, process.execPath, ...args];
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', within.length > 0 ? 'ignore' : 'inherit'] });
  const origin = await new Promise<string>((found, failed) => {
    child.stdout.on('data', (chunk) => { const address = /at (http:\S+)\//.exec(String(chunk)); if (address) found(address[1]); });
    child.on('error', failed);
    child.on('exit', () => failed(new Error('The server did not start.')));
  });
  return { child, origin };
}

class MemoryWatch {
  private peakMB = 0;
  private timer: ReturnType<typeof setInterval> | undefined;
  constructor(private readonly origin: () => string) {}

  async read(): Promise<number> {
    const text = await (await fetch(`${this.origin()}/metrics`)).text();
    return Number(/process_resident_memory_bytes (\d+)/.exec(text)?.[1] ?? 0) / 1e6;
  }

  start(): void {
    this.peakMB = 0;
    this.timer = setInterval(() => void this.read().then((mb) => { this.peakMB = Math.max(this.peakMB, mb); }, () => {}), 200);
  }

  /** The most since the start, MB. */
  stop(): number {
    clearInterval(this.timer);
    return this.peakMB;
  }
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work(), (performance.now() - start) / 1000];
}
