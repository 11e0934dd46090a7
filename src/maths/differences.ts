import type { Size } from './resize.ts';

/** Slopes of a map f32 [H·W] along x and y, per px, by central differences; the border repeats. */
export function centralDifferences(map: Float32Array, { width, height }: Size): [Float32Array, Float32Array] {
  const alongX = new Float32Array(map.length);
  const alongY = new Float32Array(map.length);
  for (let y = 0, i = 0; y < height; y++) {
    const up = y > 0 ? width : 0;
    const down = y < height - 1 ? width : 0;
    for (let x = 0; x < width; x++, i++) {
      alongX[i] = (map[x < width - 1 ? i + 1 : i]! - map[x > 0 ? i - 1 : i]!) / 2;
      alongY[i] = (map[i + down]! - map[i - up]!) / 2;
    }
  }
  return [alongX, alongY];
}
