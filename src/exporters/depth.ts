// X8: depth along the camera's axis (z, not the length of the ray), and masks.

import type { Scene } from '../scene/scene.ts';
import { encodeDepthExr } from './exr.ts';
import { frameName, textFile, type Exporter } from './exporter.ts';
import { depthPng, guessPictures, maskPng } from './pictures.ts';

const Z = 'Depth is z along the camera axis (not the length of the ray), OpenCV camera axes; 0 = unknown.';

export const depth: Exporter = {
  name: 'depth', title: 'Depth (16-bit PNG)', purpose: 'one picture per frame, as RGB-D tools read them',
  fixedAxes: 'opencv',
  conventions: [Z, 'A value is millimetres; without a scale it is thousandths of a unit (u). More than 65.535 m (or u) does not fit and is 0.', 'intrinsics.csv: focal lengths and centre in pixels, the centre of the top-left pixel is (0.5, 0.5).'],
  single: null,
  estimate(scene) {
    const scale = scene.metresPerUnit ?? 1;
    const beyond = scene.depth.reduce((n, z) => n + (z * scale > 65.535 ? 1 : 0), 0) / scene.depth.length;
    const notes = beyond > 0.001 ? [`${(100 * beyond).toFixed(1)} % of the pixels lie further than 65.535 and will be unknown; EXR has no such limit.`] : [];
    return { bytes: guessPictures(scene, depthPng), notes };
  },
  *write(scene) {
    yield textFile('intrinsics.csv', intrinsicsCsv(scene));
    for (let frame = 0; frame < scene.frameCount; frame++) {
      yield { path: `depth/${frameName(frame)}.png`, bytes: depthPng(scene, frame) };
      yield (frame + 1) / scene.frameCount;
    }
  },
};

export const depthExr: Exporter = {
  name: 'depth-exr', title: 'Depth (EXR)', purpose: 'full float depth for compositing programs',
  fixedAxes: 'opencv',
  conventions: [Z, 'One float32 channel Z in metres, or in relative units (u) without a scale.', 'intrinsics.csv: focal lengths and centre in pixels, the centre of the top-left pixel is (0.5, 0.5).'],
  single: null,
  estimate: (scene) => ({ bytes: guessPictures(scene, frameExr), notes: [] }),
  *write(scene) {
    yield textFile('intrinsics.csv', intrinsicsCsv(scene));
    for (let frame = 0; frame < scene.frameCount; frame++) {
      yield { path: `depth/${frameName(frame)}.exr`, bytes: frameExr(scene, frame) };
      yield (frame + 1) / scene.frameCount;
    }
  },
};

function frameExr({ width, height, depth, metresPerUnit }: Scene, frame: number): Uint8Array<ArrayBuffer> {
  const size = width * height;
  return encodeDepthExr(width, height, depth.slice(frame * size, (frame + 1) * size).map((z) => z * (metresPerUnit ?? 1)));
}

export const masks: Exporter = {
  name: 'masks', title: 'Masks of what moves (PNG)', purpose: 'one picture per frame for compositing or training',
  fixedAxes: 'opencv',
  conventions: ['No cameras in this format.', 'White = moves. ever/: belongs to something that moves at some time of the clip; now/: moves at this frame.'],
  single: null,
  estimate: (scene) => ({ bytes: 2 * guessPictures(scene, (s, frame) => maskPng(s, s.mask, frame, 255, 0)), notes: [] }),
  *write(scene) {
    for (let frame = 0; frame < scene.frameCount; frame++) {
      yield { path: `ever/${frameName(frame)}.png`, bytes: maskPng(scene, scene.mask, frame, 255, 0) };
      yield { path: `now/${frameName(frame)}.png`, bytes: maskPng(scene, scene.maskNow, frame, 255, 0) };
      yield (frame + 1) / scene.frameCount;
    }
  },
};

function intrinsicsCsv({ cameras, times }: Scene): string {
  return ['frame,time_s,fx,fy,cx,cy', ...cameras.map((c, i) => [i, times[i], c.fx, c.fy, c.cx, c.cy].join(','))].join('\n') + '\n';
}
