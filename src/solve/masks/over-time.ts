// One verdict for a thing through the clip: what moves at some time belongs to the masks while it rests, too (C4D's "ever").

import { carryBothWays, meanAlong, type FlowTo } from '../../geometry/follow.ts';

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
  const equally = new Float32Array(own[0]?.length ?? 0).fill(1);
  const mean = meanAlong(own, own.map(() => equally), flowTo, KEPT);
  const surest = carryBothWays(mean, flowTo, (here, carried) => Math.max(here, REMEMBERED * carried), (_, before, after) => Math.max(before, after));
  return surest.map((map, t) => map.map((agreed, i) => Math.max(agreed, own[t]![i]! - ALONE)));
}

const logOdds = (chance: number): number => Math.max(-SUREST, Math.min(SUREST, Math.log(chance / (1 - chance))));
