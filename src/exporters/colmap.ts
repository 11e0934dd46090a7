// X3: COLMAP's text model with pictures and masks (colmap.github.io/format.html).

import type { Camera } from '../scene/camera.ts';
import type { Scene } from '../scene/scene.ts';
import { invertPose, placeCamera, placePoints, placeWorld, quaternionOf } from './axes.ts';
import { staticCloud } from './cloud.ts';
import { frameName, shortNumber, textFile, type Exporter } from './exporter.ts';
import { framePng, guessPictures, maskPng } from './pictures.ts';

/** Readers of points3D.txt get slow beyond. */
export const COLMAP_POINTS = 200_000;

export const colmap: Exporter = {
  name: 'colmap', title: 'COLMAP model', purpose: 'Gaussian splatting, NeRF and photogrammetry tools',
  fixedAxes: 'opencv',
  conventions: [
    'sparse/0/images.txt: QW QX QY QZ TX TY TZ, world to camera, camera axes x right, y down, z forward.', 'sparse/0/cameras.txt: PINHOLE fx fy cx cy in pixels, the centre of the top-left pixel is (0.5, 0.5).',
    'sparse/0/points3D.txt: what stands still only. masks/: black = ignore (what moves), white = use.',
  ],
  single: null,
  estimate: (scene) => ({ bytes: guessPictures(scene, framePng) + 60 * Math.min(COLMAP_POINTS, scene.width * scene.height), notes: [] }),
  *write(scene, options) {
    const place = placeWorld(scene, 'opencv');
    const ids = cameraIds(scene.cameras);
    const cameras = [...new Map(scene.cameras.map((c, i) => [ids[i], c])).entries()];
    yield textFile('sparse/0/cameras.txt', ['# CAMERA_ID MODEL WIDTH HEIGHT fx fy cx cy',
      ...cameras.map(([id, c]) => `${id} PINHOLE ${scene.width} ${scene.height} ${[c.fx, c.fy, c.cx, c.cy].map(shortNumber).join(' ')}`), ''].join('\n'));
    const images = scene.cameras.flatMap((camera, i) => {
      const m = invertPose(placeCamera(place, camera, 'opencv'));
      const [x, y, z, w] = quaternionOf(m);
      return [`${i + 1} ${[w, x, y, z, m[3], m[7], m[11]].map(shortNumber).join(' ')} ${ids[i]} ${frameName(i)}.png`, ''];
    });
    yield textFile('sparse/0/images.txt', ['# IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME, then a line of POINTS2D (empty)', ...images, ''].join('\n'));
    yield textFile('sparse/0/points3D.txt', pointsText(scene, options.dropPercent));
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

function pointsText(scene: Scene, percent: number): string {
  const points = staticCloud(scene, percent, COLMAP_POINTS);
  const xyz = placePoints(placeWorld(scene, 'opencv'), points.xyz);
  const lines = ['# POINT3D_ID X Y Z R G B ERROR TRACK[] (empty)'];
  for (let i = 0; i < points.count; i++) {
    const [x, y, z] = [0, 1, 2].map((k) => Number(xyz[3 * i + k].toPrecision(7)));
    lines.push(`${i + 1} ${x} ${y} ${z} ${points.rgb[3 * i]} ${points.rgb[3 * i + 1]} ${points.rgb[3 * i + 2]} 0`);
  }
  return `${lines.join('\n')}\n`;
}
