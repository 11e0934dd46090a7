// The share service under load, on this machine only: 50 clients at once upload and download; then the server is killed in the middle of writing.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readSceneNpz } from '../scene/npz.ts';
import { NEVER_CANCELLED } from '../scene/job.ts';
import { ShareClient, type Sending } from '../share/client.ts';
import { encodeCompact } from '../share/compact.ts';
import { PNG_CODEC } from '../share/png-codec.ts';

const CLIENTS = 50;
const ROUNDS = 3;

export interface ShareBench {
  readonly clients: number;
  readonly sceneMB: number;
  readonly uploadsPerSec: number;
  readonly uploadMBPerSec: number;
  readonly downloadsPerSec: number;
  readonly downloadMBPerSec: number;
  /** Resident memory of the server: at rest, and most during the first and the last of three rounds, which have to be alike. */
  readonly idleMB: number;
  readonly firstPeakMB: number;
  readonly lastPeakMB: number;
  /** After the kill: scenes whole, scenes not there, and anything else (which must be 0). */
  readonly whole: number;
  readonly absent: number;
  readonly broken: number;
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
      downloadsPerSec: CLIENTS / downloadSecs, downloadMBPerSec: (CLIENTS * megabytes) / downloadSecs, idleMB, firstPeakMB: peaks[0], lastPeakMB: peaks[ROUNDS - 1], whole, absent, broken,
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

async function startServer(folder: string): Promise<{ child: ChildProcess; origin: string }> {
  const args = [resolve('src/setup/run.mjs'), resolve('src/server/main.ts'), '--host', '127.0.0.1', '--port', '0', '--app', folder, '--data', join(folder, 'data'), '--requests-per-minute', '1000000', '--uploads-per-hour', '1000000'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const origin = await new Promise<string>((found, failed) => {
    child.stdout.on('data', (chunk) => { const address = /at (http:\S+)\//.exec(String(chunk)); if (address) found(address[1]); });
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
