// Puts the server together: limits, headers, routes, pages, health, metrics.

import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Refusal } from '../share/protocol.ts';
import type { Config } from './config.ts';
import { Metrics } from './metrics.ts';
import { addPages, headersFor } from './pages.ts';
import { Refused } from './refusal.ts';
import { addRoutes } from './routes.ts';
import { Scenes } from './scenes.ts';
import type { Storage } from './storage.ts';

const SWEEP_MS = 15 * 60_000;

export async function createApp(config: Config, storage: Storage, log: Pick<NodeJS.WritableStream, 'write'> = process.stderr): Promise<FastifyInstance> {
  const metrics = new Metrics();
  const scenes = new Scenes(storage);
  const server = fastify({
    trustProxy: config.trustProxy, bodyLimit: 64_000, forceCloseConnections: 'idle', requestTimeout: 120_000, routerOptions: { maxParamLength: 200 },
    logger: {
      level: config.log, stream: log as never,
      // Addresses of scenes are secrets: the log knows the kind of address only.
      serializers: { req: (request) => ({ method: request.method, route: request.routeOptions?.url ?? null }) },
    },
  });

  server.setErrorHandler((error: FastifyError | Refused, request, reply) => {
    const refusal = toRefusal(error);
    if (refusal.code === 'internal') request.log.error(error);
    void reply.code(error instanceof Refused ? error.status : refusal.code === 'internal' ? 500 : (error.statusCode ?? 400)).header('Cache-Control', 'no-store').send(refusal);
  });
  server.setNotFoundHandler((_, reply) => reply.code(404).send({ code: 'not-found', message: 'There is nothing at this address.' } satisfies Refusal));
  server.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', ...headersFor(request.url.replace(/\?.*/, '')) });
  });
  server.addHook('onResponse', async (request, reply) => metrics.add('http_requests_total', { route: request.routeOptions.url ?? 'none', status: reply.statusCode }));

  await server.register(rateLimit, { max: config.requestsPerMinute, timeWindow: '1 minute', allowList: (request) => !request.url.startsWith('/api/') });
  server.get('/healthz', async (_, reply) => {
    await storage.check().catch(() => reply.code(503));
    return { ok: reply.statusCode === 200 };
  });
  server.get('/metrics', (_, reply) => reply.type('text/plain; version=0.0.4').send(metrics.text()));
  addRoutes(server, scenes, config, metrics);
  await addPages(server, scenes, config);

  const sweep = () => scenes.sweep().then((n) => { if (n > 0) server.log.info({ cleared: n }, 'expired scenes cleared'); }, (error: unknown) => server.log.error(error, 'sweep failed'));
  const timer = setInterval(() => void sweep(), SWEEP_MS).unref();
  server.addHook('onReady', async () => { void sweep(); });
  server.addHook('onClose', async () => clearInterval(timer));
  return server;
}

function toRefusal(error: FastifyError | Refused): Refusal {
  if (error instanceof Refused) return { code: error.code, message: error.message };
  if (error.statusCode === 429) return { code: 'too-many', message: 'That was too much at once from your address; wait a little and try again.' };
  if (error.statusCode === 413) return { code: 'too-large', message: 'This is larger than the server takes.' };
  if (error.statusCode !== undefined && error.statusCode < 500) return { code: 'bad-request', message: 'The server did not understand this request.' };
  return { code: 'internal', message: 'Something went wrong on the server; try again.' };
}
