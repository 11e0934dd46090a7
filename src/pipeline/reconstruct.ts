// The story: a clip becomes a 4D scene. Everything else hangs on this list of stages.

import { estimateMotion } from '../motion/index.ts';
import { judgeMotion } from '../networks/motion.ts';
import { NETWORK_NAMES } from '../networks/runtime.ts';
import type { FlowField, MotionMask, PairPrediction } from '../scene/fields.ts';
import type { Clip } from '../scene/frame.ts';
import { NEVER_CANCELLED, throwIfCancelled, type CancelSignal, type JobReport, type JobWarning, type StageName, type StageReport } from '../scene/job.ts';
import type { Options } from '../scene/options.ts';
import { createRng } from '../scene/rng.ts';
import type { Scene, SceneMeta } from '../scene/scene.ts';
import type { TrackSet } from '../scene/tracks.ts';
import { solveScene } from '../solve/index.ts';
import { buildFrameGraph } from './frame-graph.ts';
import { planJob } from './plan.ts';
import type { Platform } from './platform.ts';
import type { ReportProgress, Stage, StageContext } from './stage.ts';
import { assembleScene, forwardFlow } from './stages/assemble.ts';
import { decodeStage } from './stages/decode.ts';
import { flowStage } from './stages/flow.ts';
import { pointmapStage } from './stages/pointmaps.ts';
import { tracksStage } from './stages/tracks.ts';

export interface ReconstructResult {
  readonly scene: Scene;
  /** f32 [T-1]·[H·W·2] px, frame t → t+1; not part of scene.npz. */
  readonly flow: Float32Array | null;
  /** f32 [T·H·W] px: how far the flow is from what the camera explains; what masks are made of. */
  readonly motionErrorPx: Float32Array;
  readonly report: JobReport;
}

/** What the networks and the motion stage found: enough to solve again, with other masks. */
export interface Predictions {
  readonly clip: Clip;
  readonly flows: readonly FlowField[];
  readonly tracks: TrackSet;
  readonly pairs: readonly PairPrediction[];
  readonly masks: readonly MotionMask[];
  readonly options: Options;
  readonly stages: readonly StageReport[];
  readonly warnings: readonly JobWarning[];
}

/** Masks that somebody drew, u8 [T·H·W] each: what moves in the clip, and what moves at its frame. */
export interface OwnMasks {
  readonly mask: Uint8Array;
  readonly maskNow: Uint8Array;
}

/** `keep` is handed what a later `solveAgain` needs. */
export async function reconstruct(platform: Platform, options: Options, signal: CancelSignal = NEVER_CANCELLED, report: ReportProgress = () => {}, keep: (found: Predictions) => void = () => {}): Promise<ReconstructResult> {
  const story = new Story(platform, options, signal, report);
  const found = await predict(story, platform, options);
  const result = await solveFrom(story, platform, found);
  keep(found);
  return result;
}

/** The last stages once more, with masks that somebody drew in place of those that were found. */
export async function solveAgain(platform: Platform, found: Predictions, own: OwnMasks, signal: CancelSignal = NEVER_CANCELLED, report: ReportProgress = () => {}): Promise<ReconstructResult> {
  const story = new Story(platform, found.options, signal, report, found);
  const size = own.mask.length / found.masks.length;
  const part = (all: Uint8Array, frame: number) => all.slice(frame * size, (frame + 1) * size);
  return solveFrom(story, platform, found, found.masks.map((m) => ({ ...m, ever: part(own.mask, m.frame), now: part(own.maskNow, m.frame) })));
}

async function predict(story: Story, platform: Platform, options: Options): Promise<Predictions> {
  const plan = planJob(platform.source, options);
  for (const problem of plan.problems) story.warnings.push(problem);

  const clip = await story.run(decodeStage, plan);
  const { width, height } = clip.frames[0]!;
  const frameCount = clip.frames.length;
  const rgba = clip.frames.map((f) => f.rgba);
  const graph = await story.step('graph', async () => buildFrameGraph(frameCount));
  const flows = await story.run(flowStage, { clip, graph });
  const tracks = await story.run(tracksStage, { clip, flows });
  const pairs = await story.run(pointmapStage, { clip, graph });
  const masks = await story.step('motion', async (ctx) => estimateMotion({ width, height, frameCount, flows, tracks, rgba }, ctx));
  return { clip, flows, tracks, pairs, masks, options, stages: [...story.stages], warnings: [...story.warnings] };
}

async function solveFrom(story: Story, platform: Platform, { clip, flows, tracks, pairs, masks, options }: Predictions, ownMasks?: readonly MotionMask[]): Promise<ReconstructResult> {
  const { width, height } = clip.frames[0]!;
  const frameCount = clip.frames.length;
  const rgba = clip.frames.map((f) => f.rgba);
  const solved = await story.step('solve', async (ctx) => {
    const engine = await platform.engine(options.engine);
    // The person gives the focal length in pixels of the source; the solver works at working size.
    const focalPx = options.focalPx === null ? null : (options.focalPx * width) / clip.source.width;
    try {
      return await solveScene({ width, height, frameCount, pairs, flows, tracks, masks: ownMasks ?? masks, ...(ownMasks ? { ownMasks } : {}), focalPx, rgba }, engine, async (clues) => judgeMotion(await platform.networks.load('motion'), clues, { width, height }), ctx);
    } finally {
      engine.dispose();
    }
  });
  const jobReport = await story.finish();
  const meta: SceneMeta = {
    title: clip.source.name.replace(/\.[^.]+$/, ''),
    source: { name: clip.source.name, sha256: clip.sha256, frameIndices: clip.sourceIndices },
    networks: jobReport.devices, settings: { ...options }, summary: solved.trust,
    timings: Object.fromEntries(jobReport.stages.map((s) => [s.stage, s.secs])),
    peakMemoryBytes: jobReport.peakMemoryBytes, warnings: jobReport.warnings.map((w) => w.message),
  };
  const scene = await story.step('assemble', (ctx) => assembleScene(clip, solved, meta, ctx));
  const motionErrorPx = new Float32Array(frameCount * width * height);
  for (const { frame, errorPx } of solved.masks) motionErrorPx.set(errorPx, frame * width * height);
  return { scene, flow: forwardFlow(flows, frameCount, width * height), motionErrorPx, report: jobReport };
}

/** Runs stages one after the other, and keeps their times, warnings and monotone progress. */
class Story {
  readonly warnings: JobWarning[];
  readonly stages: StageReport[];
  private readonly rng;
  private peakMemoryBytes: number | null = null;

  constructor(private readonly platform: Platform, private readonly options: Options, private readonly signal: CancelSignal, private readonly report: ReportProgress, before: Pick<Predictions, 'stages' | 'warnings'> = { stages: [], warnings: [] }) {
    this.stages = [...before.stages];
    this.warnings = [...before.warnings];
    this.rng = createRng(options.seed);
  }

  run<I, O>(stage: Stage<I, O>, input: I): Promise<O> {
    return this.step(stage.name, (ctx) => stage.run(input, ctx));
  }

  async step<O>(stage: StageName, work: (ctx: StageContext) => Promise<O>): Promise<O> {
    throwIfCancelled(this.signal);
    const started = this.platform.now();
    let reached = 0;
    const ctx: StageContext = {
      options: this.options, signal: this.signal, rng: this.rng, platform: this.platform,
      warn: (warning) => { if (!this.warnings.some((w) => w.code === warning.code)) this.warnings.push(warning); },
      progress: (fraction, note, objective) => {
        reached = Math.max(reached, Math.min(1, fraction));
        this.report({ stage, fraction: reached, note, ...(objective === undefined ? {} : { objective }) });
      },
    };
    ctx.progress(0, '');
    const result = await work(ctx);
    throwIfCancelled(this.signal);
    ctx.progress(1, '');
    this.stages.push({ stage, secs: (this.platform.now() - started) / 1000 });
    const bytes = await this.platform.memoryBytes();
    if (bytes !== null) this.peakMemoryBytes = Math.max(this.peakMemoryBytes ?? 0, bytes);
    return result;
  }

  async finish(): Promise<JobReport> {
    const devices: Record<string, string> = {};
    for (const name of NETWORK_NAMES) {
      const model = await this.platform.networks.load(name);
      devices[name] = `${model.version} on ${model.device}`;
    }
    return { stages: this.stages, warnings: this.warnings, devices, peakMemoryBytes: this.peakMemoryBytes };
  }
}
