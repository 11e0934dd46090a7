// X3: COLMAP's text model with pictures and masks (colmap.github.io/format.html).

import type { Camera } from '../scene/camera.ts';
import type { Scene } from '../scene/scene.ts';
import { invertPose, placeCamera, placePoints, placeWorld, quaternionOf, type Placement } from './axes.ts';
import { staticCloud } from './cloud.ts';
import { frameName, shortNumber, textFile, type Exporter } from './exporter.ts';
import { observedPoints } from './observations.ts';
import { framePng, guessPictures, maskPng } from './pictures.ts';

/** Readers of points3D.txt get slow beyond. */
export const COLMAP_POINTS = 200_000;

export const colmap: Exporter = {
  name: 'colmap', title: 'COLMAP model', purpose: 'Gaussian splatting, NeRF and photogrammetry tools',
  fixedAxes: 'opencv',
  conventions: [
    'sparse/0/images.txt: QW QX QY QZ TX TY TZ, world to camera, camera axes x right, y down, z forward.', 'sparse/0/cameras.txt: PINHOLE fx fy cx cy in pixels, the centre of the top-left pixel is (0.5, 0.5).',
    'sparse/0/points3D.txt: what stands still only; first the followed points, with the pictures that saw them, then the cloud, without. masks/: black = ignore (what moves), white = use.',
  ],
  single: null,
  estimate: (scene) => ({ bytes: guessPictures(scene, framePng) + 60 * Math.min(COLMAP_POINTS, scene.width * scene.height), notes: [] }),
  *write(scene, options) {
    const place = placeWorld(scene, 'opencv');
    const ids = cameraIds(scene.cameras);
    const cameras = [...new Map(scene.cameras.map((c, i) => [ids[i], c])).entries()];
    yield textFile('sparse/0/cameras.txt', ['# CAMERA_ID MODEL WIDTH HEIGHT fx fy cx cy',
      ...cameras.map(([id, c]) => `${id} PINHOLE ${scene.width} ${scene.height} ${[c.fx, c.fy, c.cx, c.cy].map(shortNumber).join(' ')}`), ''].join('\n'));
    const { points2d, points3d } = observationsText(scene, place);
    const images = scene.cameras.flatMap((camera, i) => {
      const m = invertPose(placeCamera(place, camera, 'opencv'));
      const [x, y, z, w] = quaternionOf(m);
      return [`${i + 1} ${[w, x, y, z, m[3], m[7], m[11]].map(shortNumber).join(' ')} ${ids[i]} ${frameName(i)}.png`, points2d[i].join(' ')];
    });
    yield textFile('sparse/0/images.txt', ['# IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME, then a line of POINTS2D: X Y POINT3D_ID', ...images, ''].join('\n'));
    yield textFile('sparse/0/points3D.txt', ['# POINT3D_ID X Y Z R G B ERROR TRACK[]: IMAGE_ID POINT2D_IDX', ...points3d, ...cloudText(scene, place, options.dropPercent, points3d.length), ''].join('\n'));
    yield 0.3;
    for (let frame = 0; frame < scene.frameCount; frame++) {
      yield { path: `images/${frameName(frame)}.png`, bytes: framePng(scene, frame) };
      // COLMAP looks for a mask under the picture's whole name plus .png.
      yield { path: `masks/${frameName(frame)}.png.png`, bytes: maskPng(scene, scene.mask, frame, 0, 255) };
      yield 0.3 + (0.7 * (frame + 1)) / scene.frameCount;
    }
  },
};

/** Frames with the same intrinsics share a camera. */
function cameraIds(cameras: readonly Camera[]): number[] {
  const known = new Map<string, number>();
  return cameras.map(({ fx, fy, cx, cy }) => {
    const key = [fx, fy, cx, cy].join(' ');
    if (!known.has(key)) known.set(key, known.size + 1);
    return known.get(key)!;
  });
}

/** The followed points: a line per picture of what it saw, and a line per point of who saw it. */
function observationsText(scene: Scene, place: Placement): { points2d: string[][]; points3d: string[] } {
  const points2d: string[][] = scene.cameras.map(() => []);
  const points3d = observedPoints(scene).map(({ xyz, rgb, seen, errorPx }, n) => {
    const track = seen.flatMap(({ frame, u, v }) => {
      points2d[frame].push(`${shortNumber(u)} ${shortNumber(v)} ${n + 1}`);
      return [frame + 1, points2d[frame].length - 1];
    });
    return [n + 1, ...Array.from(placePoints(place, xyz), digits), ...rgb, shortNumber(errorPx), ...track].join(' ');
  });
  return { points2d, points3d };
}

function cloudText(scene: Scene, place: Placement, percent: number, before: number): string[] {
  const points = staticCloud(scene, percent, COLMAP_POINTS);
  const xyz = placePoints(place, points.xyz);
  return Array.from({ length: points.count }, (_, i) => [before + i + 1, ...Array.from(xyz.subarray(3 * i, 3 * i + 3), digits), ...points.rgb.subarray(3 * i, 3 * i + 3), 0].join(' '));
}

const digits = (value: number): number => Number(value.toPrecision(7));
