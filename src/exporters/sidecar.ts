// export.json and README.txt: what every archive says about its axes, units and times.

import { version } from '../../package.json';
import type { Scene } from '../scene/scene.ts';
import { CAMERA_UP, placeWorld, WORLD_AXES } from './axes.ts';
import { textFile, type Exporter, type ExportFile, type ExportOptions } from './exporter.ts';

export interface Sidecar {
  readonly app: 'foursight';
  readonly app_version: string;
  readonly format: string;
  readonly title: string;
  readonly source: string;
  readonly axes: { readonly world: string; readonly up_in_scene: readonly number[]; readonly camera: string };
  readonly scale: { readonly unit: 'm' | 'u'; readonly metres_per_scene_unit: number | null; readonly source: string };
  readonly frames: readonly { readonly index: number; readonly time_s: number; readonly source_index: number | null }[];
  readonly size: readonly [number, number];
}

export function describeExport(scene: Scene, exporter: Exporter, options: ExportOptions): Sidecar {
  const axes = exporter.fixedAxes ?? options.axes;
  const { unit } = placeWorld(scene, axes, options.up);
  const { scale_source: scaleSource } = scene.meta.settings;
  return {
    app: 'foursight', app_version: version, format: exporter.name, title: scene.meta.title, source: scene.meta.source.name,
    axes: { world: `${axes}: ${WORLD_AXES[axes]}`, up_in_scene: axes === 'opencv' ? CAMERA_UP : options.up, camera: exporter.conventions[0] ?? '' },
    scale: {
      unit, metres_per_scene_unit: scene.metresPerUnit,
      source: scene.metresPerUnit === null ? 'none: lengths are relative' : typeof scaleSource === 'string' ? scaleSource : 'scale of the scene file',
    },
    frames: Array.from(scene.times, (time, index) => ({ index, time_s: time, source_index: scene.meta.source.frameIndices[index] ?? null })),
    size: [scene.width, scene.height],
  };
}

export function describeFiles(scene: Scene, exporter: Exporter, options: ExportOptions): ExportFile[] {
  const sidecar = describeExport(scene, exporter, options);
  const readme = [
    `${scene.meta.title}: ${exporter.title}, exported by Foursight ${version}.`, '',
    `World axes   ${sidecar.axes.world}.`,
    axesNote(sidecar, exporter, options),
    `Lengths      ${sidecar.scale.unit === 'm' ? 'metres' : 'relative units (u): the scene has no scale, so nothing here is in metres'}${sidecar.scale.unit === 'm' ? ` (scale: ${sidecar.scale.source})` : ''}.`,
    `Frames       ${scene.frameCount} of ${scene.width} x ${scene.height} pixels; their times in seconds are in export.json.`,
    ...exporter.conventions.map((line) => `             ${line}`), '',
  ].filter((line) => line !== null);
  return [textFile('README.txt', readme.join('\n')), textFile('export.json', `${JSON.stringify(sidecar, null, 1)}\n`)];
}

function axesNote({ axes }: Sidecar, exporter: Exporter, options: ExportOptions): string | null {
  if ((exporter.fixedAxes ?? options.axes) === 'opencv') return null;
  const first = axes.up_in_scene.every((v, i) => v === CAMERA_UP[i]);
  return `             ${first ? 'Up is that of the first camera; gravity was not measured.' : 'Up was estimated from the cameras and the level surfaces, or set by hand.'}`;
}
