// Between the canvas and what is on show: what lies under a spot, and where on the canvas a thing is.

import type { Group } from 'three';
import type { Scene } from '../scene/scene.ts';
import { hitOfPixel, surfaceAt, type Hit } from './hits.ts';
import type { CamerasLayer } from './layers/cameras.ts';
import type { CloudLayer } from './layers/cloud.ts';
import type { TracksLayer } from './layers/tracks.ts';
import type { Look } from './look.ts';
import { nearestLine, project, spotOfTrack, tracksWithin, trailLines, type Point, type Projection, type Spot } from './pick.ts';
import type { Stage } from './stage.ts';

/** px around a trail that still count as on it. */
const PICK_REACH = 11;

/** What can be pointed at. */
export interface InSight {
  readonly scene: Scene;
  /** Scene world → three's world. */
  readonly world: Group;
  readonly cloud: CloudLayer;
  readonly cameras: CamerasLayer;
  readonly tracks: TracksLayer;
}

interface Now {
  readonly frame: number;
  readonly look: Look;
  readonly selected: readonly number[];
}

/** Spots are px of the canvas. */
export class Sight {
  constructor(private readonly stage: Stage, private readonly shown: () => InSight | null, private readonly now: () => Now) {}

  /** The trail or head under a spot. */
  trackAt(spot: Spot): number | null {
    const shown = this.shown();
    const { frame, look, selected } = this.now();
    if (!shown || !look.layers.trails) return null;
    return nearestLine(spot, trailLines(shown.scene, shown.tracks.shown, selected, frame, look.trailLength, this.projection(shown)), PICK_REACH);
  }

  /** The frame whose frustum is drawn under a spot. */
  cameraAt(spot: Spot): number | null {
    const shown = this.shown();
    if (!shown?.cameras.object.visible) return null;
    const view = this.projection(shown);
    const lines = shown.cameras.outlines().map(({ frame, points }) => ({ id: frame, spots: points.map(([x, y, z]) => project(view, x, y, z)) }));
    return nearestLine(spot, lines, PICK_REACH / 2);
  }

  surfaceAt(spot: Spot): Hit | null {
    const shown = this.shown();
    return shown && surfaceAt(shown.scene, shown.cloud.shownPixels(), spot, this.projection(shown));
  }

  /** What a pixel (column, row) of the frame on show is in the view. */
  hitOfPixel(x: number, y: number): Hit | null {
    const shown = this.shown();
    return shown && hitOfPixel(shown.scene, shown.cloud.drawnDepth, this.now().frame, x, y);
  }

  /** Tracks that are seen at this frame within a closed line, whether they have a trail on show or not. */
  tracksWithin(outline: readonly Spot[]): number[] {
    const shown = this.shown();
    if (!shown) return [];
    const view = this.projection(shown);
    return tracksWithin(shown.scene, this.now().frame, outline, (k) => spotOfTrack(shown.scene, k, view));
  }

  /** Where a track is at this frame. */
  spotOfTrack(track: number): Spot | null {
    const shown = this.shown();
    return shown && spotOfTrack(shown.scene, track * shown.scene.frameCount + this.now().frame, this.projection(shown));
  }

  /** Where a point of the scene's world is. */
  spotOf([x, y, z]: Point): Spot | null {
    const shown = this.shown();
    return shown && project(this.projection(shown), x, y, z);
  }

  /** From the scene's world to the canvas. */
  private projection({ world }: InSight): Projection {
    const { width, height } = this.stage;
    return { matrix: this.stage.viewProjection().multiply(world.matrix).elements, width, height };
  }
}
