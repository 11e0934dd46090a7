import { expect, it } from 'vitest';
import { meanField } from './mean-field.ts';

const size = { width: 96, height: 64 };
const at = (i: number) => ({ x: i % size.width, y: Math.floor(i / size.width) });
/** A red body on grey ground with a leg three pixels wide, under grain. */
const isThing = (x: number, y: number) => (x >= 30 && x < 60 && y >= 8 && y < 36) || (x >= 40 && x < 43 && y >= 36 && y < 58);
const map = <T>(value: (x: number, y: number) => T) => Array.from({ length: size.width * size.height }, (_, i) => value(at(i).x, at(i).y));
const grain = (x: number, y: number) => ((x * 7 + y * 13) % 11) - 5;
const picture = Uint8Array.from(map((x, y) => { const g = grain(x, y); return isThing(x, y) ? [200 + g, 60 + g, 50 + g, 255] : [120 + g, 120 + g, 120 + g, 255]; }).flat());
const truth = map(isThing);
const wrong = (field: Float32Array) => truth.filter((yes, i) => yes !== field[i]! > 0).length;

it('an outline told two pixels too wide moves onto the edges of the picture, and a thin leg stays', () => {
  const wide = Float32Array.from(map((x, y) => (isThing(x - 2, y) || isThing(x + 2, y) || isThing(x, y - 2) || isThing(x, y + 2) ? 1.5 : -3)));
  expect(wrong(wide)).toBeGreaterThan(200);
  expect(wrong(meanField(wide, picture, 6, size))).toBeLessThan(30);
});

it('a hole that the evidence has in a thing is filled, and doubt on the ground beside it is not taken along', () => {
  const torn = Float32Array.from(map((x, y) => (isThing(x, y) ? (x > 42 && x < 48 && y > 18 && y < 24 ? -1 : 2) : x >= 60 && x < 64 ? -0.2 : -2)));
  expect(wrong(torn)).toBe(25);
  expect(wrong(meanField(torn, picture, 6, size))).toBe(0);
});

it('where the picture is plain the evidence stands', () => {
  const plain = new Uint8Array(4 * size.width * size.height).fill(128);
  const told = Float32Array.from(truth, (yes) => (yes ? 3 : -3));
  const field = meanField(told, plain, 6, size);
  const body = truth.filter((yes, i) => yes && at(i).y < 36 && !(field[i]! > 0)).length;
  expect(body).toBeLessThan(20);
  expect(truth.filter((yes, i) => !yes && field[i]! > 0).length).toBeLessThan(20);
});

it('leaves far pixels their own word, and the same twice', () => {
  const told = Float32Array.from(truth, (yes) => (yes ? 2 : -2.5));
  const field = meanField(told, picture, 4, size);
  expect(field[0]).toBe(-2.5);
  expect(meanField(told, picture, 4, size)).toEqual(field);
});
