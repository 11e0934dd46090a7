import type { Grid } from '../initialise/build-problem.ts';

/** Luma difference that separates two surfaces. */
const LUMA_SCALE = 0.06;

/**
 * Joint bilateral upsampling (Kopf et al. 2007) of a map on the fine grid to every pixel: depth edges move onto the image's.
 * @returns f32 [H·W]
 */
export function upsample(map: Float32Array, grid: Grid, luma: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const v = ((y + 0.5) * grid.height) / height - 0.5;
    const y0 = Math.max(0, Math.min(grid.height - 1, Math.floor(v)));
    const y1 = Math.min(grid.height - 1, y0 + 1);
    const fy = Math.max(0, Math.min(1, v - y0));
    for (let x = 0; x < width; x++) {
      const u = ((x + 0.5) * grid.width) / width - 0.5;
      const x0 = Math.max(0, Math.min(grid.width - 1, Math.floor(u)));
      const x1 = Math.min(grid.width - 1, x0 + 1);
      const fx = Math.max(0, Math.min(1, u - x0));
      const here = luma[y * width + x]!;
      let sum = 0;
      let total = 0;
      for (let k = 0; k < 4; k++) {
        const g = (k < 2 ? y0 : y1) * grid.width + (k % 2 === 0 ? x0 : x1);
        const near = (k < 2 ? 1 - fy : fy) * (k % 2 === 0 ? 1 - fx : fx);
        const w = (near + 0.02) * (1e-3 + Math.exp(-(((luma[grid.pixel[g]!]! - here) / LUMA_SCALE) ** 2)));
        sum += w * map[g]!;
        total += w;
      }
      out[y * width + x] = sum / total;
    }
  }
  return out;
}
