import { median } from '../maths/robust.ts';
import type { FrameTrust, TrustSummary } from '../scene/scene.ts';
import type { CameraKind } from './initialise/camera-kind.ts';

/** Parallax (deg) below which depth is a guess, and above which it is good. */
const LITTLE_PARALLAX_DEG = 0.7;
const GOOD_PARALLAX_DEG = 2;
const GOOD_AGREEMENT = 0.6;

/** @param parallaxTells false where depth is the prior's */
export function summariseTrust(kind: CameraKind, parallaxTells: boolean, perFrame: readonly FrameTrust[]): TrustSummary {
  const parallax = median(perFrame.map((f) => f.parallaxDeg));
  const agreement = median(perFrame.map((f) => f.flowAgreement));
  const moving = median(perFrame.map((f) => f.movingShare));
  let sentence = 'The camera moves enough: poses and the depth of what stands still come from parallax.';
  if (kind === 'still') sentence = 'The camera hardly moves: depth is a guess.';
  else if (kind === 'rotating') sentence = 'The camera only turns: directions are right, depth is a guess.';
  else if (agreement < GOOD_AGREEMENT) sentence = 'The picture could be followed only in part: treat poses and depth with care.';
  else if (!parallaxTells) sentence = 'The camera moves too little for parallax: depth is a guess.';
  else if (parallax < LITTLE_PARALLAX_DEG) sentence = 'The camera moves little: depth is rough.';
  else if (parallax < GOOD_PARALLAX_DEG) sentence = 'The camera moves a little: near depth is measured, far depth is rough.';
  if (moving > 0.5) sentence += ' Most of the picture moves, so the camera may be mistaken for it.';
  return { sentence, model: kind, perFrame };
}
