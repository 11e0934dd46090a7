// What each term of the objective is good for: the networks run once per clip, the solver once without each term.

import { estimateMotion } from '../../motion/index.ts';
import { judgeMotion } from '../../networks/motion.ts';
import { buildFrameGraph } from '../../pipeline/frame-graph.ts';
import { planJob } from '../../pipeline/plan.ts';
import { createContext } from '../../pipeline/stage.ts';
import { assembleScene } from '../../pipeline/stages/assemble.ts';
import { decodeStage } from '../../pipeline/stages/decode.ts';
import { flowStage } from '../../pipeline/stages/flow.ts';
import { pointmapStage } from '../../pipeline/stages/pointmaps.ts';
import { tracksStage } from '../../pipeline/stages/tracks.ts';
import { checkOptions } from '../../scene/options.ts';
import { createEngine } from '../../solve/engine-factory.ts';
import type { Engine } from '../../solve/engine.ts';
import { solveScene, type SolveInput } from '../../solve/index.ts';
import type { Problem } from '../../solve/problem.ts';
import { loadSample } from '../datasets/sample.ts';
import { loadGeometry, loadRendered } from '../datasets/shared-data.ts';
import type { EvalSettings, SuiteResult } from '../settings.ts';
import { NO_SCORES, platformFor, SCORE_HEADERS, scoreScene } from './solve.ts';

type Change = (problem: Problem) => Problem;
const weigh = (weights: Partial<Problem['weights']>): Change => (p) => ({ ...p, weights: { ...p.weights, ...weights } });

/** The objective with one thing left out. Initial poses are the same for all. */
const VARIANTS: Readonly<Record<string, Change>> = {
  'all terms': (p) => p,
  'no camera-movement': (p) => ({ ...p, edges: [] }),
  'no prior': weigh({ prior: 0 }),
  'no smooth': weigh({ smooth: 0 }),
  'no camera-smooth': weigh({ cameraRotation: 0, cameraTranslation: 0 }),
  'no focal': weigh({ focal: 0 }),
  'no robust loss': weigh({ cauchyPx: 1000 }),
};

function changed(engine: Engine, change: Change): Engine {
  return { ...engine, minimise: (problem, start, progress, signal) => engine.minimise(change(problem), start, progress, signal) };
}

export async function evaluateAblation(settings: EvalSettings): Promise<SuiteResult[]> {
  const { data, sample, frames, size, only, log } = settings;
  const rows: (string | number | null)[][] = [];
  for (const clip of [loadSample(sample), ...(data ? [...loadRendered(data), ...loadGeometry(data)] : [])]) {
    if (!clip.name.includes(only)) continue;
    const options = checkOptions({ maxFrames: frames, size, backend: 'wasm' });
    const platform = await platformFor(clip, options, settings);
    if (!platform) continue;
    const ctx = createContext(platform, options);
    const decoded = await decodeStage.run(planJob(clip.source, options), ctx);
    const frameCount = decoded.frames.length;
    const graph = buildFrameGraph(frameCount);
    const flows = await flowStage.run({ clip: decoded, graph }, ctx);
    const tracks = await tracksStage.run({ clip: decoded, flows }, ctx);
    const pairs = await pointmapStage.run({ clip: decoded, graph }, ctx);
    const { width, height } = decoded.frames[0]!;
    const rgba = decoded.frames.map((f) => f.rgba);
    const masks = estimateMotion({ width, height, frameCount, flows, tracks, rgba }, ctx);
    const input: SolveInput = { width, height, frameCount, pairs, flows, tracks, masks, focalPx: null, rgba };
    for (const [name, change] of Object.entries(VARIANTS)) {
      const context = createContext(platform, options);
      try {
        const solved = await solveScene(input, changed(await createEngine('gauss-newton'), change), async (clues) => judgeMotion(await platform.networks.load('motion'), clues, { width, height }), context);
        const scene = await assembleScene(decoded, solved, {
          title: clip.name, source: { name: clip.name, sha256: '', frameIndices: decoded.sourceIndices }, networks: {}, settings: {}, summary: solved.trust, timings: {}, peakMemoryBytes: null, warnings: [],
        }, context);
        rows.push([clip.name, name, ...scoreScene(clip, scene)]);
      } catch (error) {
        rows.push([clip.name, `${name}: ${error instanceof Error ? error.message : String(error)}`, ...NO_SCORES]);
      }
      log(rows.at(-1)!.map((c) => (typeof c === 'number' ? c.toPrecision(3) : (c ?? '–'))).join('  '));
    }
  }
  return [{
    title: `The objective without each of its terms (${frames} frames, ${size} px)`,
    headers: ['clip', 'objective', ...SCORE_HEADERS], rows,
  }];
}
