import { expect, it } from 'vitest';
import { compareOutputs } from './probe.ts';

const output = (...values: number[]) => ({ uv: { data: Float32Array.from(values), dims: [values.length] } });
const many = (value: number, odd = value) => output(...Array.from({ length: 100 }, (_, i) => (i === 50 ? odd : value)));

it('compares relative to the largest value', () => {
  expect(compareOutputs(many(10), many(10.1))).toBeCloseTo(0.01, 5);
  expect(compareOutputs(many(0.001), many(0.002))).toBeCloseTo(0.001, 5);
});

it('lets a few values differ, but not in what is no number', () => {
  expect(compareOutputs(many(1), many(1, 9))).toBe(0);
  expect(compareOutputs(many(1), many(1, NaN))).toBe(Infinity);
});

it('finds a missing or shorter output', () => {
  expect(compareOutputs(many(1), {})).toBe(Infinity);
  expect(compareOutputs(many(1), output(1))).toBe(Infinity);
});
