// The app and the pages of scenes: built files, with the tags that previews need written into their heads.

import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import staticFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isId, isMoment, type Moment, type SceneInfo } from '../share/protocol.ts';
import type { Config } from './config.ts';
import { neutralTags, oembed, previewTags, withTags } from './previews.ts';
import { Refused } from './refusal.ts';
import type { Scenes } from './scenes.ts';

/** Scenes may come from any host (#src=); code only from here, and none from text. */
const policy = (ancestors: string): string => [
  "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval' blob:", "worker-src 'self' blob:", "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:", "media-src 'self' blob:",
  "font-src 'self'", "connect-src 'self' https: http: data: blob:", "manifest-src 'self'", `frame-ancestors ${ancestors}`, "base-uri 'none'", "form-action 'none'",
].join('; ');

const ISOLATED: Readonly<Record<string, string>> = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp', 'Cross-Origin-Resource-Policy': 'same-origin', 'Content-Security-Policy': policy("'self'") };
/** Isolated hosts may embed it too; it needs no isolation itself. */
const EMBEDDED: Readonly<Record<string, string>> = { 'Cross-Origin-Embedder-Policy': 'require-corp', 'Cross-Origin-Resource-Policy': 'cross-origin', 'Cross-Origin-Opener-Policy': 'unsafe-none' };

/** Headers by kind of address; a page of a scene sets its own on top. */
export function headersFor(path: string): Readonly<Record<string, string>> {
  if (/^\/(api\/|oembed|metrics|healthz)/.test(path)) return { 'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'" };
  // The element for other people's pages.
  if (path === '/view.js') return { ...ISOLATED, 'Cross-Origin-Resource-Policy': 'cross-origin', 'Access-Control-Allow-Origin': '*' };
  return ISOLATED;
}

export async function addPages(server: FastifyInstance, scenes: Scenes, config: Config): Promise<void> {
  const [app, embed] = await Promise.all(['index.html', 'embed.html'].map((name) => readFile(join(config.app, name), 'utf8')));
  const embedPolicy = policy('*');
  const originOf = (request: FastifyRequest) => config.publicUrl ?? `${request.protocol}://${request.host}`;

  await server.register(staticFiles, {
    root: config.app, cacheControl: false, index: ['index.html'],
    setHeaders(response, path) {
      // Built assets carry a hash of their content in their names.
      response.setHeader('Cache-Control', path.includes(`${sep}assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });

  /** A page for the scene, or for the fact that there is none; the page itself says the rest. */
  const sendPage = async (request: FastifyRequest<{ Params: { id: string; moment?: string } }>, reply: FastifyReply, page: string, headers: Readonly<Record<string, string>>) => {
    const [status, tags] = await find(scenes, request.params.id, request.params.moment).then(
      ([scene, moment]): [number, string] => [200, previewTags(scene, originOf(request), moment)],
      (error: unknown): [number, string] => {
        if (!(error instanceof Refused)) throw error;
        return [error.status, neutralTags(error.code === 'gone' ? 'This scene is no longer here' : 'There is no scene here')];
      });
    return reply.code(status).headers(headers).header('Cache-Control', 'no-cache').type('text/html; charset=utf-8').send(withTags(page, tags));
  };
  server.get<{ Params: { id: string } }>('/s/:id', (request, reply) => sendPage(request, reply, app, ISOLATED));
  server.get<{ Params: { id: string; moment: string } }>('/s/:id/m/:moment', (request, reply) => sendPage(request, reply, app, ISOLATED));
  server.get<{ Params: { id: string } }>('/e/:id', (request, reply) => sendPage(request, reply, embed, { ...EMBEDDED, 'Content-Security-Policy': embedPolicy }));

  server.get<{ Querystring: Record<string, string | undefined> }>('/oembed', async (request, reply) => {
    const { url, format = 'json', maxwidth, maxheight } = request.query;
    if (format !== 'json') return reply.code(501).send({ code: 'bad-request', message: 'Only format=json is spoken here.' });
    const named = sceneOf(url, originOf(request));
    if (!named) throw new Refused('not-found', 'This address is none of ours.');
    const [scene, moment] = await find(scenes, ...named).catch((error: unknown) => { throw error instanceof Refused ? new Refused('not-found', error.message) : error; });
    if (scene.encrypted) return reply.code(401).send({ code: 'not-allowed', message: 'This scene is private.' });
    const most = (text: string | undefined) => (/^\d{1,6}$/.test(text ?? '') && Number(text) > 0 ? Number(text) : Infinity);
    return reply.headers({ 'Access-Control-Allow-Origin': '*', 'Cache-Control': 'public, max-age=300' }).send(oembed(scene, originOf(request), most(maxwidth), most(maxheight), moment));
  });
}

async function find(scenes: Scenes, id: string, moment?: string): Promise<[SceneInfo, Moment | null]> {
  if (!isId(id) || (moment !== undefined && !isMoment(moment))) throw new Refused('not-found', 'There is no scene at this address.');
  return [await scenes.info(id), moment === undefined ? null : await scenes.moment(id, moment)];
}

/** Scene and moment that an address of ours names. */
function sceneOf(address: string | undefined, origin: string): [string, string?] | null {
  try {
    const url = new URL(address ?? '');
    const found = url.origin === new URL(origin).origin ? /^\/(?:s\/([\w-]{22})(?:\/m\/([\w-]{11}))?|e\/([\w-]{22}))\/?$/.exec(url.pathname) : null;
    return found ? [(found[1] ?? found[3])!, found[2]] : null;
  } catch {
    return null;
  }
}
