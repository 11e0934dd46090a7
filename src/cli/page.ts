// The headless page of the command line: fetch the inputs, run the job, hand the bytes back.

import { createJobClient } from '../platform/browser/client.ts';
import { FoursightError } from '../scene/errors.ts';
import { writeSceneNpz } from '../scene/npz.ts';
import { encodeFlo } from './flo.ts';
import { encodeNpzFile } from './npz-file.ts';
import type { PageReply, PageRequest, RunFacts } from './protocol.ts';

/** Bytes per request to the output address. */
const PIECE = 32 * 2 ** 20;

interface Result { readonly bytes: Uint8Array; readonly facts: RunFacts }
type Client = Awaited<ReturnType<typeof createJobClient>>;

const NO_FACTS = { timings: {}, summary: null, devices: {}, warnings: [] };

const COMMANDS: Readonly<Record<PageRequest['command'], (client: Client, files: File[], request: PageRequest) => Promise<Result>>> = {
  async reconstruct(client, files, { options }) {
    await client.open(files);
    const { scene, report } = await client.run(options, (progress) => window.foursightProgress(progress));
    const { frameCount: frames, width, height, meta } = scene;
    const facts = { frames, width, height, timings: meta.timings, summary: meta.summary, devices: report.devices, warnings: report.warnings.map((w) => w.message) };
    return { bytes: writeSceneNpz(scene), facts };
  },

  async flow(client, [a, b]) {
    const { width, height, uv } = await client.flow(a!, b!);
    return { bytes: encodeFlo(width, height, uv), facts: { ...NO_FACTS, frames: 2, width, height } };
  },

  async pointmap(client, [a, b]) {
    const { ofFrom, ofTo } = await client.pointmap(a!, b!);
    const { width, height } = ofFrom;
    const bytes = encodeNpzFile({
      pts_a: { shape: [height, width, 3], data: ofFrom.xyz }, conf_a: { shape: [height, width], data: ofFrom.confidence },
      pts_b: { shape: [ofTo.height, ofTo.width, 3], data: ofTo.xyz }, conf_b: { shape: [ofTo.height, ofTo.width], data: ofTo.confidence },
    });
    return { bytes, facts: { ...NO_FACTS, frames: 2, width, height } };
  },

  async track(client, files, { queries }) {
    const { count: N, frameCount: T, uv, visible, confidence, mobility } = await client.track(files, queries);
    const bytes = encodeNpzFile({
      tracks_uv: { shape: [N, T, 2], data: uv }, tracks_visible: { shape: [N, T], data: visible },
      tracks_confidence: { shape: [N, T], data: confidence }, tracks_mobility: { shape: [N], data: mobility },
    });
    return { bytes, facts: { ...NO_FACTS, frames: T, width: 0, height: 0 } };
  },
};

window.foursightRun = async (request): Promise<PageReply> => {
  try {
    const files = await Promise.all(request.inputs.map(fetchFile));
    const { bytes, facts } = await COMMANDS[request.command](await createJobClient(), files, request);
    await send(bytes, request.output);
    return { ok: true, facts };
  } catch (error) {
    const { code, hint } = error instanceof FoursightError ? error : { code: 'internal', hint: '' };
    return { ok: false, code, hint, message: error instanceof Error ? error.message : String(error) };
  }
};

async function fetchFile({ name, url }: PageRequest['inputs'][number]): Promise<File> {
  const response = await fetch(url);
  if (!response.ok) throw new FoursightError('internal', `The local server did not hand out ${name} (${response.status}).`);
  return new File([await response.blob()], name);
}

async function send(bytes: Uint8Array, url: string): Promise<void> {
  for (let start = 0; start < bytes.length; start += PIECE) {
    const response = await fetch(url, { method: 'POST', body: bytes.slice(start, start + PIECE) });
    if (!response.ok) throw new FoursightError('internal', `The local server did not take the result (${response.status}).`);
  }
}
