// What flow, tracks and the first geometry say of motion, pixel by pixel: planes that the motion network judges (models/nets/motion.py).

import { followFlow, NOWHERE } from '../../geometry/follow.ts';
import { lumaOf } from '../../geometry/mask-shape.ts';
import { median } from '../../maths/robust.ts';
import { resizeField, type Size } from '../../maths/resize.ts';
import type { FlowField, MotionClues } from '../../scene/fields.ts';
import type { SolveInput } from '../input.ts';
import { unexplainedVelocity, type Poses, type Velocity } from './ego-residual.ts';
import { judgedSize, Resampler } from './judged-size.ts';
import { mobilityMap } from './mobility.ts';
import { plausibleDepth } from './plausible-depth.ts';

/** Lengths are told at this width, px, whatever the working size is. */
const UNIT_WIDTH = 384;
const UNKNOWN_MOBILITY = 0.5;

/** What is known of a frame on its own; its neighbours look at the scores. */
interface FrameClues {
  /** From this frame to its neighbours. */
  readonly flows: readonly FlowField[];
  /** f32 [H·W] */
  readonly logDepth: Float32Array;
  readonly prior: Float32Array;
  readonly free: Velocity;
  readonly bound: Velocity;
}

/** Clues of frames one after the other; `reach` says how far the prior is doubted (`plausibleDepth`). */
export class ClueMaker {
  private readonly size: Size;
  private readonly resampler: Resampler;
  private readonly pose: Poses;
  private readonly near = new Map<number, FlowField[]>();
  private readonly known = new Map<number, FrameClues>();

  constructor(private readonly input: SolveInput, private readonly logDepth: readonly Float32Array[], private readonly priors: readonly Float32Array[], private readonly reach: number, pose: Poses) {
    this.size = judgedSize(input);
    this.resampler = new Resampler(input, this.size);
    this.pose = { ...pose, focal: (pose.focal * this.size.width) / input.width };
    for (const flow of input.flows) {
      if (Math.abs(flow.to - flow.from) <= 2) this.near.set(flow.from, [...(this.near.get(flow.from) ?? []), flow]);
    }
  }

  /** Planes of frame t, in the order of `CLUES` in models/nets/motion.py, at half the judge's size. */
  make(t: number): MotionClues {
    const { input, size, resampler } = this;
    const unit = UNIT_WIDTH / Math.max(size.width, size.height);
    const { flows, logDepth, prior, free, bound } = this.frame(t);
    const far = unexplainedVelocity(this.flowsOf(t, 2), logDepth, this.pose);
    const before = flows.find((f) => f.to === t - 1);
    const after = flows.find((f) => f.to === t + 1);
    const speed = (i: number) => Math.hypot(free.uv[2 * i]!, free.uv[2 * i + 1]!);
    const mean = (of: (flow: FlowField) => number) => flows.reduce((sum, flow) => sum + of(flow), 0) / Math.max(1, flows.length);
    const luma = resizeField(lumaOf(input.rgba[t]!), input, size, 1);
    const mobility = resampler.map(mobilityMap(input.tracks, t, input, UNKNOWN_MOBILITY));
    const first = resampler.map(input.masks[t]!.ever);
    const epipolar = resampler.lengths(input.masks[t]!.errorPx);
    const planes: ((i: number) => number)[] = [
      (i) => (free.z[i]! > 0 ? (free.uv[2 * i]! / speed(i)) * Math.log1p(free.z[i]!) : 0),
      (i) => (free.z[i]! > 0 ? (free.uv[2 * i + 1]! / speed(i)) * Math.log1p(free.z[i]!) : 0),
      (i) => Math.log1p(free.z[i]!),
      (i) => Math.log1p(bound.z[i]!),
      this.carried(before, 'free'),
      this.carried(after, 'free'),
      this.carried(before, 'bound'),
      this.carried(after, 'bound'),
      (i) => Math.log1p(far.z[i]!),
      (i) => Math.log1p(unit * speed(i)),
      (i) => Math.log(0.1 + unit * mean((f) => f.sigma[i]!)),
      (i) => mean((f) => f.consistent[i]!),
      (i) => Math.log1p(unit * free.ego[i]!),
      (i) => 2 * mobility[i]! - 1,
      (i) => first[i]!,
      (i) => Math.log1p(unit * epipolar[i]!),
      centred(logDepth),
      centred(prior),
      (i) => luma[i]! - 0.5,
      contrast(luma, size),
    ];
    return halve(planes, size);
  }

  private frame(t: number): FrameClues {
    const known = this.known.get(t);
    if (known) return known;
    const flows = this.flowsOf(t, 1);
    const logDepth = this.resampler.map(this.logDepth[t]!);
    const prior = this.resampler.map(this.priors[t]!);
    const made = {
      flows, logDepth, prior,
      free: unexplainedVelocity(flows, logDepth, this.pose),
      bound: unexplainedVelocity(flows, plausibleDepth(logDepth, prior, this.reach, this.size), this.pose),
    };
    // Only neighbours are asked for again, so that memory does not grow with the clip.
    this.known.delete(t - 3);
    this.known.set(t, made);
    return made;
  }

  private flowsOf(t: number, offset: number): FlowField[] {
    return (this.near.get(t) ?? []).filter((flow) => Math.abs(flow.to - t) === offset).map((flow) => this.resampler.flow(flow));
  }

  /** The score of the pixel that the flow leads to. */
  private carried(flow: FlowField | undefined, kind: 'free' | 'bound'): (i: number) => number {
    if (!flow) return () => NOWHERE;
    const scores = followFlow(this.frame(flow.to)[kind].z, flow);
    return (i) => (scores[i] === NOWHERE ? NOWHERE : Math.log1p(scores[i]!));
  }
}

/** Log depth about its median; large values are drawn in. */
function centred(log: Float32Array): (i: number) => number {
  const middle = median(log.filter((_, i) => i % 7 === 0));
  return (i) => Math.sign(log[i]! - middle) * Math.log1p(Math.abs(log[i]! - middle));
}

/** How much the luma changes towards the right and the lower neighbour. */
function contrast(luma: Float32Array, { width, height }: Size): (i: number) => number {
  return (i) => {
    const right = (i + 1) % width === 0 ? i : i + 1;
    const down = i + width < width * height ? i + width : i;
    return 4 * Math.hypot(luma[right]! - luma[i]!, luma[down]! - luma[i]!);
  };
}

/** Means of 2 × 2 pixels. */
function halve(planes: readonly ((i: number) => number)[], { width, height }: Size): MotionClues {
  const w = width >> 1;
  const h = height >> 1;
  const data = new Float32Array(planes.length * w * h);
  let at = 0;
  for (const value of planes) {
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const i = 2 * y * width + 2 * x;
        data[at++] = (value(i) + value(i + 1) + value(i + width) + value(i + width + 1)) / 4;
      }
    }
  }
  return { count: planes.length, width: w, height: h, data };
}
