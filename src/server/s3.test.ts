import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import S3rver from 's3rver';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ShareClient } from '../share/client.ts';
import { paths } from '../share/protocol.ts';
import { collect, container, makeApp, sending } from './test-server.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe('two server processes on one S3 bucket', () => {
  let s3: S3rver;
  let app: string;
  const processes: ChildProcess[] = [];
  const keys = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };
  let endpoint: string;

  beforeAll(async () => {
    app = await mkdtemp(join(tmpdir(), 'foursight-s3-'));
    await makeApp(join(app, 'app'));
    s3 = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: join(app, 'bucket'), configureBuckets: [{ name: 'scenes', configs: [] }] });
    endpoint = `http://127.0.0.1:${((await s3.run()) as { port: number }).port}`;
  });
  afterAll(async () => {
    for (const child of processes) child.kill('SIGKILL');
    await s3.close();
    await rm(app, { recursive: true, force: true });
  });

  async function start(): Promise<{ child: ChildProcess; origin: string }> {
    const root = fileURLToPath(new URL('../../', import.meta.url));
    const child = spawn(process.execPath, [join(root, 'src/setup/run.mjs'), join(root, 'src/server/main.ts'), '--host', '127.0.0.1', '--port', '0', '--app', join(app, 'app'), '--s3-bucket', 'scenes', '--s3-endpoint', endpoint], { env: { ...process.env, ...keys }, stdio: ['ignore', 'pipe', 'pipe'] });
    processes.push(child);
    let said = '';
    const address = await new Promise<string>((resolve, reject) => {
      child.stderr!.on('data', (chunk) => { said += String(chunk); });
      child.stdout!.on('data', (chunk) => { const found = /at (http:\S+)\//.exec(String(chunk)); if (found) resolve(found[1]); });
      child.on('exit', () => reject(new Error(said)));
    });
    return { child, origin: address };
  }

  it('one is killed during an upload, the upload goes on through the other; a link made on one opens on the other', async () => {
    const [a, b] = await Promise.all([start(), start()]);
    const [onA, onB] = [new ShareClient(a.origin, 5), new ShareClient(b.origin, 5)];
    const s = sending({ bytes: container(2.4e6) });
    const upload = await onA.announce(onA.describe(s));
    await expect(onA.send(s, upload, (done) => { if (done > 0.3) a.child.kill('SIGKILL'); })).rejects.toMatchObject({ code: 'offline' });
    const shares: number[] = [];
    const info = await onB.send(s, upload, (done) => shares.push(done));
    expect(shares[0]).toBeGreaterThan(0);
    const again = await start();
    const onC = new ShareClient(again.origin, 5);
    expect(Buffer.compare(await collect(onC.data(await onC.info(upload.id))), s.bytes)).toBe(0);
    expect((await fetch(again.origin + paths.page(upload.id))).status).toBe(200);
    await onC.remove(upload.id, upload.key);
    await expect(onB.info(upload.id)).rejects.toMatchObject({ code: 'gone' });
    expect(info.poster).toBe(true);
    // Asked to stop, it stops in order.
    again.child.kill('SIGTERM');
    expect(await new Promise((resolve) => again.child.on('exit', resolve))).toBe(0);
  });
});
