import { describe, expect, it } from 'vitest';
import type { Scene } from '../scene/scene.ts';
import { createRng } from '../scene/rng.ts';
import { fuseBackground } from './background.ts';
import { detectSky, hasSky, leaveOutSky } from './sky.ts';
import { makeScene } from './test-scene.ts';

const [W, H] = [64, 48];
const TOP = 16;
type Rgb = readonly [number, number, number];

/** Grey noise, and above a curtain of one colour that gets paler downwards. */
function paint(colour: Rgb, curtain = TOP): Uint8Array {
  const random = createRng(1);
  const rgb = Uint8Array.from({ length: W * H * 3 }, () => 70 + 60 * random.next());
  for (let y = 0; y < curtain; y++) for (let x = 0; x < W; x++) rgb.set(colour.map((c) => c + Math.round(y / 3)), 3 * (y * W + x));
  return rgb;
}

const BLUE: Rgb = [120, 160, 220];
const WHITE: Rgb = [235, 238, 240];
const depthOf = (top: number) => Float32Array.from({ length: W * H }, (_, i) => (i < TOP * W ? top : 2));
const certaintyOf = (top: number) => Uint8Array.from({ length: W * H }, (_, i) => (i < TOP * W ? top : 120));
const share = (sky: Uint8Array | null) => (sky ? sky.reduce((a, b) => a + b, 0) / sky.length : 0);

describe('sky', () => {
  it('is blue, even and at the top, however near its depth was taken for', () => {
    const sky = detectSky(paint(BLUE), depthOf(1), certaintyOf(200), W, H);
    expect(share(sky)).toBeGreaterThan(TOP / H - 0.01);
    expect(share(sky)).toBeLessThan((TOP + 2) / H);
  });

  it('may be overcast if it is far and uncertain; a white ceiling or wall is not', () => {
    expect(share(detectSky(paint(WHITE), depthOf(8), certaintyOf(30), W, H))).toBeGreaterThan(TOP / H - 0.01);
    expect(detectSky(paint(WHITE), depthOf(2), certaintyOf(30), W, H)).toBeNull();
    expect(detectSky(paint(WHITE), depthOf(8), certaintyOf(200), W, H)).toBeNull();
  });

  it('is no wall that comes down to the ground, nothing dark, nothing pale and nothing rough', () => {
    expect(detectSky(paint(BLUE, H), depthOf(8), certaintyOf(30), W, H)).toBeNull();
    expect(detectSky(paint([20, 40, 92]), depthOf(8), certaintyOf(30), W, H)).toBeNull();
    expect(detectSky(paint([190, 200, 215]), depthOf(8), certaintyOf(30), W, H)).toBeNull();
    const rough = paint(BLUE);
    for (let i = 0; i < TOP * W; i++) if ((i + Math.floor(i / W)) % 2) rough[3 * i] -= 30;
    expect(detectSky(rough, depthOf(8), certaintyOf(30), W, H)).toBeNull();
  });

  const withSky = (painted: readonly number[]): Scene => {
    const scene = makeScene({ frames: 5 });
    for (const frame of painted) scene.rgb.set(paint(BLUE), frame * 3 * W * H);
    return scene;
  };

  it('belongs to a scene if most frames have it', () => {
    expect(hasSky(makeScene())).toBe(false);
    expect(hasSky(withSky([0, 2, 4]))).toBe(true);
    const one = withSky([2]);
    expect(hasSky(one)).toBe(false);
    const keep = new Uint8Array(W * H).fill(1);
    leaveOutSky(keep, one, 2);
    expect(keep).not.toContain(0);
  });

  it('is left out of the background unless asked for', () => {
    const scene = withSky([0, 1, 2, 3, 4]);
    const top = (sky: boolean) => [...fuseBackground(scene, [0, 4], 1, sky)].reduce((sum, { keep }) => sum + keep.subarray(0, 10 * W).reduce((a, b) => a + b, 0), 0);
    expect(top(false)).toBe(0);
    expect(top(true)).toBeGreaterThan(9 * W);
  });
});
