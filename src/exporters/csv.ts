// X7: tracks and cameras as tables, one row per track and frame.

import type { Scene } from '../scene/scene.ts';
import { placeCamera, placePoints, placeWorld, quaternionOf, type Placement } from './axes.ts';
import { textFile, type Exporter, type ExportOptions } from './exporter.ts';

type Cell = string | number | null;

export const csv: Exporter = {
  name: 'csv', title: 'Tracks and cameras (CSV)', purpose: 'spreadsheets, R, pandas',
  fixedAxes: null,
  conventions: [
    'cameras.csv: camera to world, OpenCV camera axes (x right, y down, z forward), quaternion qx qy qz qw.', 'tracks.csv: one row per track and frame; empty cells where the point is not seen or its place is not known.',
    'Columns end in _m (metres) or _u (relative units); u_px and v_px count from the picture\'s corner, the centre of the top-left pixel is (0.5, 0.5).', 'speed: central difference over the neighbouring frames, unsmoothed.',
  ],
  single: { extension: '.csv', path: 'tracks.csv' },
  estimate: ({ tracks, frameCount }) => ({ bytes: 95 * tracks.count * frameCount, notes: [] }),
  *write(scene, options) {
    const place = placeWorld(scene, options.axes, options.up);
    yield textFile('tracks.csv', tracksTable(scene, place, options.decimals));
    yield 0.9;
    yield textFile('cameras.csv', camerasTable(scene, place, options.decimals));
  },
};

function tracksTable(scene: Scene, place: Placement, decimals: ExportOptions['decimals']): string {
  const { tracks, times, frameCount: T } = scene;
  const u = place.unit;
  const xyz = placePoints(place, tracks.xyz ?? new Float32Array(3 * tracks.count * T).fill(NaN));
  const rows: Cell[][] = [['track', 'name', 'frame', 'time_s', `x_${u}`, `y_${u}`, `z_${u}`, 'u_px', 'v_px', 'visible', 'confidence', `speed_${u}_s`]];
  for (let k = 0; k < tracks.count; k++) {
    for (let t = 0; t < T; t++) {
      const i = k * T + t;
      const seen = tracks.visible[i] > 0;
      const known = Number.isFinite(xyz[3 * i]);
      rows.push([k, `track ${k}`, t, times[t], ...[0, 1, 2].map((c) => (known ? xyz[3 * i + c] : null)),
        seen ? tracks.uv[2 * i] : null, seen ? tracks.uv[2 * i + 1] : null, seen ? 1 : 0, tracks.confidence[i], known ? speedAt(xyz, times, k, t, T) : null]);
    }
  }
  return toCsv(rows, decimals);
}

/** Central difference, one-sided at the ends; null where a neighbour is unknown. */
function speedAt(xyz: Float32Array, times: Float64Array, track: number, t: number, T: number): number | null {
  const [a, b] = [Math.max(0, t - 1), Math.min(T - 1, t + 1)];
  const at = (f: number, c: number) => xyz[3 * (track * T + f) + c];
  const distance = Math.hypot(at(b, 0) - at(a, 0), at(b, 1) - at(a, 1), at(b, 2) - at(a, 2));
  return Number.isFinite(distance) && b > a ? distance / (times[b] - times[a]) : null;
}

function camerasTable({ cameras, times }: Scene, place: Placement, decimals: ExportOptions['decimals']): string {
  const u = place.unit;
  return toCsv([['frame', 'time_s', `x_${u}`, `y_${u}`, `z_${u}`, 'qx', 'qy', 'qz', 'qw', 'fx_px', 'fy_px', 'cx_px', 'cy_px'],
    ...cameras.map((camera, t): Cell[] => {
      const m = placeCamera(place, camera, 'opencv');
      return [t, times[t], m[3], m[7], m[11], ...quaternionOf(m), camera.fx, camera.fy, camera.cx, camera.cy];
    })], decimals);
}

function toCsv(rows: readonly (readonly Cell[])[], decimals: ExportOptions['decimals']): string {
  const [separator, point] = decimals === 'comma' ? [';', ','] : [',', '.'];
  const shown = (cell: Cell) => (cell === null ? '' : typeof cell === 'string' ? cell : String(Number(cell.toPrecision(7))).replace('.', point));
  return `${rows.map((row) => row.map(shown).join(separator)).join('\r\n')}\r\n`;
}
