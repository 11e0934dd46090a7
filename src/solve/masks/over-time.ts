// One verdict for a thing through the clip: what moves at some time belongs to the masks while it rests, too (C4D's "ever").

import { carryAlong, meanAlong, type FlowTo } from '../../geometry/follow.ts';

/** Evidence beyond this is all one (log-odds); no single frame may outshout the others. */
const SUREST = 6.9;
/** Weight of what a neighbour saw against the own frame's word, from frame to frame. */
const KEPT = 0.8;
/** The surest moment fades by this factor from frame to frame. */
const REMEMBERED = 0.95;
/** What a frame sees by itself needs so much more evidence (log-odds) than what its neighbours say too. */
const ALONE = 1.5;

/**
 * Log-odds that a pixel's thing moves in the clip. Frames first agree on their mean along the flow, which outvotes errors of single frames;
 * then the surest moment counts, not the mean of all, for a thing may rest most of the time. Where the flow loses a thing the frame's own word stands.
 * @param chances f32 [H·W] per frame, 0…1: what each frame's own clues say
 */
export function agreeOnMovers(chances: readonly Float32Array[], flowTo: FlowTo): Float32Array[] {
  const own = chances.map((map) => map.map(logOdds));
  const mean = meanAlong(own, own.map((map) => new Float32Array(map.length).fill(1)), flowTo, KEPT);
  const surest = (here: number, carried: number) => Math.max(here, REMEMBERED * carried);
  const before = carryAlong(mean, flowTo, 1, surest);
  const after = carryAlong(mean, flowTo, -1, surest);
  return own.map((map, t) => map.map((here, i) => Math.max(here - ALONE, before[t]![i]!, after[t]![i]!)));
}

const logOdds = (chance: number): number => Math.max(-SUREST, Math.min(SUREST, Math.log(chance / (1 - chance))));
