import { describe, expect, it } from 'vitest';
import { createRng } from '../../scene/rng.ts';
import { checkPrior, priorTrust, USUAL_SPREAD } from './prior.ts';

const CELLS = 4000;
const rng = createRng(3);
const depth = Float32Array.from({ length: CELLS }, () => rng.normal());
const priorWith = (spread: number, scale: number) => depth.map((d) => d - scale + spread * rng.normal());

describe('what the prior is worth', () => {
  it('is the spread of depth about it, whatever its scale', () => {
    const { spread, scale } = checkPrior([depth, depth], [priorWith(0.3, 0.7), priorWith(0.3, -0.2)], () => true);
    expect(spread).toBeCloseTo(0.3, 1);
    expect(scale[0]).toBeCloseTo(0.7, 1);
    expect(scale[1]).toBeCloseTo(-0.2, 1);
  });

  it('is judged where depth is firm', () => {
    const prior = priorWith(0.02, 0);
    for (let g = 0; g < CELLS / 2; g++) prior[g]! += 2 * rng.normal();
    expect(checkPrior([depth], [prior], (_, g) => g >= CELLS / 2).spread).toBeCloseTo(0.02, 2);
  });

  it('is a usual one where too little is firm', () => {
    const { spread, scale } = checkPrior([depth], [depth], (_, g) => g < 50);
    expect(spread).toBe(USUAL_SPREAD);
    expect(scale).toEqual([null]);
  });

  it('decides how far it is believed: a usual one as it always was, a good one more, none less', () => {
    expect(priorTrust(USUAL_SPREAD)).toBeCloseTo(1, 6);
    expect(priorTrust(2 * USUAL_SPREAD)).toBe(1);
    expect(priorTrust(USUAL_SPREAD / 2)).toBeGreaterThan(4);
  });
});
