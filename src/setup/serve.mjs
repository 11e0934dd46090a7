// A small file server on localhost for the built app, with the two headers that WebAssembly threads need.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
  '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.png': 'image/png', '.jpg': 'image/jpeg', '.ico': 'image/x-icon',
  '.mp4': 'video/mp4', '.webm': 'video/webm', '.woff2': 'font/woff2', '.txt': 'text/plain; charset=utf-8',
};

/**
 * Serves `folder`; `handlers` are asked first and answer true when a request was theirs.
 * Resolves once it listens: on `port`, or where that is taken on any free one unless `strict`.
 */
export async function serve({ folder, host = 'localhost', port = 0, strict = false, handlers = [] }) {
  const server = createServer((request, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    answer(folder, handlers, request, response).catch((error) => {
      // A page that goes away in the middle of a file is no error.
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(String(error.message));
    });
  });
  await listen(server, host, port).catch((error) => {
    if (error.code !== 'EADDRINUSE' || strict) throw error;
    return listen(server, host, 0);
  });
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shown}:${server.address().port}/`,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

function listen(server, host, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(folder, handlers, request, response) {
  for (const handle of handlers) if (await handle(request, response)) return;
  if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
  const file = locate(folder, request.url);
  const found = file && (await stat(file).then((s) => (s.isFile() ? s : null), () => null));
  if (!found) return void response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found');
  // Built assets carry a hash of their content in their names.
  const cache = /[\\/]assets[\\/]/.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache';
  await sendFile(file, found.size, request, response, { 'Cache-Control': cache });
}

/** Null for anything outside the folder. */
function locate(folder, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return null;
  }
  const file = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path));
  return !path.includes('\0') && file.startsWith(normalize(folder + sep)) ? file : null;
}

/** Sends a file or the one range of it that was asked for (video elements seek by ranges). */
export async function sendFile(file, size, request, response, headers = {}) {
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  let [start, end] = [0, size - 1];
  if (range && (range[1] || range[2])) {
    if (range[1]) [start, end] = [Number(range[1]), range[2] ? Math.min(end, Number(range[2])) : end];
    else start = Math.max(0, size - Number(range[2]));
    if (start > end) return void response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
    headers['Content-Range'] = `bytes ${start}-${end}/${size}`;
  }
  response.writeHead(headers['Content-Range'] ? 206 : 200, {
    'Content-Type': TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream',
    'Content-Length': end - start + 1, 'Accept-Ranges': 'bytes', ...headers,
  });
  if (request.method === 'HEAD' || size === 0) return void response.end();
  await pipeline(createReadStream(file, { start, end }), response);
}
