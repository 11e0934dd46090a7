// The player as the host page commands it.

import { isCancelled, FoursightError } from '../../scene/errors.ts';
import { EmbedBridge, EmbedError, wanted, writeEnvelope, type EmbedErrorCode } from '../../share/embed-messages.ts';
import { parseLink } from '../../share/fragment.ts';
import { POSTER } from '../../share/protocol.ts';
import { grabView } from '../../viewer/view-state.ts';
import { frameAt } from '../../viewer/clock.ts';
import { fetchFrom, readSceneBytes } from '../sharing/open-link.ts';
import { unitOf } from '../format.ts';
import { LAYERS } from '../sharing/link-state.ts';
import type { Player } from './player.ts';

interface Peer {
  readonly source: MessageEventSource;
  readonly origin: string;
}

const REQUESTS = ['play', 'pause', 'seek', 'rate', 'loop', 'view', 'layers', 'select', 'units', 'get', 'load', 'still', 'fullscreen', 'subscribe', 'dispose'] as const;

export function connectHost(player: Player): void {
  /** Times per second that the host hears of time. */
  let timeRate = 4;
  let lastTime = 0;
  const { clock } = player;
  const loaded = () => {
    if (!player.scene) throw new EmbedError('bad-request', 'No scene is loaded yet.');
    if (!player.viewer) throw new EmbedError('context-lost', 'Another embed on this page has the place to draw; "play" takes it back.');
    return { scene: player.scene, viewer: player.viewer };
  };
  const readable = () => {
    if (!player.hostMayRead) throw new EmbedError('not-allowed', 'The author of this scene does not let the host page read it.');
    return loaded();
  };
  const frameOf = (fields: Readonly<Record<string, unknown>>, name = 't') => frameAt(loaded().scene.times, wanted.number(fields, name, 0, 1e6) + 5e-4);

  const actions: Record<typeof REQUESTS[number], (fields: Readonly<Record<string, unknown>>) => unknown> = {
    play: async () => { if (!player.viewer) await player.begin(true); clock.play(); },
    pause: () => clock.pause(),
    seek: (fields) => { clock.seek(fields.f === undefined ? frameOf(fields) : wanted.number(fields, 'f', 0, loaded().scene.frameCount - 1)); },
    rate: (fields) => clock.setRate(wanted.number(fields, 'r', 0.01, 16)),
    loop: (fields) => {
      clock.setRange(fields.off === true ? null : [frameOf(fields, 'from'), frameOf(fields, 'to')]);
      clock.setLoop(fields.off === true ? 'once' : 'loop');
    },
    view: (fields) => {
      loaded();
      player.applyLink(parseLink(wanted.text(fields, 'hash', 600)), fields.ms === undefined ? 0 : wanted.number(fields, 'ms', 0, 20_000));
      bridge.send('view', { hash: player.hash(), source: 'api' });
    },
    layers: (fields) => {
      const layers = { ...player.look.layers };
      for (const [name, on] of [['on', true], ['off', false]] as const) {
        const letters = fields[name] === undefined ? '' : wanted.text(fields, name, 6);
        for (const letter of letters) if (letter in LAYERS) layers[LAYERS[letter]] = on;
      }
      player.setLook({ layers });
    },
    select: (fields) => player.select(wanted.whole(fields, 'tracks', loaded().scene.tracks.count)),
    units: (fields) => {
      const { scene } = loaded();
      const unit = wanted.choice(fields, 'u', ['u', 'm', 'cm', 'ft']);
      if (unit !== 'u' && scene.metresPerUnit === null) throw new EmbedError('bad-request', 'This scene has no scale, so its lengths are relative: only "u" can be shown.');
      player.setUnit(unit);
    },
    get: (fields) => {
      if (fields.what === 'state') return { t: clock.timeSecs, f: clock.frame, playing: clock.playing, rate: clock.rate, hash: player.hash(), tracks: player.selected, units: player.scene ? unitOf(player.scene).name : null };
      if (fields.what === 'scene') { loaded(); return player.describe(); }
      if (fields.what !== 'track') throw new EmbedError('bad-request', 'what has to be state, scene or track.');
      const { scene } = readable();
      const { tracks, frameCount: T } = scene;
      const { name: units, factor } = unitOf(scene);
      const [track] = wanted.whole({ track: [fields.track] }, 'track', tracks.count);
      return { uv: tracks.uv.slice(2 * track * T, 2 * (track + 1) * T), xyz: tracks.xyz?.slice(3 * track * T, 3 * (track + 1) * T).map((v) => v * factor) ?? null, units, visible: tracks.visible.slice(track * T, (track + 1) * T) };
    },
    load: async (fields) => {
      const arrival = { frames: () => {}, progress: (done: number) => bridge.send('progress', { phase: 'download', loaded: done, total: 1 }) };
      const loading = fields.blob instanceof Blob ? fields.blob.arrayBuffer().then((buffer) => readSceneBytes(new Uint8Array(buffer))) : fetchFrom(wanted.text(fields, 'url', 2000), arrival);
      await player.open(loading).catch((error: unknown) => {
        const { code, message } = errorOf(error);
        throw new EmbedError(code, message);
      });
    },
    still: async (fields) => {
      const { viewer } = readable();
      const [w, h] = [fields.w === undefined ? POSTER.width : wanted.number(fields, 'w', 16, 4096), fields.h === undefined ? POSTER.height : wanted.number(fields, 'h', 16, 4096)];
      // Not under "type": that is the kind of message.
      const type = `image/${fields.format === undefined ? 'jpeg' : wanted.choice(fields, 'format', ['jpeg', 'png', 'webp'])}` as const;
      return new Blob([await grabView(viewer, w, h, type)], { type });
    },
    fullscreen: () => player.fullscreen().catch(() => { throw new EmbedError('not-allowed', 'The browser allows full screen only after a tap, and where the frame has allow="fullscreen".'); }),
    subscribe: (fields) => { timeRate = wanted.number(fields, 'time', 0.1, 60); },
    dispose: () => player.dispose(),
  };

  const bridge = new EmbedBridge<Peer>(actions, ({ source, origin }, message) => {
    // An opaque origin (a file, a sandbox) has no name to send to; the window is the one that said hello all the same.
    source.postMessage(message, { targetOrigin: origin === 'null' ? '*' : origin });
  }, (a, b) => a.source === b.source && a.origin === b.origin);

  addEventListener('message', (event) => {
    if (event.source === window.parent) void bridge.receive(event.data, { source: event.source, origin: event.origin });
  });
  player.listen((type, fields) => {
    if (type === 'error') return bridge.send('error', { ...errorOf(fields.error), fatal: true });
    if (type === 'time') {
      const now = performance.now();
      if (now - lastTime < 1000 / timeRate && clock.playing) return;
      lastTime = now;
    }
    bridge.send(type, fields);
  });
  // Nothing private: anybody may hear that there is a viewer.
  window.parent.postMessage(writeEnvelope('ready', { version: 1, caps: REQUESTS }), '*');
}

function errorOf(error: unknown): { code: EmbedErrorCode; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof EmbedError) return { code: error.code, message };
  if (!(error instanceof FoursightError) || isCancelled(error)) return { code: 'network', message };
  if (error.code === 'scene/newer-version') return { code: 'too-new', message };
  return { code: message.includes('CORS') ? 'cors' : 'format', message };
}
