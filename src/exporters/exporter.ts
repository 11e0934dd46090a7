import type { Scene } from '../scene/scene.ts';
import type { Vec3, WorldAxes } from './axes.ts';

export type FormatName = 'ply' | 'glb' | 'colmap' | 'nerfstudio' | 'tum' | 'csv' | 'depth' | 'depth-exr' | 'masks' | 'usda' | 'blender' | 'npz' | 'tapip3d';

export interface ExportOptions {
  /** World of the file, where the format leaves the choice. */
  readonly axes: WorldAxes;
  /** Up in the scene's world, which y-up and z-up files turn upright. */
  readonly up: Vec3;
  /** Least sure points left out, percent. */
  readonly dropPercent: number;
  /** PLY: everything in one file, or the static part and one file per frame. */
  readonly layout: 'merged' | 'sequence';
  /** CSV: "point" is `,` and 1.5; "comma" is `;` and 1,5. */
  readonly decimals: 'point' | 'comma';
}

export interface ExportFile {
  /** Inside the archive, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Estimate {
  readonly bytes: number;
  /** What the person should know before saving: points left out, limits of the format. */
  readonly notes: readonly string[];
}

/** One file format. `write` yields files as they are ready and, between them, the share done so far (0…1). */
export interface Exporter {
  readonly name: FormatName;
  readonly title: string;
  /** One line: what it is for. */
  readonly purpose: string;
  /** The world of the file: fixed by the format, or null where the person chooses. */
  readonly fixedAxes: WorldAxes | null;
  /** How cameras and values are to be read; goes into README.txt. */
  readonly conventions: readonly string[];
  /** Ending and path of the one file that stands for itself, or null where it takes a folder. */
  readonly single: { readonly extension: string; readonly path: string } | null;
  estimate(scene: Scene, options: ExportOptions): Estimate;
  write(scene: Scene, options: ExportOptions): AsyncGenerator<ExportFile | number> | Generator<ExportFile | number>;
}

export const textFile = (path: string, text: string): ExportFile => ({ path, bytes: new TextEncoder().encode(text) as Uint8Array<ArrayBuffer> });

/** 000012: sorts by name as by number. */
export const frameName = (frame: number): string => String(frame).padStart(6, '0');

/** Numbers in text files: shortest form of a float32, dot decimals. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(9)));
}
