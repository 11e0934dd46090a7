// Scene in, events out.

import { Group, Matrix4, Vector3 } from 'three';
import type { Scene } from '../scene/scene.ts';
import { worldMatrix } from './axes.ts';
import type { Clock } from './clock.ts';
import type { ConfidenceSpread } from './confidence.ts';
import { frameScene, type Framing } from './framing.ts';
import { CamerasLayer } from './layers/cameras.ts';
import { CloudLayer } from './layers/cloud.ts';
import { GridLayer } from './layers/grid.ts';
import { MarksLayer, type Mark, type Segment } from './layers/marks.ts';
import { TracksLayer } from './layers/tracks.ts';
import { DEFAULT_LOOK, type Look, type TrailColour } from './look.ts';
import { Navigation, type NavigationMode } from './navigation.ts';
import type { Point, Spot } from './pick.ts';
import { listenToPointer, type PointerEvents, type Tool } from './pointer.ts';
import { Sight, type InSight } from './sight.ts';
import { hasSky } from './sky.ts';
import { Stage } from './stage.ts';
import type { TrailScale } from './track-colour.ts';
import type { Rgb } from './colours.ts';
import { estimateUp } from './up.ts';

/** Grid points drawn at once. */
const BUDGET = { software: 140_000, phone: 400_000, desktop: 1_500_000, coarse: 60_000, fine: 4_000_000 };
/** Clips with fewer frames a second are seen to step. */
const SMOOTH_BELOW_FPS = 24;
/** Stillness after which an edited mask reaches the background. */
const REFUSE_MS = 700;

export interface ViewerEvents extends PointerEvents {
  /** The view is moved in another way than before. */
  navigated(mode: NavigationMode): void;
  /** The view is turned or moved by hand. */
  turned?(): void;
  /** More of the scene is on show than before. */
  changed(): void;
}

/** Everything that belongs to one scene and goes with it. */
interface Shown extends InSight {
  scene: Scene;
  /** Scene world → three's world, as `world` has it for surfaces. */
  readonly marksWorld: Group;
  framing: Framing;
  tracks: TracksLayer;
  readonly marks: MarksLayer;
  grid: GridLayer;
}

export class Viewer {
  readonly stage: Stage;
  readonly navigation: Navigation;
  /** What lies where on the canvas. */
  readonly sight: Sight;
  /** What a click means. */
  tool: Tool = 'select';
  /** True once the background is complete. */
  ready = false;
  /** Followed by the view in mode "follow"; null: the middle of what moves. */
  followed: number | null = null;
  private look: Look = DEFAULT_LOOK;
  private shown: Shown | null = null;
  private selected: readonly number[] = [];
  private kept: readonly number[] | null = null;
  private readonly stopClock: (() => void)[];
  private drawnFrame = -1;
  private isBetween = false;
  private refusing: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement, private readonly clock: Clock, private readonly events: ViewerEvents) {
    this.stage = new Stage(host);
    this.stage.beforeDraw = () => this.beforeDraw();
    this.navigation = new Navigation(this.stage, clock, () => this.followedPoint(), () => {
      this.showLayers();
      events.navigated(this.navigation.mode);
    });
    this.sight = new Sight(this.stage, () => this.shown, () => ({ frame: this.clock.frame, look: this.look, selected: this.selected }));
    this.stopClock = [clock.subscribe(() => this.showFrame()), clock.subscribeBetween(() => this.showBetween())];
    listenToPointer(this, events);
    this.stage.controls.addEventListener('control', () => events.turned?.());
  }

  get pointCount(): number { return this.shown?.cloud.pointCount ?? 0; }
  get depthRange(): readonly [number, number] { return this.shown?.cloud.depthRange ?? [0, 1]; }
  get confidence(): ConfidenceSpread | null { return this.shown?.cloud.confidence ?? null; }
  get shownTracks(): readonly number[] { return this.shown?.tracks.shown ?? []; }
  get gridCell(): number { return this.shown?.grid.cell ?? 1; }
  get radius(): number { return this.shown?.framing.radius ?? 1; }
  /** Box around most of the scene, in the world that links' views are in; scene units. */
  get bounds(): { min: Point; max: Point } | null {
    if (!this.shown) return null;
    const { low, high } = this.shown.framing;
    return { min: [low.x, low.y, low.z], max: [high.x, high.y, high.z] };
  }

  /** Whether what is on show lies between two frames. */
  get interpolates(): boolean { return this.navigation.smooth && this.clock.playing; }

  trailScale(mode: TrailColour): TrailScale | null { return this.shown?.tracks.scale(mode) ?? null; }
  trailColour(track: number, frame: number): Rgb { return this.shown?.tracks.colourOf(track, frame) ?? [255, 255, 255]; }

  /** A point of the scene's world in axes that stand on the floor: x right, y up, z towards the first camera; scene units. */
  overFloor([x, y, z]: Point): Point {
    const place = this.shown ? new Vector3(x, y, z).applyMatrix4(this.shown.world.matrix) : new Vector3(NaN, NaN, NaN);
    return [place.x, place.y - (this.shown?.framing.floor ?? 0), place.z];
  }

  /** Height above the floor of a point of the scene's world, scene units. */
  heightOf(x: number, y: number, z: number): number {
    return this.overFloor([x, y, z])[1];
  }

  /** Puts a scene on show in place of the one before, which gives back all it held. `up`: unit vector of the scene's world. */
  show(scene: Scene | null, up?: Point): void {
    this.clear();
    if (!scene) return this.stage.invalidate();
    const matrix = worldMatrix(up ?? estimateUp(scene));
    const [world, marksWorld] = [makeWorld(matrix), makeWorld(matrix)];
    const framing = frameScene(scene, matrix, (this.navigation.fov * Math.PI) / 180, this.stage.camera.aspect);
    const cloud = new CloudLayer(scene, this.look, this.budget);
    const cameras = new CamerasLayer(scene, this.look.cameraSize * framing.radius, cloud.picture);
    const tracks = this.makeTracks(scene, matrix, framing);
    const marks = new MarksLayer();
    world.add(cloud.object);
    marksWorld.add(cameras.object, cameras.image, tracks.object, marks.object);
    this.stage.surfaces.add(world);
    this.stage.marks.add(marksWorld);
    this.shown = { scene, world, marksWorld, framing, cloud, cameras, tracks, marks, grid: this.makeGrid(framing) };
    this.stage.setBounds(framing.centre, Math.max(framing.radius, framing.centre.distanceTo(framing.eye)));
    this.drawnFrame = -1;
    this.navigation.setPlace(this.shown);
    this.setLook(this.look);
    this.showFrame();
    this.navigation.arrive();
    this.fuse();
  }

  /** The same frames with other masks. The background is put together anew once no further change has come for a moment. */
  setMasks(scene: Scene): void {
    const { shown } = this;
    if (!shown) return;
    shown.scene = scene;
    shown.cloud.setScene(scene);
    this.ready = false;
    clearTimeout(this.refusing);
    this.refusing = setTimeout(() => this.fuse(), REFUSE_MS);
    this.changed();
  }

  /** The same scene with other tracks. */
  setTracks(scene: Scene): void {
    const { shown } = this;
    if (!shown) return;
    shown.tracks.dispose();
    shown.scene = scene;
    shown.tracks = this.makeTracks(scene, shown.world.matrix, shown.framing);
    shown.marksWorld.add(shown.tracks.object);
    shown.tracks.setFrame(this.clock.frame);
    shown.tracks.select(this.selected);
    this.changed();
  }

  /** Turns the scene so that `up` (unit vector of its world) points up; what is in view stays in view. */
  setUp(up?: Point): void {
    const { shown } = this;
    if (!shown) return;
    const matrix = worldMatrix(up ?? estimateUp(shown.scene));
    const turn = matrix.clone().multiply(shown.world.matrix.clone().invert());
    for (const group of [shown.world, shown.marksWorld]) {
      group.matrix.copy(matrix);
      group.matrixWorldNeedsUpdate = true;
    }
    shown.framing = frameScene(shown.scene, matrix, (this.navigation.fov * Math.PI) / 180, this.stage.camera.aspect);
    shown.grid.dispose();
    shown.grid = this.makeGrid(shown.framing);
    this.navigation.turnWith(turn);
    this.setTracks(shown.scene);
    this.showLayers();
  }

  setLook(look: Look): void {
    const before = this.look;
    this.look = look;
    this.stage.setTheme(look.theme, look.ground);
    this.stage.shaded = look.shading;
    this.stage.sharp = look.detail === 'fine';
    this.navigation.setFov(look.fov);
    this.navigation.followSmooth = look.followSmooth;
    const shown = this.shown;
    if (!shown) return;
    shown.cloud.setLook(look);
    shown.cloud.setBudget(this.budget);
    shown.tracks.setLook(look);
    if (look.layers.sky !== before.layers.sky && hasSky(shown.scene)) this.fuse();
    if (look.cameraSize !== before.cameraSize) shown.cameras.setSize(look.cameraSize * shown.framing.radius);
    if (look.theme !== before.theme) {
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

  /** Trails of these tracks only; null: of all. */
  keepTracks(tracks: readonly number[] | null): void {
    this.kept = tracks;
    this.shown?.tracks.keep(tracks);
    this.changed();
  }

  hover(track: number | null): void {
    this.shown?.tracks.hover(track);
    this.stage.invalidate();
  }

  /** Measured segments and marked points, scene world. */
  mark(segments: readonly Segment[], marks: readonly Mark[]): void {
    this.shown?.marks.set(segments, marks);
    this.stage.invalidate();
  }

  /** Lays the recorded picture over the view from its camera, from the left up to a share of its width, for the next picture; null: as the look says. */
  layImage(share: number | null): void {
    if (share === null) this.showLayers();
    else this.shown?.cameras.setImage(1, share);
  }

  fit(): void { this.navigation.fit(this.selected); }

  /** Makes a point of the scene's world the one that the view turns about. */
  centreOn([x, y, z]: Point): void {
    if (this.shown) this.navigation.setCentre(new Vector3(x, y, z).applyMatrix4(this.shown.world.matrix));
  }

  /** Where the point that the view turns about is on the canvas, px; null in views without one. */
  centreSpot(): Spot | null {
    if (!this.shown || (this.navigation.mode !== 'orbit' && this.navigation.mode !== 'follow')) return null;
    const { x, y, z } = new Vector3(...this.navigation.view.target).applyMatrix4(this.shown.world.matrix.clone().invert());
    return this.sight.spotOf([x, y, z]);
  }

  dispose(): void {
    this.clear();
    for (const stop of this.stopClock) stop();
    this.navigation.dispose();
    this.stage.dispose();
  }

  private fuse(): void {
    const cloud = this.shown?.cloud;
    void cloud?.fuse().then((complete) => {
      if (!complete || this.shown?.cloud !== cloud) return;
      this.ready = true;
      this.changed();
    });
  }

  private get budget(): number {
    if (this.look.detail !== 'auto') return BUDGET[this.look.detail];
    if (this.stage.software) return BUDGET.software;
    return matchMedia('(pointer: coarse)').matches ? BUDGET.phone : BUDGET.desktop;
  }

  private makeTracks(scene: Scene, world: Matrix4, { floor, radius }: Framing): TracksLayer {
    return new TracksLayer(scene, this.look, (x, y, z) => new Vector3(x, y, z).applyMatrix4(world).y - floor, radius, this.kept);
  }

  private makeGrid({ centre, radius, floor }: Framing): GridLayer {
    const grid = new GridLayer(radius, floor, centre.x, centre.z, this.look.theme === 'light');
    this.stage.marks.add(grid.object);
    return grid;
  }

  private clear(): void {
    this.navigation.setPlace(null);
    clearTimeout(this.refusing);
    this.ready = false;
    this.selected = [];
    this.kept = this.followed = null;
    if (!this.shown) return;
    const { world, marksWorld, cloud, cameras, tracks, marks, grid } = this.shown;
    this.shown = null;
    for (const layer of [cloud, cameras, tracks, marks, grid]) layer.dispose();
    world.removeFromParent();
    marksWorld.removeFromParent();
  }

  private showFrame(): void {
    const shown = this.shown;
    if (!shown || (this.drawnFrame === this.clock.frame && !this.isBetween)) return;
    this.drawnFrame = this.clock.frame;
    this.isBetween = false;
    shown.cloud.setFrame(this.drawnFrame);
    shown.cameras.setFrame(this.drawnFrame);
    shown.tracks.setFrame(this.drawnFrame);
    this.navigation.showFrame();
    this.stage.invalidate();
  }

  private showBetween(): void {
    const { shown, clock } = this;
    if (!shown || !this.navigation.smooth || clock.between === 0) return;
    this.isBetween = true;
    shown.cameras.setFrame(clock.frame, clock.between);
    shown.tracks.setFrame(clock.frame, clock.between);
    this.stage.invalidate();
  }

  private showLayers(): void {
    const { times } = this.shown?.scene ?? { times: [] };
    const fps = times.length > 1 ? (times.length - 1) / (times[times.length - 1] - times[0]) : 0;
    // Every display frame is drawn then, which a processor alone would not keep up with.
    this.navigation.smooth = this.look.between && fps < SMOOTH_BELOW_FPS && !this.stage.software;
    if (!this.shown) return;
    const { cloud, cameras, grid, marks } = this.shown;
    const through = this.navigation.mode === 'through';
    // From inside the recorded camera its own frustum would fill the view.
    cameras.object.visible = this.look.layers.cameras && !through;
    cloud.setFilled(through || this.look.fill);
    cameras.setImage(through ? this.look.imageOpacity : 0, this.look.imageWipe);
    grid.object.visible = this.look.layers.grid;
    marks.object.visible = this.look.layers.measures;
  }

  /** What view mode "follow" keeps in its centre at this frame, three's world; null where that is not known. */
  followedPoint(): Vector3 | null {
    if (!this.shown) return null;
    const { scene: { tracks, frameCount: T }, world } = this.shown;
    const ids = this.followed === null ? this.shownTracks : [this.followed];
    const points = ids.map((id) => (id * T + this.clock.frame) * 3).filter((k) => tracks.xyz && !Number.isNaN(tracks.xyz[k]) && tracks.visible[k / 3])
      .map((k) => new Vector3().fromArray(tracks.xyz!, k).applyMatrix4(world.matrix));
    if (points.length === 0) return null;
    return points.reduce((sum, p) => sum.add(p), new Vector3()).divideScalar(points.length);
  }

  private beforeDraw(): void {
    const shown = this.shown;
    if (!shown) return;
    const { width, height, pixelRatio, zoom, devicePx } = this.stage;
    if (this.navigation.mode === 'through') this.navigation.standInCamera();
    shown.cloud.setView(zoom, devicePx);
    shown.cameras.setViewport(width, height);
    const eye = this.stage.camera.position.clone().applyMatrix4(shown.world.matrix.clone().invert());
    shown.cameras.setEye([eye.x, eye.y, eye.z]);
    shown.tracks.setViewport(width, height, pixelRatio);
    shown.marks.setViewport(width, height, pixelRatio);
    this.events.drawn();
  }

  private changed(): void {
    this.stage.invalidate();
    this.events.changed();
  }
}

function makeWorld(matrix: Matrix4): Group {
  const world = new Group();
  world.matrixAutoUpdate = false;
  world.matrix.copy(matrix);
  return world;
}
