// Each network by itself against truth.

import { refineFlow } from '../../geometry/refine-flow.ts';
import { refineTracks } from '../../geometry/refine-tracks.ts';
import { predictFlow } from '../../networks/flow.ts';
import { predictPair } from '../../networks/pointmap.ts';
import { chooseQueries, trackClip } from '../../networks/track.ts';
import { buildFrameGraph } from '../../pipeline/frame-graph.ts';
import { createContext } from '../../pipeline/stage.ts';
import { flowStage } from '../../pipeline/stages/flow.ts';
import { NEVER_CANCELLED } from '../../scene/job.ts';
import { checkOptions } from '../../scene/options.ts';
import type { TrackSet } from '../../scene/tracks.ts';
import { workingSize } from '../../video/sampling.ts';
import { toFrame } from '../datasets/pictures.ts';
import { loadSample } from '../datasets/sample.ts';
import type { Sequence, TrackTruth } from '../datasets/sequence.ts';
import { loadFlowPairs, loadGeometry, loadRendered, loadRenderedFlow, loadTracks } from '../datasets/shared-data.ts';
import { mean, scoreDepth, scoreFlow } from '../metrics.ts';
import { createNodePlatform } from '../node-platform.ts';
import { withMeans, type Cell } from '../report.ts';
import type { EvalSettings, SuiteResult } from '../settings.ts';
import { scoreMobility, scoreTracks } from '../track-metrics.ts';

/** OpenCV's DIS medium on the same pairs (README of the data), mean end-point error px. */
const DIS_MEDIUM: Readonly<Record<string, number>> = { rubberwhale: 0.222, venus: 0.39, grove2: 0.317, urban2: 0.65, chairs0: 8.619, chairs4: 2.683, 'kitti12-045': 0.905 };
/** Every so many frames of a rendered scene. */
const FLOW_STEP = 8;
const DEPTH_STEP = 6;
/** Points of a grid that keep the judged ones company, as in the app: mobility is judged against the rest of the picture. */
const COMPANY = 192;
/** Second frame of a depth pair: far enough for parallax. */
const DEPTH_OFFSET = 3;

export async function evaluateNetworks(settings: EvalSettings): Promise<SuiteResult[]> {
  return [await flowTable(settings), await trackTable(settings), await depthTable(settings)];
}

async function flowTable({ data, runtime, only, log }: EvalSettings): Promise<SuiteResult> {
  const model = await runtime.load('flow');
  const rows: Cell[][] = [];
  if (data) {
    for (const pairs of [loadFlowPairs(data), loadRenderedFlow(data, FLOW_STEP)]) {
      for (const { name, first, second, uv, known } of pairs) {
        if (!name.includes(only)) continue;
        const { width, height } = first;
        const [a, b] = [toFrame(first, 0, 0, width, height), toFrame(second, 1, 1, width, height)];
        const flow = await predictFlow(model, a, b);
        const said = scoreFlow(flow.uv, uv, known);
        const score = scoreFlow(refineFlow(a, b, flow).uv, uv, known);
        const still = scoreFlow(new Float32Array(uv.length), uv, known);
        rows.push([name, said.epe, said.medianPx, score.epe, score.medianPx, 100 * score.flAll, still.epe, DIS_MEDIUM[name] ?? null]);
        log(`flow ${name}: ${score.epe.toFixed(2)} px`);
      }
    }
  }
  return { title: `Flow (${model.version})`, headers: ['pair', 'network: EPE px', 'network: median px', 'refined: EPE px', 'refined: median px', 'Fl-all %', 'no motion px', 'DIS medium px'], rows: withMeans(rows) };
}

function clipsWithTracks({ data, sample }: EvalSettings): Sequence[] {
  return [loadSample(sample), ...(data ? [...loadRendered(data), ...loadTracks(data)] : [])];
}

async function trackTable(settings: EvalSettings): Promise<SuiteResult> {
  const { runtime, size, only, log } = settings;
  const model = await runtime.load('track');
  const rows: Cell[][] = [];
  for (const clip of clipsWithTracks(settings)) {
    if (!clip.name.includes(only) || !clip.tracks) continue;
    const { source, tracks } = clip;
    const working = workingSize(source.info.width, source.info.height, size);
    const frames = await source.read(source.frames, working.width, working.height, NEVER_CANCELLED, () => {});
    const sx = working.width / source.info.width;
    const sy = working.height / source.info.height;
    const queries = Float32Array.from({ length: tracks.count * 3 }, (_, k) => {
      const i = (k / 3) | 0;
      const place = 2 * (i * tracks.frameCount + tracks.queryFrames[i]!);
      return k % 3 === 0 ? tracks.queryFrames[i]! : k % 3 === 1 ? tracks.uv[place]! * sx : tracks.uv[place + 1]! * sy;
    });
    const together = Float32Array.of(...queries, ...chooseQueries(frames, COMPANY));
    const all = await trackClip(model, frames, together, NEVER_CANCELLED, () => {});
    const ctx = createContext(createNodePlatform(source, runtime), checkOptions({ size, backend: 'wasm' }));
    const flows = await flowStage.run({ clip: { frames }, graph: buildFrameGraph(frames.length) }, ctx);
    const places = tracks.count * tracks.frameCount;
    const asked = ({ uv, visible }: TrackSet) => ({ uv: uv.subarray(0, 2 * places), visible: visible.subarray(0, places) });
    const comparison = {
      count: tracks.count, frameCount: tracks.frameCount, ...working,
      truthUv: tracks.uv.map((v, k) => v * (k % 2 ? sy : sx)), truthVisible: tracks.visible, judged: judgedOf(tracks),
    };
    const said = scoreTracks({ ...comparison, ...asked(all) });
    const score = scoreTracks({ ...comparison, ...asked(refineTracks(all, together, flows)) });
    const still = scoreTracks({ ...comparison, uv: stay(queries, tracks.frameCount), visible: new Uint8Array(places).fill(1) });
    const mobility = tracks.moving ? 100 * scoreMobility(all.mobility.subarray(0, tracks.count), tracks.moving) : null;
    rows.push([clip.name, ...[said, score].flatMap((s) => [100 * s.deltaAvg, 100 * s.averageJaccard, 100 * s.occlusionAccuracy, s.medianPx]), mobility, 100 * still.deltaAvg]);
    log(`tracks ${clip.name}: ${(100 * score.deltaAvg).toFixed(1)} %`);
  }
  return {
    title: `Tracks (${model.version})`, headers: ['clip', ...['network', 'along flow'].flatMap((by) => [`${by}: delta_avg %`, 'AJ %', 'OA %', 'median px of 256']), 'mobility right %', 'never moving: delta_avg %'], rows: withMeans(rows),
    note: 'Classical baselines over camel, dog, bear, house: Lucas-Kanade 43.7 %, DIS chained 40.5 % delta_avg.',
  };
}

/** Labelled frames but the query's own. */
function judgedOf(tracks: TrackTruth): Uint8Array {
  return tracks.labelled.map((l, i) => (l && i % tracks.frameCount !== tracks.queryFrames[Math.floor(i / tracks.frameCount)] ? 1 : 0));
}

function stay(queries: Float32Array, frameCount: number): Float32Array {
  return Float32Array.from({ length: (queries.length / 3) * frameCount * 2 }, (_, k) => queries[3 * Math.floor(k / (2 * frameCount)) + 1 + (k % 2)]!);
}

async function depthTable({ data, sample, runtime, only, log }: EvalSettings): Promise<SuiteResult> {
  const model = await runtime.load('pointmap');
  const rows: Cell[][] = [];
  for (const clip of [loadSample(sample), ...(data ? [...loadRendered(data), ...loadGeometry(data)] : [])]) {
    if (!clip.name.includes(only) || !clip.depthAt) continue;
    const { source } = clip;
    const scores: (readonly [number, number, number, number])[] = [];
    for (let t = 0; t + DEPTH_OFFSET < source.frames.length && scores.length < 6; t += DEPTH_STEP) {
      const working = workingSize(source.info.width, source.info.height, 256);
      const [a, b] = await source.read([source.frames[t]!, source.frames[t + DEPTH_OFFSET]!], working.width, working.height, NEVER_CANCELLED, () => {});
      const { ofFrom } = await predictPair(model, a!, b!);
      const truth = clip.depthAt(t, ofFrom.width, ofFrom.height);
      const score = scoreDepth(Float32Array.from({ length: truth.length }, (_, i) => ofFrom.xyz[3 * i + 2]!), truth);
      const constant = scoreDepth(new Float32Array(truth.length).fill(1), truth);
      const ramp = scoreDepth(Float32Array.from(truth, (_, i) => 1 + Math.floor(i / ofFrom.width)), truth);
      if (score && constant && ramp) scores.push([score.absRel, 100 * score.delta, constant.absRel, ramp.absRel]);
    }
    if (scores.length === 0) continue;
    rows.push([clip.name, ...[0, 1, 2, 3].map((c) => mean(scores.map((s) => s[c]!)))]);
    log(`depth ${clip.name}: ${mean(scores.map((s) => s[0])).toFixed(3)}`);
  }
  return { title: `Pointmap depth (${model.version}), after scale and shift`, headers: ['clip', 'AbsRel', 'within 1.25 %', 'best constant', 'best row ramp'], rows: withMeans(rows) };
}
