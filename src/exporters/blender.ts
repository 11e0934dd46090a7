// X10: a script for Blender and the numbers it reads.

import type { Scene } from '../scene/scene.ts';
import { placeCamera, placePoints, placeWorld, type Placement } from './axes.ts';
import { BLENDER_SCRIPT } from './blender-script.ts';
import { movingClouds, staticCloud, type Points } from './cloud.ts';
import { LINEAR } from './colour.ts';
import { frameName, textFile, type Exporter, type ExportFile } from './exporter.ts';
import { framePng, guessPictures } from './pictures.ts';
import { guessPoints } from './ply.ts';
import { movingTrails } from './tracks.ts';

export const blender: Exporter = {
  name: 'blender', title: 'Blender script', purpose: 'cloud, camera with background pictures and tracks, ready to render in Blender 3.4 or newer',
  fixedAxes: 'z-up',
  conventions: [
    'The camera looks along -z, y up (Blender).', 'Unpack everything, then run import_foursight.py in Blender (Scripting > Open > Run). It adds one collection and changes nothing else but the frame range, the frame rate, the picture size and the active camera.',
    'data/*.f32: float32 x y z; data/*.u8: red green blue (sRGB).',
  ],
  single: null,
  estimate: (scene) => ({ bytes: 15 * guessPoints(scene) + guessPictures(scene, framePng), notes: [] }),
  *write(scene, options) {
    const place = placeWorld(scene, 'z-up', options.up);
    const T = scene.frameCount;
    yield textFile('import_foursight.py', BLENDER_SCRIPT);
    yield* cloudFiles('static', staticCloud(scene, options.dropPercent), place);
    yield 0.2;
    const moments: number[] = [];
    let frame = 0;
    for (const points of movingClouds(scene, options.dropPercent)) {
      if (points.count > 0) {
        moments.push(frame);
        yield* cloudFiles(`moving_${frameName(frame)}`, points, place);
      }
      yield { path: `images/${frameName(frame)}.png`, bytes: framePng(scene, frame++) };
      yield 0.2 + (0.8 * frame) / T;
    }
    yield textFile('data/scene.json', JSON.stringify(sceneInfo(scene, place, moments)));
  },
};

function* cloudFiles(name: string, points: Points, place: Placement): Generator<ExportFile> {
  yield { path: `data/${name}.f32`, bytes: new Uint8Array(placePoints(place, points.xyz).buffer) };
  yield { path: `data/${name}.u8`, bytes: Uint8Array.from(points.rgb) };
}

function sceneInfo(scene: Scene, place: Placement, moments: readonly number[]) {
  const { cameras, times, frameCount: T, width, height, depth } = scene;
  const some = depth.filter((z, i) => i % 97 === 0 && z > 0).sort();
  const span = times[T - 1] - times[0];
  return {
    title: scene.meta.title, frames: T, fps: span > 0 ? (T - 1) / span : 24, size: [width, height], moments,
    point_radius: (0.6 * place.scale * (some[some.length >> 1] ?? 1)) / cameras[0].fx,
    cameras: cameras.map((c) => ({ matrix: [...placeCamera(place, c, 'opengl')], fx: c.fx, cx: c.cx, cy: c.cy })),
    tracks: movingTrails(scene, place).map(({ track, xyz, colour }) => ({ track, points: [...xyz], colour: colour.map((v) => LINEAR[Math.round(255 * v)]) })),
  };
}
