import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ShareClient } from '../share/client.ts';
import { createKey, encrypt } from '../share/crypto.ts';
import { LIMITS } from '../share/limits.ts';
import { paths } from '../share/protocol.ts';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { openDisk } from './disk.ts';
import { rangeOf } from './routes.ts';
import { Scenes } from './scenes.ts';
import { StorageFull } from './storage.ts';
import { collect, container, makeApp, poster, sending, share as shareBy } from './test-server.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
let server: FastifyInstance;
let origin: string;
let client: ShareClient;

const share = (s: Parameters<typeof shareBy>[0]) => shareBy(s, client);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foursight-server-'));
  await makeApp(join(folder, 'app'));
  server = await createApp({ ...readConfig([], {}, folder), app: join(folder, 'app'), log: 'silent' }, await openDisk(join(folder, 'data')));
  origin = await server.listen({ host: '127.0.0.1', port: 0 });
  client = new ShareClient(origin, 5);
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a shared scene', () => {
  it('comes back byte for byte, by ranges too, and is cached for ever under its hash', async () => {
    const s = sending();
    const { id, info } = await share(s);
    expect(info).toMatchObject({ title: s.title, bytes: s.bytes.length, durationSecs: 2.5, poster: true, encrypted: false });
    expect(Buffer.compare(await collect(client.data(info)), s.bytes)).toBe(0);
    const address = origin + paths.data(id, info.hash);
    const part = await fetch(address, { headers: { Range: 'bytes=524280-524300' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 524280-524300/${s.bytes.length}`]);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(s.bytes.slice(524280, 524301));
    const whole = await fetch(address, { method: 'GET' });
    expect(Object.fromEntries(whole.headers)).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable', 'content-type': 'application/octet-stream', 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff' });
    await whole.arrayBuffer();
    expect((await fetch(address, { headers: { 'If-None-Match': whole.headers.get('etag')! } })).status).toBe(304);
    expect((await fetch(address, { headers: { Range: `bytes=${s.bytes.length}-` } })).status).toBe(416);
  });

  it('is renamed and deleted by its key alone; afterwards it is gone, everywhere', async () => {
    const { id, key, info } = await share(sending());
    await expect(client.rename(id, 'A'.repeat(43), 'mine')).rejects.toMatchObject({ code: 'not-allowed' });
    await expect(client.remove(id, 'A'.repeat(43))).rejects.toMatchObject({ code: 'not-allowed' });
    expect((await client.rename(id, key, '  New\n title ')).title).toBe('New title');
    await client.remove(id, key);
    for (const path of [paths.scene(id), paths.data(id, info.hash), paths.picture(id), paths.page(id), paths.embed(id)]) expect((await fetch(origin + path)).status, path).toBe(410);
    expect((await fetch(`${origin}/oembed?url=${origin}/s/${id}`)).status).toBe(404);
    expect((await readdir(join(folder, 'data', 'blobs', 'scenes', id), { recursive: true })).filter((n) => n !== 'p')).toEqual(['record.json']);
    const page = await (await fetch(origin + paths.page(id))).text();
    expect(page).toContain('This scene is no longer here');
    expect(page).not.toContain('goose');
  });

  it('is there whole or not at all, and an upload goes on where it stopped', async () => {
    const s = sending();
    const upload = await client.announce(client.describe(s));
    const put = (index: number) => fetch(origin + paths.piece(upload.id, index), { method: 'PUT', headers: { Authorization: `Bearer ${upload.key}`, 'Content-Type': 'application/octet-stream' }, body: s.bytes.subarray(index * LIMITS.pieceBytes, (index + 1) * LIMITS.pieceBytes) });
    expect((await put(1)).status).toBe(204);
    await expect(client.info(upload.id)).rejects.toMatchObject({ code: 'not-found' });
    const finish = await fetch(origin + paths.finish(upload.id), { method: 'POST', headers: { Authorization: `Bearer ${upload.key}` } });
    expect([finish.status, await finish.json()]).toEqual([409, expect.objectContaining({ code: 'incomplete' })]);
    const shares: number[] = [];
    const info = await client.send(s, upload, (done) => shares.push(done));
    expect(shares[0]).toBeCloseTo(1 / 3);
    // The answer was lost: asking again changes nothing.
    expect(await client.send(s, upload, () => {})).toEqual(info);
  });

  it('given up on the way, nothing of it stays', async () => {
    const s = sending();
    const upload = await client.announce(client.describe(s));
    const stop = new AbortController();
    await expect(client.send(s, upload, (done) => { if (done > 0) stop.abort(); }, stop.signal)).rejects.toMatchObject({ code: 'job/cancelled' });
    await client.remove(upload.id, upload.key);
    await expect(client.info(upload.id)).rejects.toMatchObject({ code: 'gone' });
    await expect(client.send(s, upload, () => {})).rejects.toMatchObject({ code: 'gone' });
  });

  it('ends when its time is over; uploads that were given up are cleared away', async () => {
    let now = 1e12;
    const scenes = new Scenes(await openDisk(join(folder, 'other')), () => now);
    const s = sending({ bytes: container(100), expiryDays: 1 });
    const request = client.describe(s);
    const [kept, lost] = [await scenes.announce({ ...request, expiryDays: null }), await scenes.announce(request)];
    await scenes.addPiece(kept.id, kept.key, 0, s.bytes);
    await scenes.publish(kept.id, kept.key);
    const day = await scenes.announce(request);
    await scenes.addPiece(day.id, day.key, 0, s.bytes);
    await scenes.publish(day.id, day.key);
    now += 2 * 86_400_000;
    await expect(scenes.info(day.id)).rejects.toMatchObject({ code: 'gone' });
    expect(await scenes.sweep()).toBe(2);
    await expect(scenes.info(lost.id)).rejects.toMatchObject({ code: 'gone' });
    expect((await scenes.info(kept.id)).expiresMs).toBeNull();
    expect(await scenes.sweep()).toBe(0);
  });

  it('may have its scene.npz beside it, byte for byte; nothing else is taken for one', async () => {
    const lossless = zipSync({ 'meta.json': new TextEncoder().encode('{}'), 'depth.npy': [Uint8Array.from({ length: 1.3e6 }, (_, i) => (i * 7919) % 251), { level: 0 }] }) as Uint8Array<ArrayBuffer>;
    const { id, key, info } = await share(sending({ lossless }));
    expect(info.lossless).toEqual({ bytes: lossless.length, hash: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(Buffer.compare(await collect(client.lossless(info)), lossless)).toBe(0);
    expect(Buffer.compare(await collect(client.data(info)), sending().bytes)).toBe(0);
    const part = await fetch(origin + paths.lossless(id, info.lossless!.hash), { headers: { Range: 'bytes=524280-524300' } });
    expect([part.status, part.headers.get('content-disposition')]).toEqual([206, 'attachment; filename="scene.npz"']);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(lossless.slice(524280, 524301));
    expect((await fetch(origin + paths.lossless(id, info.hash))).status).toBe(404);
    await client.remove(id, key);
    expect((await fetch(origin + paths.lossless(id, info.lossless!.hash))).status).toBe(410);
    for (const other of [zipSync({ 'virus.exe': new Uint8Array(9) }), new Uint8Array(700_000)]) await expect(share(sending({ lossless: other as Uint8Array<ArrayBuffer> }))).rejects.toMatchObject({ code: 'bad-request', message: 'This is not the scene.npz of a scene.' });
    const secret = createKey();
    await expect(share(sending({ bytes: await encrypt(container(3000), secret), encrypted: true, poster: null, lossless }))).rejects.toMatchObject({ message: 'The scene.npz is not encrypted as the scene is.' });
  });

  it('encrypted: the server stores noise and its card tells nothing', async () => {
    const bytes = await encrypt(container(3000), createKey());
    const { id, info } = await share(sending({ bytes, encrypted: true, poster: null }));
    expect(info).toMatchObject({ encrypted: true, frames: 0, durationSecs: 0 });
    const page = await (await fetch(origin + paths.page(id))).text();
    expect(page).toContain('A private 4D scene');
    expect(page).not.toContain('goose');
    expect((await fetch(`${origin}/oembed?url=${origin}/s/${id}`)).status).toBe(401);
  });
});

describe('previews', () => {
  it('stand in the served head, escaped', async () => {
    const { id } = await share(sending());
    const response = await fetch(origin + paths.page(id));
    const page = await response.text();
    const tag = (name: string) => new RegExp(`<meta (?:property|name)="${name}" content="([^"]*)">`).exec(page)?.[1];
    expect(tag('og:title')).toBe('Dog &#38; &#60;b&#62;goose&#60;/b&#62; &#34;run&#34;');
    expect(tag('og:image')).toBe(`${origin}/api/scenes/${id}/poster`);
    expect([tag('og:url'), tag('og:image:width'), tag('og:image:height'), tag('og:type'), tag('twitter:card')]).toEqual([`${origin}/s/${id}`, '1200', '630', 'website', 'summary_large_image']);
    expect(page.match(/<title>/g)).toHaveLength(1);
    expect(page).not.toContain('<b>goose');
    expect(response.headers.get('content-security-policy')).toMatch(/script-src 'self'.*frame-ancestors 'self'/);
    const picture = await fetch(tag('og:image')!);
    expect(picture.headers.get('content-type')).toBe('image/png');
    const embed = await fetch(origin + paths.embed(id));
    expect(Object.fromEntries(embed.headers)).toMatchObject({ 'cross-origin-resource-policy': 'cross-origin', 'cross-origin-embedder-policy': 'require-corp', 'content-security-policy': expect.stringMatching(/script-src 'self'.*frame-ancestors \*/) });
  });

  it('the author\'s words are the card\'s, escaped', async () => {
    const { id, info } = await share(sending({ bytes: container(500, { settings: { presentation: { text: 'A dog & a <i>goose</i> meet.' } } }) }));
    expect(info.text).toBe('A dog & a <i>goose</i> meet.');
    expect(await (await fetch(origin + paths.page(id))).text()).toContain('<meta property="og:description" content="A dog &#38; a &#60;i&#62;goose&#60;/i&#62; meet.">');
    for (const meta of [null, 'x', { settings: [] }, { settings: { presentation: 4 } }]) expect((await share(sending({ bytes: container(500, meta) }))).info.text).toBe('');
  });

  it('a moving preview makes the card a video\'s; only silent H.264 is one', async () => {
    const clip = new Uint8Array(await readFile(new URL('../../public/samples/room.mp4', import.meta.url)));
    const { id, info } = await share(sending({ clip }));
    expect(info.clip).toEqual({ width: 256, height: 144 });
    const page = await (await fetch(origin + paths.page(id))).text();
    for (const tag of [['type', 'video.other'], ['video', `${origin}/api/scenes/${id}/clip.mp4`], ['video:type', 'video/mp4'], ['video:width', '256'], ['video:height', '144']]) expect(page).toContain(`<meta property="og:${tag[0]}" content="${tag[1]}">`);
    const video = await fetch(origin + paths.video(id), { headers: { Range: 'bytes=0-99' } });
    expect([video.status, video.headers.get('content-type'), video.headers.get('content-range')]).toEqual([206, 'video/mp4', `bytes 0-99/${clip.length}`]);
    expect(new Uint8Array(await video.arrayBuffer())).toEqual(clip.slice(0, 100));
    await expect(share(sending({ clip: new TextEncoder().encode('<html>'.padEnd(300)) as Uint8Array<ArrayBuffer> }))).rejects.toMatchObject({ code: 'bad-request' });
    const { id: plain } = await share(sending());
    expect(await (await fetch(origin + paths.page(plain))).text()).not.toContain('og:video');
    expect((await fetch(origin + paths.video(plain))).status).toBe(404);
  });

  it('a moment has its own page, card and start', async () => {
    const { id, key } = await share(sending());
    const { moment, start } = await client.addMoment(id, key, '#t=1.5&c=o,0,0,1,20,10,3,50&x=AAAAAAAAAAAAAAAAAAAAAA&src=https://evil.example/&y=sd"><script>', poster);
    expect(start).toBe('#t=1.5&c=o,0,0,1,20,10,3,50&v=1');
    const page = await (await fetch(origin + paths.momentPage(id, moment))).text();
    expect(page).toContain('<meta name="foursight:start" content="#t=1.5&#38;c=o,0,0,1,20,10,3,50&#38;v=1">');
    expect(page).toContain(`<meta property="og:image" content="${origin}/api/scenes/${id}/moments/${moment}/poster">`);
    expect((await fetch(origin + paths.momentPicture(id, moment))).headers.get('content-type')).toBe('image/png');
    expect(await (await fetch(`${origin}/oembed?url=${encodeURIComponent(origin + paths.momentPage(id, moment))}`)).json()).toMatchObject({ html: expect.stringContaining(`/e/${id}#t=1.5`) });
    await expect(client.addMoment(id, 'B'.repeat(43), '', poster)).rejects.toMatchObject({ code: 'not-allowed' });
    expect((await fetch(origin + paths.momentPage(id, 'x'.repeat(11)))).status).toBe(404);
    await client.remove(id, key);
    expect((await fetch(origin + paths.momentPage(id, moment))).status).toBe(410);
  });

  it('oEmbed as the standard wants it', async () => {
    const { id } = await share(sending());
    const ask = (query: string) => fetch(`${origin}/oembed?${query}`);
    const url = encodeURIComponent(`${origin}/s/${id}`);
    expect(await (await ask(`url=${url}&maxwidth=400&maxheight=1000`)).json()).toMatchObject({ version: '1.0', type: 'rich', width: 400, height: 225, title: 'Dog & <b>goose</b> "run"', html: expect.stringMatching(/^<iframe src="http[^"]*\/e\/[\w-]{22}" title="Dog &#38;/) });
    const large = await (await ask(`url=${url}`)).json() as Record<string, number>;
    expect(large.thumbnail_width).toBe(1200);
    expect((await ask(`url=${url}&format=xml`)).status).toBe(501);
    expect((await ask(`url=${encodeURIComponent('https://example.org/s/' + id)}`)).status).toBe(404);
    const page = await (await fetch(origin + paths.page(id))).text();
    const href = /application\/json\+oembed" href="([^"]*)"/.exec(page)![1].replaceAll('&#38;', '&');
    expect((await fetch(href)).status).toBe(200);
  });
});

describe('the app', () => {
  it('may run its own code and no other, isolated for its threads; its assets are kept for ever', async () => {
    const headers = async (path: string) => Object.fromEntries((await fetch(origin + path)).headers);
    expect(await headers('/')).toMatchObject({ 'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval' blob:;/), 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp', 'cache-control': 'no-cache' });
    expect(await headers('/assets/a-123.js')).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable', 'cross-origin-resource-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' });
    expect(await headers('/api/scenes/x')).toMatchObject({ 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" });
  });
});

describe('hostile requests', () => {
  it('are refused with one sentence', async () => {
    const s = sending();
    const upload = await client.announce(client.describe(s));
    const send = (path: string, body: BodyInit, type = 'application/octet-stream', method = 'PUT') => fetch(origin + path, { method, headers: { Authorization: `Bearer ${upload.key}`, 'Content-Type': type }, body });
    const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)" width="1200" height="630"/>');
    const cases: [string, Response, number][] = [
      ['other bytes than announced', await send(paths.piece(upload.id, 0), new Uint8Array(LIMITS.pieceBytes)), 400],
      ['a piece too large', await send(paths.piece(upload.id, 0), new Uint8Array(LIMITS.pieceBytes + 1)), 413],
      ['a piece that was not announced', await send(paths.piece(upload.id, 99), s.bytes.slice(0, 10)), 400],
      ['a piece without a number', await send(`${paths.upload(upload.id)}/pieces/..`, s.bytes.slice(0, 10)), 404],
      ['a drawing for a poster', await send(paths.poster(upload.id), svg), 400],
      ['a page for a poster', await send(paths.poster(upload.id), '<html>', 'text/html'), 415],
      ['an upload of nothing', await send(paths.uploads, '{}', 'application/json', 'POST'), 400],
      ['no JSON', await send(paths.uploads, '{', 'application/json', 'POST'), 400],
      ['an upload too large', await send(paths.uploads, JSON.stringify({ ...client.describe(s), bytes: 1e12 }), 'application/json', 'POST'), 400],
      ['a path out of the app', await fetch(`${origin}/..%2fsecret.txt`), 403],
      ['another path out of it', await fetch(`${origin}/assets/%2e%2e/%2e%2e/secret.txt`), 404],
      ['a scene by a path', await fetch(`${origin}/api/scenes/..%2f..%2fsecret.txt`), 404],
      ['no scene', await fetch(`${origin}/s/${'x'.repeat(22)}`), 404],
      ['a strange scene', await fetch(`${origin}/s/%3Cscript%3E`), 404],
    ];
    for (const [name, response, status] of cases) {
      const text = await response.text();
      expect([name, response.status], text).toEqual([name, status]);
      expect(text, name).not.toContain('secret');
    }
  });

  it('what is no scene is not published', async () => {
    const noise = sending({ bytes: Uint8Array.from({ length: 5000 }, (_, i) => (i * 31) % 256), poster: null });
    await expect(share(noise)).rejects.toMatchObject({ code: 'bad-request', message: 'This is not a shared Foursight scene.' });
    const long = container(1000);
    await expect(share(sending({ bytes: long.slice(0, -1), poster: null }))).rejects.toMatchObject({ code: 'bad-request' });
    await expect(share(sending({ encrypted: true, poster: null }))).rejects.toMatchObject({ message: 'This is not an encrypted scene.' });
  });

  it('a host may let no link live for ever, and says so beforehand', async () => {
    const strict = await createApp({ ...readConfig(['--max-days', '7'], {}, folder), app: join(folder, 'app'), log: 'silent' }, await openDisk(join(folder, 'strict')));
    const to = new ShareClient(await strict.listen({ host: '127.0.0.1', port: 0 }), 5);
    expect([await client.offer(), await to.offer()]).toEqual([{ expiryDays: [30, 1, null] }, { expiryDays: [1] }]);
    const [short, long] = [1, null].map((expiryDays) => client.describe(sending({ expiryDays: expiryDays as 1 | null })));
    await to.announce(short);
    await expect(to.announce(long)).rejects.toMatchObject({ code: 'bad-request', message: 'This host keeps scenes for 7 days at most.' });
    await strict.close();
  });

  it('too many at once are told to wait', async () => {
    const calm = await createApp({ ...readConfig(['--requests-per-minute', '5', '--uploads-per-hour', '2'], {}, folder), app: join(folder, 'app'), log: 'silent' }, await openDisk(join(folder, 'calm')));
    const tries: number[] = [];
    for (let i = 0; i < 7; i++) tries.push((await calm.inject(paths.scene('x'.repeat(22)))).statusCode);
    expect(tries).toEqual([404, 404, 404, 404, 404, 429, 429]);
    expect((await calm.inject('/healthz')).statusCode).toBe(200);
    await calm.close();
  });

  it('a full disk is said so, and nothing half is left', async () => {
    const disk = await openDisk(join(folder, 'full'));
    let left = 2;
    const full = new Scenes({ ...disk, put: (name, bytes) => (name.includes('/p/') && left-- <= 0 ? Promise.reject(new StorageFull()) : disk.put(name, bytes)) });
    const s = sending();
    const { id, key } = await full.announce(client.describe(s));
    const add = (i: number) => full.addPiece(id, key, i, s.bytes.subarray(i * LIMITS.pieceBytes, (i + 1) * LIMITS.pieceBytes));
    await add(0);
    await add(1);
    await expect(add(2)).rejects.toMatchObject({ code: 'no-space', status: 507 });
    await expect(full.info(id)).rejects.toMatchObject({ code: 'not-found' });
    const tight = new Scenes({ ...disk, free: () => Promise.resolve(1000) });
    await expect(tight.announce(client.describe(s))).rejects.toMatchObject({ code: 'no-space' });
  });

  it('ranges are read as the standard says', () => {
    expect([undefined, 'bytes=0-', 'bytes=5-6', 'bytes=-3', 'bytes=90-200', 'bytes=-', 'bytes=7-5', 'pages=1-2', 'bytes=100-'].map((r) => rangeOf(r, 100)))
      .toEqual([null, [0, 99], [5, 6], [97, 99], [90, 99], null, 'outside', null, 'outside']);
  });
});

describe('operation', () => {
  it('tells health and metrics, and its log names no scene', async () => {
    const lines: string[] = [];
    const loud = await createApp({ ...readConfig(['--log', 'info'], {}, folder), app: join(folder, 'app') }, await openDisk(join(folder, 'loud')), { write: (line: string) => { lines.push(line); return true; } } as never);
    const id = 'abcdefghijklmnopqrstuv';
    await loud.inject(`/s/${id}`);
    expect((await loud.inject('/healthz')).json()).toEqual({ ok: true });
    expect((await loud.inject('/metrics')).body).toMatch(/http_requests_total\{route="\/s\/:id",status="404"\} 1\n[^]*process_resident_memory_bytes \d+/);
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(expect.objectContaining({ req: { method: 'GET', route: '/s/:id' } }));
    expect(lines.join()).not.toContain(id);
    await loud.close();
  });

  it('what a killed process was writing is swept away, names stay inside the folder', async () => {
    await mkdir(join(folder, 'killed', 'tmp'), { recursive: true });
    await writeFile(join(folder, 'killed', 'tmp', 'half'), 'half');
    const disk = await openDisk(join(folder, 'killed'));
    expect(await readdir(join(folder, 'killed', 'tmp'))).toEqual([]);
    await expect(disk.put('../evil', new Uint8Array(1))).rejects.toThrow('not a storage name');
    await expect(disk.put('a/../../evil', new Uint8Array(1))).rejects.toThrow('not a storage name');
    expect(await disk.read('a/b')).toBeNull();
  });

  it('settings that make no sense are told in a sentence', () => {
    for (const args of [['--port', 'x'], ['--port', '70000'], ['--log', 'loud'], ['--public-url', 'example.org'], ['--nonsense']]) expect(() => readConfig(args, {}, '/')).toThrow();
    expect(readConfig(['--port', '0', '--s3-bucket', 'b'], {}, '/x')).toMatchObject({ port: 0, data: '/x/data', s3: { bucket: 'b', region: 'us-east-1' } });
  });
});
