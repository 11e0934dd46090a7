// Everything about how a scene is drawn that a person can choose.

export type CloudMode = 'frame' | 'background' | 'all';
export type CloudStyle = 'surface' | 'points';
export type ColourMode = 'picture' | 'depth' | 'confidence' | 'motion' | 'time' | 'speed';
export const TRAIL_COLOURS = ['track', 'speed', 'depth', 'height', 'time', 'mobility', 'visibility'] as const;
export type TrailColour = typeof TRAIL_COLOURS[number];
export type LayerName = 'background' | 'moving' | 'sky' | 'cameras' | 'trails' | 'measures' | 'grid';
export type Detail = 'auto' | 'coarse' | 'fine';

export interface Look {
  readonly mode: CloudMode;
  readonly style: CloudStyle;
  /** Width of a point seen from as far as it was recorded from, px; from nearby it grows. */
  readonly pointPx: number;
  /** Share of the least certain pixels that is left out, percent: of what stands and of what moves. */
  readonly dropStatic: number;
  readonly dropMoving: number;
  /** Leave out stretched surface at depth edges. */
  readonly trim: boolean;
  /** Close the gaps of the frame on show, stretched as that may look from aside. */
  readonly fill: boolean;
  /** Eye-dome shading. */
  readonly shading: boolean;
  readonly colour: ColourMode;
  /** Factors on the colours of the cloud; saturation 0 is grey. */
  readonly brightness: number;
  readonly saturation: number;
  readonly layers: Readonly<Record<LayerName, boolean>>;
  /** Points drawn at once: as many as this machine draws well, fewer, or all. */
  readonly detail: Detail;
  /** Moments of the moving part shown at once in mode "all". */
  readonly moments: number;
  /** How much of the moments furthest from the present one is left out, 0…1. */
  readonly momentFade: number;
  /** Frames. */
  readonly trailLength: number;
  /** px. */
  readonly trailWidth: number;
  readonly trailColour: TrailColour;
  readonly allTrails: boolean;
  /** Only tracks known for at least this many frames. */
  readonly trailMinFrames: number;
  /** Only tracks that are at least as sure on average, 0…1. */
  readonly trailMinConfidence: number;
  /** Cameras and tracks move on between the frames of slow clips. */
  readonly between: boolean;
  /** Depth of a frustum, share of the scene's radius. */
  readonly cameraSize: number;
  /** The recorded picture laid over the view from the recorded camera, 0…1. */
  readonly imageOpacity: number;
  /** Share of its width, from the left, that the picture covers. */
  readonly imageWipe: number;
  /** How gently the view follows a thing, 0…1. */
  readonly followSmooth: number;
  /** Vertical field of view, degrees. */
  readonly fov: number;
  readonly theme: 'dark' | 'light';
  /** Six hex digits behind the scene, instead of the theme's; null = the theme's. */
  readonly ground: string | null;
}

/** Least and most of `pointPx` to choose from. */
export const POINT_PX = [1, 8] as const;

export const clampPointPx = (px: number): number => Math.min(POINT_PX[1], Math.max(POINT_PX[0], px));

/** Phones leave the shading out: it costs a pass over every pixel. */
const coarsePointer = typeof matchMedia === 'function' && matchMedia('(pointer: coarse)').matches;

export const DEFAULT_LOOK: Look = {
  mode: 'background', style: 'surface', pointPx: 2, dropStatic: 3, dropMoving: 5, trim: true, fill: false, shading: !coarsePointer, colour: 'picture', brightness: 1, saturation: 1,
  layers: { background: true, moving: true, sky: false, cameras: true, trails: true, measures: true, grid: false }, detail: 'auto', moments: 8, momentFade: 0,
  trailLength: 15, trailWidth: 2, trailColour: 'track', allTrails: false, trailMinFrames: 2, trailMinConfidence: 0, between: true, cameraSize: 0.05, imageOpacity: 0, imageWipe: 1, followSmooth: 0.6, fov: 50, theme: 'dark', ground: null,
};
