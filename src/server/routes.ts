// The share service: uploads piece by piece, scenes by range, rename, delete.

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LIMITS } from '../share/limits.ts';
import { readPictureHead } from '../share/pictures.ts';
import { checkUpload, EXPIRY_DAYS, isId, isMoment, type Offer } from '../share/protocol.ts';
import type { Config } from './config.ts';
import type { Metrics } from './metrics.ts';
import { Refused } from './refusal.ts';
import type { Scenes } from './scenes.ts';

type WithId = { Params: { id: string } };

export function addRoutes(server: FastifyInstance, scenes: Scenes, config: Config, metrics: Metrics): void {
  // Bytes and nothing else: no form, no text is ever taken for one.
  server.addContentTypeParser('application/octet-stream', { parseAs: 'buffer', bodyLimit: LIMITS.pieceBytes }, (_, body, done) => done(null, body));

  const expiryDays = EXPIRY_DAYS.filter((days) => config.maxDays === null || (days !== null && days <= config.maxDays));
  server.get('/api/offer', (_, reply) => reply.header('Cache-Control', 'no-cache').send({ expiryDays } satisfies Offer));

  server.post('/api/uploads', { bodyLimit: 64_000, config: { rateLimit: { max: config.uploadsPerHour, timeWindow: '1 hour' } } }, async (request, reply) => {
    const upload = checkUpload(request.body);
    if (!upload) throw new Refused('bad-request', `This upload is not announced as it should be, or is larger than ${LIMITS.sceneBytes / 2 ** 20} MB.`);
    if (!expiryDays.includes(upload.expiryDays)) throw new Refused('bad-request', `This host keeps scenes for ${config.maxDays} days at most.`);
    metrics.add('foursight_uploads_started_total');
    return reply.code(201).send(await scenes.announce(upload));
  });

  server.get<WithId>('/api/uploads/:id', (request) => scenes.missing(idOf(request), keyOf(request)));

  server.put<{ Params: { id: string; index: string } }>('/api/uploads/:id/pieces/:index', async (request, reply) => {
    const index = /^\d{1,5}$/.test(request.params.index) ? Number(request.params.index) : -1;
    const bytes = bodyOf(request);
    await scenes.addPiece(idOf(request), keyOf(request), index, bytes);
    metrics.add('foursight_upload_bytes_total', {}, bytes.length);
    return reply.code(204).send();
  });

  server.put<WithId>('/api/uploads/:id/poster', { bodyLimit: LIMITS.posterBytes }, async (request, reply) => {
    await scenes.addPoster(idOf(request), keyOf(request), bodyOf(request));
    return reply.code(204).send();
  });

  server.put<WithId>('/api/uploads/:id/clip', { bodyLimit: LIMITS.clipBytes }, async (request, reply) => {
    await scenes.addClip(idOf(request), keyOf(request), bodyOf(request));
    return reply.code(204).send();
  });

  server.post<WithId>('/api/uploads/:id/finish', async (request) => {
    const info = await scenes.publish(idOf(request), keyOf(request));
    metrics.add('foursight_scenes_published_total');
    return info;
  });

  server.get<WithId>('/api/scenes/:id', async (request, reply) => share(reply).header('Cache-Control', 'no-cache').send(await scenes.info(idOf(request))));

  server.patch<WithId>('/api/scenes/:id', { bodyLimit: 4000 }, (request) => scenes.rename(idOf(request), keyOf(request), (request.body as { title?: unknown } | null)?.title));

  for (const url of ['/api/scenes/:id', '/api/uploads/:id']) {
    server.delete<WithId>(url, async (request, reply) => {
      await scenes.remove(idOf(request), keyOf(request));
      return reply.code(204).send();
    });
  }

  server.get<WithId>('/api/scenes/:id/poster', (request, reply) => sendPoster(request, reply));

  async function sendPoster(request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply, moment?: string): Promise<FastifyReply> {
    const id = idOf(request);
    await scenes.info(id);
    const bytes = await scenes.poster(id, moment);
    const head = bytes && readPictureHead(bytes);
    if (!head) throw new Refused('not-found', 'This scene has no preview.');
    return share(reply).header('Content-Type', head.type).header('Cache-Control', 'public, max-age=86400').send(Buffer.from(bytes));
  }

  server.post<WithId>('/api/scenes/:id/moments', { bodyLimit: 2 * LIMITS.posterBytes }, async (request, reply) => {
    const { start, poster } = (request.body ?? {}) as { start?: unknown; poster?: unknown };
    const bytes = Buffer.from(typeof poster === 'string' ? poster : '', 'base64');
    return reply.code(201).send(await scenes.addMoment(idOf(request), keyOf(request), start, bytes));
  });

  server.get<{ Params: { id: string; moment: string } }>('/api/scenes/:id/moments/:moment/poster', (request, reply) => {
    if (!isMoment(request.params.moment)) throw new Refused('not-found', 'There is no such moment.');
    return sendPoster(request, reply, request.params.moment);
  });

  server.get<WithId>('/api/scenes/:id/clip.mp4', async (request, reply) => {
    const info = await scenes.info(idOf(request));
    const bytes = info.clip && (await scenes.clip(info.id));
    if (!bytes) throw new Refused('not-found', 'This scene has no moving preview.');
    const range = sendRange(request, share(reply).headers({ 'Content-Type': 'video/mp4', 'Cache-Control': 'public, max-age=86400' }), bytes.length);
    return range ? reply.send(Buffer.from(bytes.subarray(range[0], range[1] + 1))) : reply.send();
  });

  for (const part of ['scene', 'lossless'] as const) {
    server.get<{ Params: { id: string; hash: string } }>(`/api/scenes/:id/${part === 'scene' ? 'data' : part}/:hash`, async (request, reply) => {
      const info = await scenes.info(idOf(request));
      const { bytes, hash } = (part === 'scene' ? info : info.lossless) ?? {};
      if (bytes === undefined || request.params.hash !== hash) throw new Refused('not-found', 'This scene has changed; reload the page.');
      // The address names the content, so it never changes under it.
      share(reply).headers({ 'Cache-Control': 'public, max-age=31536000, immutable', ETag: `"${hash}"`, 'Content-Type': 'application/octet-stream', 'Content-Disposition': part === 'scene' ? 'attachment' : 'attachment; filename="scene.npz"' });
      if (request.headers['if-none-match'] === `"${hash}"`) return reply.code(304).send();
      const range = sendRange(request, reply, bytes);
      if (!range) return reply.send();
      metrics.add('foursight_download_bytes_total', {}, range[1] - range[0] + 1);
      return reply.send(Readable.from(scenes.bytes(info, part, ...range), { objectMode: false }));
    });
  }
}

/** Sets what goes with the one range that was asked for, or with the whole; null = there is nothing there. */
function sendRange(request: FastifyRequest, reply: FastifyReply, size: number): readonly [number, number] | null {
  reply.header('Accept-Ranges', 'bytes');
  const range = rangeOf(request.headers.range, size);
  if (range === 'outside') {
    reply.code(416).header('Content-Range', `bytes */${size}`);
    return null;
  }
  const [from, to] = range ?? [0, size - 1];
  if (range) reply.code(206).header('Content-Range', `bytes ${from}-${to}/${size}`);
  reply.header('Content-Length', to - from + 1);
  return [from, to];
}

function idOf(request: FastifyRequest<{ Params: { id: string } }>): string {
  if (!isId(request.params.id)) throw new Refused('not-found', 'There is no scene at this address; check that the link is complete.');
  return request.params.id;
}

function keyOf(request: FastifyRequest): string {
  return /^Bearer ([\w-]{1,100})$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

function bodyOf(request: FastifyRequest): Uint8Array {
  if (!(request.body instanceof Uint8Array)) throw new Refused('bad-request', 'Send the bytes as application/octet-stream.');
  return request.body;
}

/** Any page may read what a link gives to everybody. */
function share(reply: FastifyReply): FastifyReply {
  return reply.headers({ 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' });
}

/** The one range that was asked for; null = everything (several ranges are answered so too). */
export function rangeOf(header: string | undefined, size: number): readonly [number, number] | 'outside' | null {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!found || (!found[1] && !found[2])) return null;
  const [from, to] = found[1] ? [Number(found[1]), found[2] ? Math.min(Number(found[2]), size - 1) : size - 1] : [Math.max(0, size - Number(found[2])), size - 1];
  return from <= to && from < size ? [from, to] : 'outside';
}
