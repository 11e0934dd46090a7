import { describe, expect, it } from 'vitest';
import { fuseBackground } from './background.ts';
import { buildTriangles, dropSpecks, findSkins, grow, spreadFrames, usedPixels } from './surface.ts';
import { makeScene } from './test-scene.ts';

describe('triangles', () => {
  const keep = (n: number) => new Uint8Array(n).fill(1);

  it('covers a smooth grid', () => {
    expect(buildTriangles(new Float32Array(12).fill(2), keep(12), 4, 3, 1, true).length / 3).toBe(2 * 3 * 2);
  });

  it('is cut at depth edges unless told otherwise, and holes stay holes', () => {
    const depth = Float32Array.from([1, 1, 5, 5, 1, 1, 5, 5]);
    expect(buildTriangles(depth, keep(8), 4, 2, 1, true).length / 3).toBe(4);
    expect(buildTriangles(depth, keep(8), 4, 2, 1, false).length / 3).toBe(6);
    depth[0] = 0;
    expect(buildTriangles(depth, keep(8), 4, 2, 1, false).length / 3).toBe(5);
  });

  it('leaves lone pixels out of the points', () => {
    const depth = new Float32Array(9).fill(1);
    depth[4] = 3;
    const used = usedPixels(buildTriangles(depth, keep(9), 3, 3, 1, true), 9);
    expect([...used]).not.toContain(4);
  });

  it('leaves out debris, but not so soon what moves', () => {
    const depth = new Float32Array(100 * 100).fill(2);
    const pixels = keep(100 * 100);
    // Two squares of 9 pixels far in front: one of something static, one of something that moves.
    for (let y = 10; y < 13; y++) {
      depth.fill(0.5, y * 100 + 10, y * 100 + 13).fill(0.5, y * 100 + 50, y * 100 + 53);
      pixels.fill(2, y * 100 + 50, y * 100 + 53);
    }
    const used = usedPixels(buildTriangles(depth, pixels, 100, 100, 1, true), 100 * 100);
    expect(used).not.toContain(11 * 100 + 11);
    expect(used).toContain(11 * 100 + 51);
    expect(usedPixels(buildTriangles(depth, pixels, 100, 100, 1, true, true), 100 * 100)).toContain(11 * 100 + 11);
  });

  it('gets coarser by steps', () => {
    const triangles = buildTriangles(new Float32Array(25).fill(1), keep(25), 5, 5, 2, true);
    expect(triangles.length / 3).toBe(8);
    expect(Math.max(...triangles)).toBe(24);
  });
});

describe('background', () => {
  it('takes every surface once', () => {
    const scene = makeScene({ frames: 5 });
    const patches = [...fuseBackground(scene, [0, 4, 2], 1)];
    const counts = patches.map(({ keep }) => keep.reduce((a, b) => a + b, 0));
    expect(counts[0]).toBe(64 * 48);
    // The camera moved a little to the right: a strip at the side is new, the middle frame shows nothing new.
    expect(counts[1]).toBeLessThan(0.5 * counts[0]);
    expect(counts[1]).toBeGreaterThan(0);
    expect(counts[2]).toBeLessThan(0.1 * counts[0]);
  });

  it('fills from later frames what something moving hid in the first', () => {
    const scene = makeScene({ frames: 2 });
    (scene.cameras[1].camToWorld as Float64Array)[3] = 0;
    for (let y = 20; y < 30; y++) scene.mask.fill(1, y * 64 + 20, y * 64 + 30);
    const [first, second] = [...fuseBackground(scene, [0, 1], 0)];
    expect(first.keep[25 * 64 + 25]).toBe(0);
    expect(second.keep[25 * 64 + 25]).toBe(1);
    expect(second.keep[5 * 64 + 5]).toBe(0);
  });

  it('drops what floats in front of what an earlier frame saw', () => {
    const scene = makeScene({ frames: 2 });
    (scene.cameras[1].camToWorld as Float64Array)[3] = 0;
    scene.depth.fill(0.5, 64 * 48);
    const [, second] = [...fuseBackground(scene, [0, 1], 0)];
    expect(second.keep.some((k) => k === 1)).toBe(false);
  });
});

it('spreads frames so that every prefix is spread', () => {
  expect(spreadFrames(9, 5)).toEqual([0, 8, 4, 2, 6]);
  expect(spreadFrames(1, 5)).toEqual([0]);
});

it('grows within the picture', () => {
  expect([...grow(Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0, 0]), 3, 3, 1)]).toEqual([1, 1, 0, 1, 1, 0, 0, 0, 0]);
});

describe('skins', () => {
  const row = (depths: number[]) => [...findSkins(Float32Array.from([...depths, ...depths, ...depths]), depths.length, 3)].slice(depths.length, 2 * depths.length);
  const blurred = [...Array<number>(12).fill(2), 2.3, 2.7, 3.2, 3.6, ...Array<number>(12).fill(4)];

  it('finds the blur between two surfaces, and leaves the surfaces', () => {
    const skin = row(blurred);
    expect(skin.slice(12, 16)).toEqual([1, 1, 1, 1]);
    expect(skin.slice(0, 10).concat(skin.slice(18)).some((s) => s === 1)).toBe(false);
  });

  it('takes a floor that runs to its horizon for a floor', () => {
    const floor = Array.from({ length: 30 }, (_, v) => 60 / (30.5 - v));
    expect(row(floor).slice(0, 28).some((s) => s === 1)).toBe(false);
  });

  it('cuts the blur out of the triangles', () => {
    const depth = Float32Array.from([...blurred, ...blurred]);
    const triangles = buildTriangles(depth, new Uint8Array(depth.length).fill(1), blurred.length, 2, 1, true);
    expect([...triangles].some((i) => i % blurred.length === 13 || i % blurred.length === 14)).toBe(false);
    expect(triangles.length / 3).toBeGreaterThan(40);
  });
});

it('drops specks and keeps thin lines', () => {
  const mask = Uint8Array.from([1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
  expect([...dropSpecks(mask, 5, 3, 3)]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
});

it('leaves out what most frames look through, wherever it comes in the order', () => {
  const scene = makeScene({ frames: 4 });
  for (const camera of scene.cameras) (camera.camToWorld as Float64Array)[3] = 0;
  // Something stood close before the first camera and was not told from the background.
  for (let y = 10; y < 30; y++) scene.depth.fill(0.8, y * 64 + 20, y * 64 + 40);
  const [first, second] = [...fuseBackground(scene, [0, 1, 2, 3], 0)];
  expect(first.keep[20 * 64 + 30]).toBe(0);
  expect(second.keep[20 * 64 + 30]).toBe(1);
});
