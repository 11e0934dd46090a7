// Every format that a scene can be saved as.

import { CAMERA_UP } from './axes.ts';
import { blender } from './blender.ts';
import { colmap } from './colmap.ts';
import { csv } from './csv.ts';
import { depth, depthExr, masks } from './depth.ts';
import type { Exporter, ExportOptions, FormatName } from './exporter.ts';
import { glb } from './glb.ts';
import { nerfstudio } from './nerfstudio.ts';
import { npz, tapip3d } from './npz.ts';
import { ply } from './ply.ts';
import { tum } from './trajectory.ts';
import { usda } from './usda.ts';

export { exportFiles, zipFiles } from './archive.ts';
export { guessTrajectory, readTrajectory, type ScalarPlace, type Trajectory } from './read-trajectory.ts';
export { tracksCsv, type TrackTable } from './csv.ts';
export { CAMERA_UP, WORLD_AXES, type Vec3, type WorldAxes } from './axes.ts';
export type { Estimate, Exporter, ExportFile, ExportOptions, FormatName } from './exporter.ts';

export const EXPORTERS: readonly Exporter[] = [glb, ply, blender, usda, colmap, nerfstudio, tum, csv, depth, depthExr, masks, npz, tapip3d];

export const DEFAULT_EXPORT: ExportOptions = { axes: 'y-up', up: CAMERA_UP, dropPercent: 20, layout: 'sequence', decimals: 'point' };

export function findExporter(name: string): Exporter | null {
  return EXPORTERS.find((e) => e.name === (name as FormatName)) ?? null;
}
