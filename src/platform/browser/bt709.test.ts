import { expect, it } from 'vitest';
import { rgbaToI420 } from './bt709.ts';

const plain = (r: number, g: number, b: number) => rgbaToI420(Uint8ClampedArray.from({ length: 16 }, (_, k) => [r, g, b, 255][k % 4]!), 2, 2);

it('puts black, white and the pure colours where BT.709 has them', () => {
  // Y, Cb, Cr of ITU-R BT.709, 8 bits, studio range.
  expect([...plain(0, 0, 0)]).toEqual([16, 16, 16, 16, 128, 128]);
  expect([...plain(255, 255, 255)]).toEqual([235, 235, 235, 235, 128, 128]);
  expect([...plain(255, 0, 0)]).toEqual([63, 63, 63, 63, 102, 240]);
  expect([...plain(0, 255, 0)]).toEqual([173, 173, 173, 173, 42, 26]);
  expect([...plain(0, 0, 255)]).toEqual([32, 32, 32, 32, 240, 118]);
});

it('gives four pixels one colour and each its own brightness', () => {
  const rgba = Uint8ClampedArray.from([0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 255]);
  expect([...rgbaToI420(rgba, 2, 2)]).toEqual([16, 235, 235, 16, 128, 128]);
});
