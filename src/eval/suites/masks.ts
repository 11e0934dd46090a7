// Motion masks as the pipeline makes them before the solver, against hand-made and rendered truth.

import { estimateMotion } from '../../motion/index.ts';
import { buildFrameGraph } from '../../pipeline/frame-graph.ts';
import { planJob } from '../../pipeline/plan.ts';
import { createContext } from '../../pipeline/stage.ts';
import { decodeStage } from '../../pipeline/stages/decode.ts';
import { flowStage } from '../../pipeline/stages/flow.ts';
import { tracksStage } from '../../pipeline/stages/tracks.ts';
import type { JobWarning } from '../../scene/job.ts';
import { checkOptions } from '../../scene/options.ts';
import { loadSample } from '../datasets/sample.ts';
import { loadMasks, loadRendered } from '../datasets/shared-data.ts';
import { mean, scoreMask } from '../metrics.ts';
import { createNodePlatform } from '../node-platform.ts';
import { withMeans, type Cell } from '../report.ts';
import type { EvalSettings, SuiteResult } from '../settings.ts';

/** Width of the band at mask borders on which nobody agrees, px on each side. */
export const BORDER_BAND_PX = 2;

export async function evaluateMasks({ data, sample, runtime, frames, size, only, log }: EvalSettings): Promise<SuiteResult[]> {
  const rows: Cell[][] = [];
  for (const clip of [loadSample(sample), ...(data ? [...loadMasks(data), ...loadRendered(data)] : [])]) {
    if (!clip.name.includes(only) || !clip.maskAt) continue;
    const options = checkOptions({ maxFrames: frames, size, backend: 'wasm' });
    const warnings: JobWarning[] = [];
    const ctx = createContext(createNodePlatform(clip.source, runtime), options, warnings);
    const decoded = await decodeStage.run(planJob(clip.source, options), ctx);
    const graph = buildFrameGraph(decoded.frames.length);
    const flows = await flowStage.run({ clip: decoded, graph }, ctx);
    const tracks = await tracksStage.run({ clip: decoded, flows }, ctx);
    const { width, height } = decoded.frames[0]!;
    const masks = estimateMotion({ width, height, frameCount: decoded.frames.length, flows, tracks, rgba: decoded.frames.map((f) => f.rgba) }, ctx);
    const truth = decoded.sourceIndices.map((t) => clip.maskAt!(t, width, height));
    const each = masks.map((m, t) => scoreMask(m.ever, truth[t]!, width, height, BORDER_BAND_PX));
    const share = (of: readonly Uint8Array[]) => 100 * mean(of.map((m) => m.reduce((a, b) => a + b, 0) / m.length));
    const kinds = [...new Set(masks.map((m) => m.model))].join(' ');
    rows.push([clip.name, mean(each), share(masks.map((m) => m.ever)), share(truth), `${kinds}${warnings.length ? ` (${warnings.map((w) => w.code).join(', ')})` : ''}`]);
    log(`masks ${clip.name}: IoU ${mean(each).toFixed(3)}`);
  }
  return [{ title: `Motion masks before solving (${frames} frames, ${size} px)`, headers: ['clip', 'IoU', 'found %', 'truth %', 'model'], rows: withMeans(rows), note: 'Published on DAVIS 2016 (JM): MonST3R 0.40, Easi3R 0.50–0.55.' }];
}
