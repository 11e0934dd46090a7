// X7: tracks and cameras as tables, one row per track and frame.

import { slopeAt, SMOOTHING_REACH } from '../maths/slope.ts';
import { nameOfTrack } from '../scene/names.ts';
import type { Scene } from '../scene/scene.ts';
import { placeCamera, placePoints, placeWorld, quaternionOf, type Placement } from './axes.ts';
import { textFile, type Exporter, type ExportOptions } from './exporter.ts';

/** A number that is not known (NaN) becomes an empty cell. */
type Cell = string | number;

export const csv: Exporter = {
  name: 'csv', title: 'Tracks and cameras (CSV)', purpose: 'spreadsheets, R, pandas',
  fixedAxes: null,
  conventions: [
    'cameras.csv: camera to world, OpenCV camera axes (x right, y down, z forward), quaternion qx qy qz qw.', 'tracks.csv: one row per track and frame; empty cells where the point is not seen or its place is not known.',
    'Columns end in _m (metres) or _u (relative units); u_px and v_px count from the picture\'s corner, the centre of the top-left pixel is (0.5, 0.5).', 'speed: slope of the straight line that fits five frames best.',
  ],
  single: { extension: '.csv', path: 'tracks.csv' },
  estimate: ({ tracks, frameCount }) => ({ bytes: 95 * tracks.count * frameCount, notes: [] }),
  *write(scene, options) {
    yield textFile('tracks.csv', tracksCsv(scene, options));
    yield 0.9;
    yield textFile('cameras.csv', camerasTable(scene, placeWorld(scene, options.axes, options.up), options.decimals));
  },
};

export interface TrackTable {
  /** Ids in the order of the rows; all tracks where absent. */
  readonly tracks?: readonly number[];
  readonly axes: ExportOptions['axes'];
  readonly up?: ExportOptions['up'];
  readonly decimals?: ExportOptions['decimals'];
  /** Frames on either side that a speed is read from. */
  readonly reach?: number;
}

/** The one table of tracks, for archives and for the tracks that somebody selected. */
export function tracksCsv(scene: Scene, { tracks: ids, axes, up, decimals = 'point', reach = SMOOTHING_REACH }: TrackTable): string {
  const { tracks, times, frameCount: T } = scene;
  const place = placeWorld(scene, axes, up);
  const u = place.unit;
  const rows: Cell[][] = [['track', 'name', 'frame', 'time_s', `x_${u}`, `y_${u}`, `z_${u}`, 'u_px', 'v_px', 'visible', 'confidence', `speed_${u}_s`]];
  for (const k of ids ?? Array.from({ length: tracks.count }, (_, i) => i)) {
    const xyz = placePoints(place, tracks.xyz?.subarray(3 * k * T, 3 * (k + 1) * T) ?? new Float32Array(3 * T).fill(NaN));
    const columns = [0, 1, 2].map((c) => Float64Array.from({ length: T }, (_, t) => xyz[3 * t + c]));
    const name = nameOfTrack(scene, k);
    for (let t = 0; t < T; t++) {
      const i = k * T + t;
      const seen = tracks.visible[i] > 0;
      rows.push([k, name, t, times[t], ...columns.map((column) => column[t]), ...[0, 1].map((c) => (seen ? tracks.uv[2 * i + c] : NaN)),
        seen ? 1 : 0, tracks.confidence[i], Math.hypot(...columns.map((column) => slopeAt(column, times, t, reach)))]);
    }
  }
  return toCsv(rows, decimals);
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
  const quoted = (text: string) => (/[",;\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  const shown = (cell: Cell) => (typeof cell === 'string' ? quoted(cell) : Number.isNaN(cell) ? '' : String(Number(cell.toPrecision(7))).replace('.', point));
  return `${rows.map((row) => row.map(shown).join(separator)).join('\r\n')}\r\n`;
}
