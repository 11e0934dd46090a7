import { smallerEigenvalue } from '../maths/symmetric2.ts';
import type { Frame } from '../scene/frame.ts';

/** A new set of start points every so many frames, so that what comes into view later is tracked too. */
const FRAMES_PER_START = 12;
/** Share of a grid cell in which its point may lie; the rest keeps neighbours apart. */
const INNER = 0.7;

/**
 * Query points for the tracker: on a grid over several start frames, in each cell where the picture has most texture.
 * @param count points over the whole clip, at most.
 * @returns f32 [N·3]: frame, x, y px (pixel centres at +0.5).
 */
export function chooseQueries(frames: readonly Frame[], count: number): Float32Array {
  const { width, height } = frames[0]!;
  const starts = Math.max(1, Math.min(Math.ceil(frames.length / FRAMES_PER_START), count));
  const perStart = Math.max(1, Math.floor(count / starts));
  const side = Math.sqrt((width * height) / perStart);
  const columns = Math.max(1, Math.min(perStart, Math.floor(width / side)));
  const rows = Math.max(1, Math.floor(perStart / columns));
  const queries: number[] = [];
  for (let s = 0; s < starts; s++) {
    const index = Math.floor(((s + 0.5) * frames.length) / starts);
    const texture = measureTexture(frames[index]!);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const [x, y] = richestSpot(texture, width, innerRange(column, columns, width), innerRange(row, rows, height));
        queries.push(index, x + 0.5, y + 0.5);
      }
    }
  }
  return Float32Array.from(queries);
}

function innerRange(cell: number, cells: number, length: number): [number, number] {
  const middle = ((cell + 0.5) * length) / cells;
  const half = (0.5 * INNER * length) / cells;
  return [Math.floor(middle - half), Math.max(Math.floor(middle - half) + 1, Math.floor(middle + half))];
}

function richestSpot(texture: Float32Array, width: number, [x0, x1]: [number, number], [y0, y1]: [number, number]): [number, number] {
  let best: [number, number] = [(x0 + x1) >> 1, (y0 + y1) >> 1];
  let most = 0;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      if (texture[y * width + x]! > most) {
        most = texture[y * width + x]!;
        best = [x, y];
      }
    }
  }
  return best;
}

/** f32 [H·W]: smaller eigenvalue of the structure tensor over 3×3 pixels (Shi & Tomasi), large at corners; 0 at the border. */
export function measureTexture({ width, height, rgba }: Frame): Float32Array {
  const luma = new Float32Array(width * height);
  for (let i = 0; i < luma.length; i++) luma[i] = 0.299 * rgba[i * 4]! + 0.587 * rgba[i * 4 + 1]! + 0.114 * rgba[i * 4 + 2]!;
  const texture = new Float32Array(width * height);
  for (let y = 2; y < height - 2; y++) {
    for (let x = 2; x < width - 2; x++) {
      let xx = 0;
      let xy = 0;
      let yy = 0;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const o = (y + dy) * width + x + dx;
          const gx = luma[o + 1]! - luma[o - 1]!;
          const gy = luma[o + width]! - luma[o - width]!;
          xx += gx * gx;
          xy += gx * gy;
          yy += gy * gy;
        }
      }
      texture[y * width + x] = smallerEigenvalue(xx, xy, yy);
    }
  }
  return texture;
}
