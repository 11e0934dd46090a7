// Everything about how a scene is drawn that a person can choose.

export type CloudMode = 'frame' | 'background' | 'all';
export type CloudStyle = 'surface' | 'points';
export type ColourMode = 'picture' | 'depth' | 'confidence' | 'motion' | 'time' | 'speed';
export type TrailColour = 'track' | 'speed' | 'time';
export type LayerName = 'background' | 'moving' | 'cameras' | 'trails' | 'grid';

export interface Look {
  readonly mode: CloudMode;
  readonly style: CloudStyle;
  /** Factor on the natural size of a point, which just closes the gaps near the recorded view. */
  readonly pointSize: number;
  /** Share of the least certain pixels that is left out, percent. */
  readonly dropPercent: number;
  /** Leave out stretched surface at depth edges. */
  readonly trim: boolean;
  /** Eye-dome shading. */
  readonly shading: boolean;
  readonly colour: ColourMode;
  readonly layers: Readonly<Record<LayerName, boolean>>;
  /** Frames. */
  readonly trailLength: number;
  /** px. */
  readonly trailWidth: number;
  readonly trailColour: TrailColour;
  readonly allTrails: boolean;
  readonly theme: 'dark' | 'light';
}

export const DEFAULT_LOOK: Look = {
  mode: 'background', style: 'surface', pointSize: 1.4, dropPercent: 5, trim: true, shading: true, colour: 'picture',
  layers: { background: true, moving: true, cameras: true, trails: true, grid: false },
  trailLength: 15, trailWidth: 2, trailColour: 'track', allTrails: false, theme: 'dark',
};
