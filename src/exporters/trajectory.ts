// X5: TUM trajectory, as evo reads it.

import { placeCamera, placeWorld, quaternionOf } from './axes.ts';
import { shortNumber, textFile, type Exporter } from './exporter.ts';

export const tum: Exporter = {
  name: 'tum', title: 'Camera path (TUM)', purpose: 'evo and other tools that compare trajectories',
  fixedAxes: 'opencv',
  conventions: ['Each line: time_s tx ty tz qx qy qz qw (scalar last), camera to world, OpenCV camera axes (x right, y down, z forward).'],
  single: { extension: '.txt', path: 'trajectory.txt' },
  estimate: (scene) => ({ bytes: 100 * scene.frameCount, notes: [] }),
  *write(scene) {
    const place = placeWorld(scene, 'opencv');
    const lines = scene.cameras.map((camera, i) => {
      const m = placeCamera(place, camera, 'opencv');
      return [scene.times[i], m[3], m[7], m[11], ...quaternionOf(m)].map(shortNumber).join(' ');
    });
    yield textFile('trajectory.txt', `${lines.join('\n')}\n`);
  },
};
