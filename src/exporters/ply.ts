// X1: binary PLY, plain header.

import type { Scene } from '../scene/scene.ts';
import { placePoints, placeWorld, type Placement } from './axes.ts';
import { joinPoints, movingClouds, staticCloud, type Points } from './cloud.ts';
import { frameName, type Exporter, type ExportFile } from './exporter.ts';

const PROPERTIES = ['float x', 'float y', 'float z', 'uchar red', 'uchar green', 'uchar blue', 'float confidence', 'uchar moving', 'ushort frame'];
const BYTES_PER_POINT = 22;

export const ply: Exporter = {
  name: 'ply', title: 'Point cloud (PLY)', purpose: 'MeshLab, CloudCompare, Blender and nearly every other 3D program',
  fixedAxes: null,
  conventions: [
    'No cameras in this format.', 'Points: float x y z, uchar red green blue (sRGB), float confidence 0..1, uchar moving 0/1, ushort frame (the one that saw the point).',
    'static.ply is what stands still, once; moving/NNNNNN.ply is what moves, frame by frame. A merged file holds both.',
  ],
  single: { extension: '.ply', path: 'scene.ply' },
  estimate(scene) {
    return { bytes: BYTES_PER_POINT * guessPoints(scene), notes: [] };
  },
  *write(scene, options) {
    const place = placeWorld(scene, options.axes, options.up);
    const still = staticCloud(scene, options.dropPercent);
    yield 0.3;
    if (options.layout === 'sequence') yield { path: 'static.ply', bytes: encodePly(place, [[still, false]]) };
    const moments: Points[] = [];
    for (const points of movingClouds(scene, options.dropPercent)) {
      if (options.layout === 'sequence') yield { path: `moving/${frameName(moments.length)}.ply`, bytes: encodePly(place, [[points, true]]) } satisfies ExportFile;
      moments.push(points);
      yield 0.3 + (0.7 * moments.length) / scene.frameCount;
    }
    if (options.layout === 'merged') yield { path: 'scene.ply', bytes: encodePly(place, [[still, false], [joinPoints(moments), true]]) };
  },
};

/** `groups`: points and whether they move. */
export function encodePly(place: Placement, groups: readonly (readonly [Points, boolean])[]): Uint8Array<ArrayBuffer> {
  const count = groups.reduce((n, [points]) => n + points.count, 0);
  const header = `ply\nformat binary_little_endian 1.0\nelement vertex ${count}\n${PROPERTIES.map((p) => `property ${p}\n`).join('')}end_header\n`;
  const out = new Uint8Array(header.length + count * BYTES_PER_POINT);
  out.set(new TextEncoder().encode(header));
  const view = new DataView(out.buffer);
  let at = header.length;
  for (const [points, moving] of groups) {
    const xyz = placePoints(place, points.xyz);
    for (let i = 0; i < points.count; i++, at += BYTES_PER_POINT) {
      for (let k = 0; k < 3; k++) {
        view.setFloat32(at + 4 * k, xyz[3 * i + k], true);
        out[at + 12 + k] = points.rgb[3 * i + k];
      }
      view.setFloat32(at + 15, points.confidence[i] / 255, true);
      out[at + 19] = moving ? 1 : 0;
      view.setUint16(at + 20, points.frame[i], true);
    }
  }
  return out;
}

/** Rough count before any work: the static part is about two frames and a half, the moving part is all of it. */
export function guessPoints({ mask, width, height }: Scene): number {
  let moving = 0;
  for (let i = 0; i < mask.length; i += 16) if (mask[i]) moving += 16;
  return Math.round(2.5 * width * height + 0.8 * moving);
}
