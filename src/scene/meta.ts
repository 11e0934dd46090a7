import { FoursightError } from './errors.ts';
import type { FrameTrust, Scene, SceneMeta, TrustSummary } from './scene.ts';

/** Version of scene.npz; a change of the major number is one that old readers cannot read. */
export const SCENE_VERSION = 1;

/** A newer minor version adds things that this app passes over. */
export const newerNote = (found: string, own: string): string => `The scene was made with format version ${found} and this app reads ${own}; what it knows of it is shown.`;

export function encodeMeta(scene: Scene): string {
  const { meta } = scene;
  return JSON.stringify({
    version: SCENE_VERSION,
    title: meta.title,
    source: { name: meta.source.name, sha256: meta.source.sha256, frame_indices: meta.source.frameIndices },
    working_size: [scene.width, scene.height],
    networks: meta.networks,
    settings: meta.settings,
    scale: scene.metresPerUnit,
    summary: meta.summary,
    timings: meta.timings,
    peak_memory_bytes: meta.peakMemoryBytes,
    warnings: meta.warnings,
  }, null, 1);
}

type Json = Record<string, unknown>;
const asObject = (v: unknown): Json => (typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Json) : {});
const asText = (v: unknown, fallback = ''): string => (typeof v === 'string' ? v.slice(0, 1000) : fallback);
const asNumber = (v: unknown): number | null => (typeof v === 'number' && Number.isFinite(v) ? v : null);
const numbersOf = (v: unknown): Record<string, number> =>
  Object.fromEntries(Object.entries(asObject(v)).filter((e): e is [string, number] => asNumber(e[1]) !== null));

/** Repairs what is missing or of the wrong kind; refuses only what is not a meta.json or is of a newer major version. */
export function decodeMeta(text: string): { meta: SceneMeta; metresPerUnit: number | null } {
  let json: Json;
  try {
    json = asObject(JSON.parse(text));
  } catch {
    throw new FoursightError('scene/not-a-scene', 'The file holds no readable meta.json; it is not a Foursight scene.');
  }
  const version = asNumber(json.version);
  if (version === null) throw new FoursightError('scene/not-a-scene', 'The file does not say which version of the scene format it has; it is not a Foursight scene.');
  if (Math.floor(version) > SCENE_VERSION) {
    throw new FoursightError('scene/newer-version', `The scene has format version ${version}, this app reads version ${SCENE_VERSION}; reload the page to get a newer app.`);
  }
  const source = asObject(json.source);
  const scale = asNumber(json.scale);
  const indices = Array.isArray(source.frame_indices) ? source.frame_indices.map((i) => asNumber(i) ?? 0) : [];
  return {
    metresPerUnit: scale !== null && scale > 0 ? scale : null,
    meta: {
      title: asText(json.title, 'Scene'),
      source: { name: asText(source.name), sha256: asText(source.sha256), frameIndices: indices },
      networks: Object.fromEntries(Object.entries(asObject(json.networks)).map(([k, v]) => [k, asText(v)])),
      settings: asObject(json.settings),
      summary: decodeSummary(json.summary),
      timings: numbersOf(json.timings),
      peakMemoryBytes: asNumber(json.peak_memory_bytes),
      warnings: [...(version > SCENE_VERSION ? [newerNote(String(version), `${SCENE_VERSION}.0`)] : []), ...(Array.isArray(json.warnings) ? json.warnings.map((w) => asText(w)) : [])],
    },
  };
}

function decodeSummary(value: unknown): TrustSummary | null {
  const summary = asObject(value);
  if (typeof summary.sentence !== 'string') return null;
  const model = summary.model === 'rotating' || summary.model === 'still' ? summary.model : 'moving';
  const perFrame = (Array.isArray(summary.perFrame) ? summary.perFrame : []).map((entry): FrameTrust => {
    const f = asObject(entry);
    const read = (name: keyof FrameTrust) => asNumber(f[name]) ?? 0;
    return {
      staticErrorPx: read('staticErrorPx'), parallaxDeg: read('parallaxDeg'), flowAgreement: read('flowAgreement'),
      movingShare: read('movingShare'), parallaxShare: read('parallaxShare'),
    };
  });
  return { sentence: asText(summary.sentence), model, perFrame };
}
