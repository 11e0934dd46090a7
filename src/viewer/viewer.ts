// Scene in, events out.

import { Group, Vector3 } from 'three';
import type { Scene } from '../scene/scene.ts';
import { cameraMatrix, worldMatrix } from './axes.ts';
import type { Clock } from './clock.ts';
import { frameScene, tracksSphere, type Framing } from './framing.ts';
import { CamerasLayer } from './layers/cameras.ts';
import { CloudLayer } from './layers/cloud.ts';
import { GridLayer } from './layers/grid.ts';
import { TracksLayer } from './layers/tracks.ts';
import { DEFAULT_LOOK, type Look } from './look.ts';
import { nearestLine, spotOfTrack, surfaceAt, trailLines, type Projection, type Spot } from './pick.ts';
import { FOV, Stage } from './stage.ts';
import { estimateUp } from './up.ts';

/** Grid points drawn at once. */
const BUDGET = { software: 70_000, phone: 400_000, desktop: 1_500_000 };
/** px around a trail that still count as on it. */
const PICK_REACH = 11;

export interface ViewerEvents {
  /** A trail was clicked (null: beside every trail). */
  pick(track: number | null, add: boolean): void;
  hover(track: number | null): void;
  /** The view follows the recorded camera, or no longer does. */
  through(on: boolean): void;
  /** More of the scene is on show than before. */
  changed(): void;
}

/** Everything that belongs to one scene and goes with it. */
interface Shown {
  readonly scene: Scene;
  readonly world: Group;
  readonly framing: Framing;
  readonly cloud: CloudLayer;
  readonly cameras: CamerasLayer;
  readonly tracks: TracksLayer;
  grid: GridLayer;
}

export class Viewer {
  readonly stage: Stage;
  through = false;
  /** True once the background is complete. */
  ready = false;
  private look: Look = DEFAULT_LOOK;
  private shown: Shown | null = null;
  private selected: readonly number[] = [];
  private readonly stopClock: () => void;
  private drawnFrame = -1;

  constructor(host: HTMLElement, private readonly clock: Clock, private readonly events: ViewerEvents) {
    this.stage = new Stage(host, () => this.beforeDraw());
    this.stopClock = clock.subscribe(() => this.showFrame());
    this.listen();
  }

  get pointCount(): number { return this.shown?.cloud.pointCount ?? 0; }
  get depthRange(): readonly [number, number] { return this.shown?.cloud.depthRange ?? [0, 1]; }
  get speedTop(): number { return this.shown?.tracks.speedTop ?? 1; }
  get shownTracks(): readonly number[] { return this.shown?.tracks.shown ?? []; }
  get gridCell(): number { return this.shown?.grid.cell ?? 1; }

  /** Puts a scene on show in place of the one before, which gives back all it held. */
  show(scene: Scene | null): void {
    this.clear();
    if (!scene) return this.stage.invalidate();
    const matrix = worldMatrix(estimateUp(scene));
    const world = new Group();
    world.matrixAutoUpdate = false;
    world.matrix.copy(matrix);
    const framing = frameScene(scene, matrix, (FOV * Math.PI) / 180, this.stage.camera.aspect);
    const cloud = new CloudLayer(scene, this.look, this.budget, () => this.changed());
    const cameras = new CamerasLayer(scene, 0.06 * framing.radius, cloud.picture);
    const tracks = new TracksLayer(scene, this.look);
    world.add(cloud.object, cameras.object, tracks.object);
    this.stage.three.add(world);
    this.shown = { scene, world, framing, cloud, cameras, tracks, grid: this.makeGrid(framing) };
    this.stage.setBounds(framing.centre, Math.max(framing.radius, framing.centre.distanceTo(framing.eye)));
    this.drawnFrame = -1;
    this.setLook(this.look);
    this.showFrame();
    this.reset(false);
    cloud.fuse().then(() => {
      if (this.shown?.cloud !== cloud) return;
      this.ready = true;
      this.changed();
    });
  }

  setLook(look: Look): void {
    const themeChanged = look.theme !== this.look.theme;
    this.look = look;
    this.stage.setTheme(look.theme);
    const shown = this.shown;
    if (!shown) return;
    shown.cloud.setLook(look);
    shown.tracks.setLook(look);
    if (themeChanged) {
      shown.grid.dispose();
      shown.grid = this.makeGrid(shown.framing);
    }
    this.showLayers();
    this.changed();
  }

  select(tracks: readonly number[]): void {
    this.selected = tracks;
    this.shown?.tracks.select(tracks);
    this.stage.invalidate();
  }

  /** Back to the start view. */
  reset(smooth = true): void {
    if (!this.shown) return;
    this.setThrough(false);
    const { eye, target } = this.shown.framing;
    this.stage.controls.setLookAt(eye.x, eye.y, eye.z, target.x, target.y, target.z, smooth && !calm());
    this.stage.controls.setFocalOffset(0, 0, 0, false);
    this.stage.invalidate();
  }

  /** Everything in view, from the present direction; with a selection, that. */
  fit(): void {
    if (!this.shown) return;
    this.setThrough(false);
    const { scene, world, framing } = this.shown;
    const { centre, radius } = tracksSphere(scene, world.matrix, this.selected, 0.15 * framing.radius) ?? framing;
    const direction = this.stage.camera.position.clone().sub(this.stage.controls.getTarget(new Vector3())).normalize();
    const distance = (1.05 * radius) / Math.sin((FOV * Math.PI) / 360) / Math.min(1, this.stage.camera.aspect);
    const eye = centre.clone().addScaledVector(direction, distance);
    this.stage.controls.setLookAt(eye.x, eye.y, eye.z, centre.x, centre.y, centre.z, !calm());
    this.stage.invalidate();
  }

  /** Turns the view about its centre, degrees. */
  orbit(azimuth: number, polar: number): void {
    this.setThrough(false);
    this.stage.controls.rotate((azimuth * Math.PI) / 180, (polar * Math.PI) / 180, !calm());
    this.stage.invalidate();
  }

  zoom(factor: number): void {
    this.setThrough(false);
    this.stage.controls.dollyTo(this.stage.controls.distance / factor, !calm());
    this.stage.invalidate();
  }

  /** Looks through the recorded camera, in step with time; or leaves the view where it is. */
  setThrough(on: boolean): void {
    if (this.through === on || (on && !this.shown)) return;
    this.through = on;
    this.stage.controls.enabled = !on;
    if (on) this.followCamera();
    else this.leaveCamera();
    this.showLayers();
    this.events.through(on);
    this.stage.invalidate();
  }

  /** The picture as it is on show, PNG. */
  async snapshot(): Promise<Blob | null> {
    this.stage.renderer.render(this.stage.three, this.stage.camera);
    return new Promise((resolve) => this.stage.canvas.toBlob(resolve));
  }

  dispose(): void {
    this.clear();
    this.stopClock();
    this.stage.dispose();
  }

  private get budget(): number {
    if (this.stage.software) return BUDGET.software;
    return matchMedia('(pointer: coarse)').matches ? BUDGET.phone : BUDGET.desktop;
  }

  private makeGrid({ centre, radius, floor }: Framing): GridLayer {
    const grid = new GridLayer(radius, floor, centre.x, centre.z, this.look.theme === 'light');
    this.stage.three.add(grid.object);
    return grid;
  }

  private clear(): void {
    this.setThrough(false);
    this.ready = false;
    this.selected = [];
    if (!this.shown) return;
    const { world, cloud, cameras, tracks, grid } = this.shown;
    this.shown = null;
    for (const layer of [cloud, cameras, tracks, grid]) layer.dispose();
    world.removeFromParent();
  }

  private showFrame(): void {
    const shown = this.shown;
    if (!shown || this.drawnFrame === this.clock.frame) return;
    this.drawnFrame = this.clock.frame;
    shown.cloud.setFrame(this.drawnFrame);
    shown.cameras.setFrame(this.drawnFrame);
    shown.tracks.setFrame(this.drawnFrame);
    if (this.through) this.followCamera();
    this.stage.invalidate();
  }

  private showLayers(): void {
    if (!this.shown) return;
    // From inside the recorded camera its own frustum would fill the view.
    this.shown.cameras.object.visible = this.look.layers.cameras && !this.through;
    this.shown.grid.object.visible = this.look.layers.grid;
  }

  private followCamera(): void {
    const { scene, world } = this.shown!;
    const camera = scene.cameras[this.clock.frame];
    cameraMatrix(world.matrix, camera).decompose(this.stage.camera.position, this.stage.camera.quaternion, new Vector3());
    // The whole recorded picture fits into the view, whichever side is the tight one.
    const wide = scene.width / camera.fx / this.stage.camera.aspect;
    this.stage.setFov((360 / Math.PI) * Math.atan(Math.max(scene.height / camera.fy, wide) / 2));
  }

  private leaveCamera(): void {
    const { camera, controls } = this.stage;
    const distance = this.shown ? this.shown.framing.eye.distanceTo(this.shown.framing.target) : 1;
    const target = camera.position.clone().addScaledVector(camera.getWorldDirection(new Vector3()), distance);
    this.stage.setFov(FOV);
    controls.setLookAt(camera.position.x, camera.position.y, camera.position.z, target.x, target.y, target.z, false);
  }

  private beforeDraw(): void {
    const shown = this.shown;
    if (!shown) return;
    const { width, height, pixelRatio, focalPx } = this.stage;
    shown.cloud.setView(focalPx);
    shown.cameras.setViewport(width, height);
    shown.tracks.setViewport(width, height, pixelRatio);
  }

  private changed(): void {
    this.stage.invalidate();
    this.events.changed();
  }

  /** The trail or head under a point of the canvas, px. */
  trackAt(spot: Spot): number | null {
    if (!this.shown || !this.look.layers.trails) return null;
    const { scene, tracks } = this.shown;
    return nearestLine(spot, trailLines(scene, tracks.shown, this.selected, this.clock.frame, this.look.trailLength, this.projection()), PICK_REACH);
  }

  /** Where a track is on the canvas at this frame, px. */
  trackSpot(track: number): Spot | null {
    const scene = this.shown?.scene;
    return scene ? spotOfTrack(scene, track * scene.frameCount + this.clock.frame, this.projection()) : null;
  }

  /** From the scene's world to the canvas. */
  private projection(): Projection {
    const { width, height } = this.stage;
    return { matrix: this.stage.viewProjection().multiply(this.shown!.world.matrix).elements, width, height };
  }

  private listen(): void {
    const { canvas, controls } = this.stage;
    const spotOf = (event: PointerEvent | MouseEvent): Spot => {
      const box = canvas.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    let down: Spot | null = null;
    canvas.addEventListener('pointerdown', (event) => {
      down = spotOf(event);
      // A drag takes the view out of the recorded camera.
      if (this.through) this.setThrough(false);
    });
    canvas.addEventListener('pointerup', (event) => {
      const up = spotOf(event);
      if (down && event.button === 0 && Math.hypot(up.x - down.x, up.y - down.y) < 5) this.events.pick(this.trackAt(up), event.shiftKey);
      down = null;
    });
    canvas.addEventListener('pointermove', (event) => {
      if (event.buttons === 0 && event.pointerType === 'mouse') this.events.hover(this.trackAt(spotOf(event)));
    });
    canvas.addEventListener('dblclick', (event) => {
      const found = this.shown && surfaceAt(this.shown.scene, this.clock.frame, spotOf(event), this.projection());
      if (!found) return;
      const { x, y, z } = new Vector3(...found).applyMatrix4(this.shown!.world.matrix);
      void controls.setTarget(x, y, z, !calm());
      this.stage.invalidate();
    });
  }
}

/** People who asked for less motion get cuts instead of moves. */
const calm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
