// Everything about how a scene is drawn that a person can choose.

export type CloudMode = 'frame' | 'background' | 'all';
export type CloudStyle = 'surface' | 'points';
export type ColourMode = 'picture' | 'depth' | 'confidence' | 'motion' | 'time' | 'speed';
export const TRAIL_COLOURS = ['track', 'speed', 'depth', 'height', 'time', 'mobility', 'visibility'] as const;
export type TrailColour = typeof TRAIL_COLOURS[number];
export type LayerName = 'background' | 'moving' | 'cameras' | 'trails' | 'measures' | 'grid';
export type Detail = 'auto' | 'coarse' | 'fine';

export interface Look {
  readonly mode: CloudMode;
  readonly style: CloudStyle;
  /** Factor on the natural size of a point, which just closes the gaps near the recorded view. */
  readonly pointSize: number;
  /** Share of the least certain pixels that is left out, percent: of what stands and of what moves. */
  readonly dropStatic: number;
  readonly dropMoving: number;
  /** Leave out stretched surface at depth edges. */
  readonly trim: boolean;
  /** Eye-dome shading. */
  readonly shading: boolean;
  readonly colour: ColourMode;
  readonly layers: Readonly<Record<LayerName, boolean>>;
  /** Points drawn at once: as many as this machine draws well, fewer, or all. */
  readonly detail: Detail;
  /** Moments of the moving part shown at once in mode "all". */
  readonly moments: number;
  /** Frames. */
  readonly trailLength: number;
  /** px. */
  readonly trailWidth: number;
  readonly trailColour: TrailColour;
  readonly allTrails: boolean;
  /** Only tracks known for at least this many frames. */
  readonly trailMinFrames: number;
  /** Depth of a frustum, share of the scene's radius. */
  readonly cameraSize: number;
  /** The recorded picture laid over the view from the recorded camera, 0…1. */
  readonly imageOpacity: number;
  /** Vertical field of view, degrees. */
  readonly fov: number;
  readonly theme: 'dark' | 'light';
}

/** Phones leave the shading out: it costs a pass over every pixel. */
const coarsePointer = typeof matchMedia === 'function' && matchMedia('(pointer: coarse)').matches;

export const DEFAULT_LOOK: Look = {
  mode: 'background', style: 'surface', pointSize: 1.4, dropStatic: 10, dropMoving: 5, trim: true, shading: !coarsePointer, colour: 'picture',
  layers: { background: true, moving: true, cameras: true, trails: true, measures: true, grid: false }, detail: 'auto', moments: 8,
  trailLength: 15, trailWidth: 2, trailColour: 'track', allTrails: false, trailMinFrames: 2, cameraSize: 0.05, imageOpacity: 0, fov: 50, theme: 'dark',
};
