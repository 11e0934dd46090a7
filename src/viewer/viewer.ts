// Scene in, events out.

import { Group, Matrix4, Vector3 } from 'three';
import type { Scene } from '../scene/scene.ts';
import { cameraMatrix, worldMatrix } from './axes.ts';
import type { Clock } from './clock.ts';
import { frameScene, type Framing } from './framing.ts';
import { CamerasLayer } from './layers/cameras.ts';
import { CloudLayer } from './layers/cloud.ts';
import { GridLayer } from './layers/grid.ts';
import { TracksLayer } from './layers/tracks.ts';
import { DEFAULT_LOOK, type Look } from './look.ts';
import { nearestLine, project, type Line, type Spot } from './pick.ts';
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
    const { centre, radius } = this.selectionSphere() ?? this.shown.framing;
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

  private selectionSphere(): { centre: Vector3; radius: number } | null {
    const { scene, world, framing } = this.shown!;
    const { xyz, frameCount: T } = scene.tracks;
    if (!xyz || this.selected.length === 0) return null;
    const points: Vector3[] = [];
    for (const track of this.selected) {
      for (let k = track * T; k < (track + 1) * T; k++) if (!Number.isNaN(xyz[k * 3])) points.push(new Vector3().fromArray(xyz, k * 3).applyMatrix4(world.matrix));
    }
    if (points.length === 0) return null;
    const centre = points.reduce((sum, p) => sum.add(p), new Vector3()).divideScalar(points.length);
    return { centre, radius: Math.max(0.15 * framing.radius, ...points.map((p) => p.distanceTo(centre))) };
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
    const shown = this.shown;
    if (!shown || !this.look.layers.trails) return null;
    return nearestLine(spot, this.trailLines(shown), PICK_REACH);
  }

  /** Where a track is on the canvas at this frame, px. */
  trackSpot(track: number): Spot | null {
    const shown = this.shown;
    const xyz = shown?.scene.tracks.xyz;
    if (!shown || !xyz) return null;
    const k = (track * shown.scene.frameCount + this.clock.frame) * 3;
    const matrix = this.stage.viewProjection().multiply(shown.world.matrix).elements;
    return Number.isNaN(xyz[k]) ? null : project(matrix, xyz[k], xyz[k + 1], xyz[k + 2], this.stage.width, this.stage.height);
  }

  private *trailLines({ scene, world, tracks }: Shown): Generator<Line> {
    const { xyz, frameCount: T } = scene.tracks;
    if (!xyz) return;
    const matrix = this.stage.viewProjection().multiply(world.matrix).elements;
    const spotAt = (k: number) => (Number.isNaN(xyz[k * 3]) ? null : project(matrix, xyz[k * 3], xyz[k * 3 + 1], xyz[k * 3 + 2], this.stage.width, this.stage.height));
    const last = this.clock.frame;
    for (const id of new Set([...tracks.shown, ...this.selected])) {
      const whole = this.selected.includes(id);
      const [from, to] = whole ? [0, T - 1] : [Math.max(0, last - this.look.trailLength), last];
      yield { id, spots: Array.from({ length: to - from + 1 }, (_, i) => spotAt(id * T + from + i)) };
    }
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
      const point = this.surfaceAt(spotOf(event));
      if (point) void controls.setTarget(point.x, point.y, point.z, !calm());
      this.stage.invalidate();
    });
  }

  /** The nearest point of the present frame under a spot of the canvas, three's world. */
  private surfaceAt(spot: Spot): Vector3 | null {
    if (!this.shown) return null;
    const { scene, world } = this.shown;
    const { width: W, height: H, depth } = scene;
    const { fx, fy, cx, cy, camToWorld } = scene.cameras[this.clock.frame];
    const toWorld = world.matrix.clone().multiply(new Matrix4().fromArray(camToWorld).transpose());
    const matrix = this.stage.viewProjection().elements;
    const point = new Vector3();
    let best: Vector3 | null = null;
    let bestDistance = Infinity;
    for (let y = 0; y < H; y += 2) {
      for (let x = 0; x < W; x += 2) {
        const z = depth[(this.clock.frame * H + y) * W + x];
        if (z <= 0) continue;
        point.set(((x + 0.5 - cx) / fx) * z, ((y + 0.5 - cy) / fy) * z, z).applyMatrix4(toWorld);
        const at = project(matrix, point.x, point.y, point.z, this.stage.width, this.stage.height);
        if (!at || Math.hypot(at.x - spot.x, at.y - spot.y) > 8) continue;
        const distance = point.distanceTo(this.stage.camera.position);
        if (distance < bestDistance) [best, bestDistance] = [point.clone(), distance];
      }
    }
    return best;
  }
}

/** People who asked for less motion get cuts instead of moves. */
const calm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
