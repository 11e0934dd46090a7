// Sky: it has no depth, so whatever depth it was given hangs in the view as a curtain.

import { median } from '../maths/robust.ts';
import type { Scene } from '../scene/scene.ts';
import { FrameCache } from './frame-cache.ts';
import { grow, spreadFrames } from './surface.ts';

/** Largest step of colour from one pixel of sky to the next, of 255. */
const STEP = 9;
/** A frame with less of it has none, share of the picture. */
const LEAST_SHARE = 0.03;
/** Sky hangs from the top of the picture: share of that row it takes at least, and nothing of the lowest rows, which ground and walls reach. */
const LEAST_TOP = 0.15;
const LOWEST = 0.9;
/** Blue by so much more than red, at the top and further down, and no darker than this; of 255. */
const BLUE = { overRedAtTop: 40, overRed: 14, least: 90 };
/** Overcast sky is as white as ceilings are … */
const WHITE = { least: 215, spread: 22 };
/** … so it counts only if it was taken for this many times as far as the rest, and is less certain. */
const FAR = 1.5;
/** Frames that are asked whether the scene has a sky. */
const ASKED = 5;
/** Pixels from one that is asked for a middle value to the next; no divisor of usual widths. */
const MIDDLE_STEP = 13;
/** px around it where colours mix. */
const HALO = 1;

type SkyKind = 'blue' | 'white';

/** u8 [H·W], 1 = sky; null where a picture has none. rgb u8 [H·W·3], depth f32 and confidence u8 [H·W] of one frame. */
export function detectSky(rgb: Uint8Array, depth: Float32Array, confidence: Uint8Array, W: number, H: number): Uint8Array | null {
  const blue = hangDown(rgb, W, H, 'blue');
  if (blue && isBright(blue, rgb)) return grow(blue, W, H, HALO);
  const white = hangDown(rgb, W, H, 'white');
  return white && isFar(white, depth, confidence) ? grow(white, W, H, HALO) : null;
}

/** What is reached from the top of the picture over even pixels of such a colour; null if that is not much. */
function hangDown(rgb: Uint8Array, W: number, H: number, kind: SkyKind): Uint8Array | null {
  const sky = new Uint8Array(W * H);
  const open = new Int32Array(W * H);
  let count = 0;
  const take = (pixel: number) => {
    sky[pixel] = 1;
    open[count++] = pixel;
  };
  const spread = (from: number, to: number) => {
    if (sky[to] === 0 && isSkyColour(rgb, to, kind, BLUE.overRed) && stepOf(rgb, from, to) <= STEP) take(to);
  };
  for (let x = 0; x < W; x++) if (isSkyColour(rgb, x, kind, BLUE.overRedAtTop)) take(x);
  if (count < LEAST_TOP * W) return null;
  for (let n = 0; n < count; n++) {
    const i = open[n];
    if (i >= LOWEST * W * H) return null;
    const x = i % W;
    if (x > 0) spread(i, i - 1);
    if (x < W - 1) spread(i, i + 1);
    if (i >= W) spread(i, i - W);
    if (i < W * (H - 1)) spread(i, i + W);
  }
  return count < LEAST_SHARE * W * H ? null : sky;
}

function isSkyColour(rgb: Uint8Array, i: number, kind: SkyKind, overRed: number): boolean {
  const r = rgb[3 * i];
  const g = rgb[3 * i + 1];
  const b = rgb[3 * i + 2];
  if (kind === 'blue') return b >= BLUE.least && b > g && g >= r && b - r >= overRed;
  return Math.min(r, g, b) >= WHITE.least && Math.max(r, g, b) - Math.min(r, g, b) <= WHITE.spread;
}

const stepOf = (rgb: Uint8Array, i: number, j: number): number =>
  Math.max(Math.abs(rgb[3 * i] - rgb[3 * j]), Math.abs(rgb[3 * i + 1] - rgb[3 * j + 1]), Math.abs(rgb[3 * i + 2] - rgb[3 * j + 2]));

/** The middle value of what is sky (1) or of the rest (0), from every so many pixels: a scene asks while it opens. */
function middle(sky: Uint8Array, of: 0 | 1, value: (pixel: number) => number): number {
  const chosen: number[] = [];
  for (let i = 0; i < sky.length; i += MIDDLE_STEP) if (sky[i] === of) chosen.push(value(i));
  return median(chosen);
}

/** Daylight comes from the sky: what it shines on is no brighter. */
function isBright(sky: Uint8Array, rgb: Uint8Array): boolean {
  const green = (i: number) => rgb[3 * i + 1];
  return middle(sky, 1, green) > middle(sky, 0, green);
}

function isFar(sky: Uint8Array, depth: Float32Array, confidence: Uint8Array): boolean {
  const [z, certain] = [(i: number) => depth[i], (i: number) => confidence[i]];
  return middle(sky, 1, z) >= FAR * middle(sky, 0, z) && middle(sky, 1, certain) < middle(sky, 0, certain);
}

const frames = new FrameCache<Uint8Array | null>();
const scenes = new WeakMap<Uint8Array, boolean>();

function skyOfFrame({ rgb, depth, confidence, width: W, height: H }: Scene, frame: number): Uint8Array | null {
  const [from, to] = [frame * W * H, (frame + 1) * W * H];
  return frames.get(rgb, [depth], frame, () => detectSky(rgb.subarray(3 * from, 3 * to), depth.subarray(from, to), confidence.subarray(from, to), W, H));
}

/** Whether most of a few frames show sky: one picture may be mistaken, a clip hardly. */
export function hasSky(scene: Scene): boolean {
  const known = scenes.get(scene.rgb);
  if (known !== undefined) return known;
  const asked = spreadFrames(scene.frameCount, ASKED);
  // No further than it takes to know.
  let [yes, no] = [0, 0];
  for (const frame of asked) {
    if (2 * yes > asked.length || 2 * no >= asked.length) break;
    if (skyOfFrame(scene, frame)) yes++;
    else no++;
  }
  scenes.set(scene.rgb, 2 * yes > asked.length);
  return 2 * yes > asked.length;
}

/** Takes the sky of a frame out of pixels to keep, u8 [H·W]. */
export function leaveOutSky(keep: Uint8Array, scene: Scene, frame: number): void {
  const sky = hasSky(scene) ? skyOfFrame(scene, frame) : null;
  if (sky) for (let i = 0; i < keep.length; i++) if (sky[i]) keep[i] = 0;
}
