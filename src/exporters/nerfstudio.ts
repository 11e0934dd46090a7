// X4: nerfstudio's transforms.json (docs.nerf.studio, "Data conventions").

import type { Camera } from '../scene/camera.ts';
import { placeCamera, placementMatrix, placeWorld } from './axes.ts';
import { staticCloud } from './cloud.ts';
import { COLMAP_POINTS } from './colmap.ts';
import { frameName, textFile, type Exporter } from './exporter.ts';
import { depthPng, framePng, guessPictures, maskPng } from './pictures.ts';
import { encodePly } from './ply.ts';

const intrinsics = ({ fx, fy, cx, cy }: Camera) => ({ fl_x: fx, fl_y: fy, cx, cy });
const rows = (m: Float64Array, count: number): number[][] => Array.from({ length: count }, (_, i) => [...m.subarray(4 * i, 4 * i + 4)]);

export const nerfstudio: Exporter = {
  name: 'nerfstudio', title: 'nerfstudio data set', purpose: 'training radiance fields and splats in nerfstudio',
  fixedAxes: 'z-up',
  conventions: [
    'transforms.json: transform_matrix is camera to world, OpenGL camera axes (x right, y up, looks along -z).', 'applied_transform takes points of the scene (OpenCV axes, scene units) to this world, scale included.',
    'masks/: black = ignore (what moves). depth/: 16-bit millimetres (thousandths of a unit without a scale), 0 = unknown. time: 0..1 over the clip.',
  ],
  single: null,
  estimate: (scene) => ({ bytes: guessPictures(scene, framePng, depthPng) + 22 * Math.min(COLMAP_POINTS, scene.width * scene.height), notes: [] }),
  *write(scene, options) {
    const place = placeWorld(scene, 'z-up', options.up);
    const { cameras, times, frameCount, width: w, height: h } = scene;
    const span = times[frameCount - 1] - times[0] || 1;
    const frames = cameras.map((camera, i) => ({
      file_path: `images/${frameName(i)}.png`, mask_path: `masks/${frameName(i)}.png`, depth_file_path: `depth/${frameName(i)}.png`,
      time: (times[i] - times[0]) / span, ...intrinsics(camera), w, h,
      transform_matrix: rows(placeCamera(place, camera, 'opengl'), 4),
    }));
    yield textFile('transforms.json', `${JSON.stringify({
      camera_model: 'OPENCV', ...intrinsics(cameras[0]), w, h, k1: 0, k2: 0, p1: 0, p2: 0,
      ply_file_path: 'sparse_pc.ply', applied_transform: rows(placementMatrix(place), 3), frames,
    }, null, 1)}\n`);
    yield { path: 'sparse_pc.ply', bytes: encodePly(place, [[staticCloud(scene, options.dropPercent, COLMAP_POINTS), false]]) };
    yield 0.2;
    for (let i = 0; i < frameCount; i++) {
      yield { path: `images/${frameName(i)}.png`, bytes: framePng(scene, i) };
      yield { path: `masks/${frameName(i)}.png`, bytes: maskPng(scene, scene.mask, i, 0, 255) };
      yield { path: `depth/${frameName(i)}.png`, bytes: depthPng(scene, i) };
      yield 0.2 + (0.8 * (i + 1)) / frameCount;
    }
  },
};
