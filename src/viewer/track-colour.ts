// One colour per track and frame, for every quantity that trails can show, and the ends of its scale.

import type { Scene } from '../scene/scene.ts';
import { mapColour, MAP_OF, MOVING, trackHue, type MapName, type Rgb } from './colours.ts';
import type { TrailColour } from './look.ts';
import { readTrack, topSpeed, type TrackMotion } from './track-motion.ts';

export interface TrailScale {
  readonly map: MapName;
  readonly low: number;
  readonly high: number;
  /** What the numbers measure: lengths and speeds are in scene units. */
  readonly kind: 'length' | 'speed' | 'time' | 'share';
}

export class TrackPaint {
  private readonly motions = new Map<number, TrackMotion>();
  private readonly scales = new Map<TrailColour, TrailScale>();

  /** `heightOf` gives the height above the floor of a point of the scene's world, scene units. */
  constructor(private readonly scene: Scene, private readonly shown: readonly number[], private readonly heightOf: (x: number, y: number, z: number) => number) {}

  colour(mode: TrailColour, track: number, frame: number): Rgb {
    if (mode === 'track') return trackHue(track);
    if (mode === 'visibility') return this.scene.tracks.visible[track * this.scene.frameCount + frame] ? STATIC_SEEN : MOVING;
    const { map, low, high } = this.scale(mode)!;
    const share = (this.value(mode, track, frame) - low) / (high - low || 1);
    // Near is warm everywhere.
    return mapColour(map, mode === 'depth' ? 1 - share : share || 0);
  }

  /** Null where colours have no scale. */
  scale(mode: TrailColour): TrailScale | null {
    if (mode === 'track' || mode === 'visibility') return null;
    let scale = this.scales.get(mode);
    if (!scale) this.scales.set(mode, scale = this.makeScale(mode));
    return scale;
  }

  private makeScale(mode: TrailColour): TrailScale {
    const { times, frameCount: T } = this.scene;
    if (mode === 'time') return { map: MAP_OF.time, low: 0, high: times[T - 1] - times[0], kind: 'time' };
    if (mode === 'mobility') return { map: 'viridis', low: 0, high: 1, kind: 'share' };
    if (mode === 'speed') return { map: MAP_OF.speed, low: 0, high: topSpeed(this.scene, this.shown), kind: 'speed' };
    const values = this.shown.flatMap((track) => Array.from({ length: T }, (_, t) => this.value(mode, track, t))).filter(Number.isFinite).sort((a, b) => a - b);
    const at = (share: number) => values[Math.floor(share * (values.length - 1))] ?? 0;
    return { map: mode === 'depth' ? MAP_OF.depth : 'viridis', low: at(0.02), high: at(0.98), kind: 'length' };
  }

  private value(mode: TrailColour, track: number, frame: number): number {
    const { tracks, cameras, times, frameCount: T } = this.scene;
    if (mode === 'time') return times[frame] - times[0];
    if (mode === 'mobility') return tracks.mobility[track];
    if (mode === 'speed') return this.motionOf(track).speed[frame];
    const [x, y, z] = tracks.xyz!.subarray((track * T + frame) * 3, (track * T + frame) * 3 + 3);
    if (mode === 'height') return this.heightOf(x, y, z);
    const m = cameras[frame].camToWorld;
    return m[2] * (x - m[3]) + m[6] * (y - m[7]) + m[10] * (z - m[11]);
  }

  private motionOf(track: number): TrackMotion {
    let motion = this.motions.get(track);
    if (!motion) this.motions.set(track, motion = readTrack(this.scene, track));
    return motion;
  }
}

const STATIC_SEEN: Rgb = [86, 180, 233];
/** Legend of the colouring by visibility. */
export const VISIBILITY_COLOURS = { seen: STATIC_SEEN, hidden: MOVING };
