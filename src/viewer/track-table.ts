// Tracks as rows of numbers, for files and for people who read tables rather than curves.

import type { Scene } from '../scene/scene.ts';
import { readTrack, SMOOTHING_REACH } from './track-motion.ts';

/**
 * CSV with one row per track and frame: dot decimals, UTF-8, no comments, empty where it is not known.
 * Lengths are in metres (suffix _m) where the scene has a scale, in scene units (suffix _u) else; axes are the first camera's (x right, y down, z forward).
 */
export function tracksCsv(scene: Scene, tracks: readonly number[], reach = SMOOTHING_REACH): string {
  const { metresPerUnit, tracks: set, times, frameCount: T } = scene;
  const unit = metresPerUnit === null ? 'u' : 'm';
  const factor = metresPerUnit ?? 1;
  const cell = (value: number) => (Number.isFinite(value) ? String(+value.toPrecision(7)) : '');
  const rows = tracks.flatMap((track) => {
    const motion = readTrack(scene, track, reach);
    return Array.from({ length: T }, (_, t) => {
      const k = track * T + t;
      const seen = set.visible[k] === 1;
      const lengths = [motion.x, motion.y, motion.z].map((axis) => cell(axis[t] * factor));
      const pixel = seen ? [cell(set.uv[k * 2]), cell(set.uv[k * 2 + 1])] : ['', ''];
      return [track, `track ${track}`, t, cell(times[t]), ...lengths, ...pixel, seen ? 1 : 0, cell(set.confidence[k]), cell(motion.speed[t] * factor)].join(',');
    });
  });
  return [`track,name,frame,time_s,x_${unit},y_${unit},z_${unit},u_px,v_px,visible,confidence,speed_${unit}_s`, ...rows].join('\n') + '\n';
}
