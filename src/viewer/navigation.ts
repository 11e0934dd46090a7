// Where the view is: around the scene, flying through it, behind the recorded camera, or after something that moves.

import { Group, MathUtils, type Matrix4, Quaternion, Vector3 } from 'three';
import type { Scene } from '../scene/scene.ts';
import { cameraMatrix } from './axes.ts';
import type { Clock } from './clock.ts';
import { tracksSphere, type Framing } from './framing.ts';
import type { Stage } from './stage.ts';

export type NavigationMode = 'orbit' | 'fly' | 'through' | 'follow';
export type Side = 'front' | 'side' | 'top';

/** What the view moves around in. */
export interface Place {
  readonly scene: Scene;
  readonly world: Group;
  readonly framing: Framing;
}

/** A view as plain numbers: eye and target in three's world. */
export interface View {
  readonly eye: readonly [number, number, number];
  readonly target: readonly [number, number, number];
}

const TURN: Readonly<Record<Side, readonly [azimuth: number, polar: number]>> = { front: [0, 90], side: [90, 90], top: [0, 0.5] };
const START_SECS = 0.45;
const USUAL_SECS = 0.14;
/** Lag of the view behind what it follows, at the gentlest. */
const FOLLOW_SECS = 0.7;
/** Radii per second. */
const FLY_SPEED = 0.6;
const FLY_KEYS = ['KeyW', 'KeyA', 'KeyS', 'KeyD', 'KeyQ', 'KeyE'];

export class Navigation {
  mode: NavigationMode = 'orbit';
  fov = 50;
  /** How gently something is followed, 0…1. */
  followSmooth = 0.6;
  /** The recorded camera moves on between frames too. */
  smooth = false;
  private place: Place | null = null;
  private readonly held = new Set<string>();
  private keysFast = 1;
  private followed: Vector3 | null = null;
  private readonly gone = new AbortController();

  /** `pointOf` gives what is followed at the present frame, three's world. */
  constructor(private readonly stage: Stage, private readonly clock: Clock, private readonly pointOf: () => Vector3 | null, private readonly changed: () => void) {
    const { signal } = this.gone;
    document.addEventListener('keydown', (event) => this.onKey(event, true), { signal });
    document.addEventListener('keyup', (event) => this.onKey(event, false), { signal });
    addEventListener('blur', () => this.held.clear(), { signal });
    stage.moving = (secs) => this.fly(secs);
    // The gentle arrival is over when it has come to rest, or when somebody takes hold.
    for (const event of ['sleep', 'controlstart'] as const) stage.controls.addEventListener(event, () => this.settle());
    stage.canvas.addEventListener('wheel', (event) => {
      if (this.mode !== 'fly') return;
      stage.controls.forward(-Math.sign(event.deltaY) * 0.08 * this.radius, !calm()).catch(() => {});
      stage.invalidate();
    }, { passive: true });
  }

  dispose(): void {
    this.gone.abort();
  }

  setPlace(place: Place | null): void {
    if (!place) this.setMode('orbit');
    this.place = place;
  }

  get view(): View {
    const eye = this.stage.controls.getPosition(new Vector3());
    const target = this.stage.controls.getTarget(new Vector3());
    return { eye: [eye.x, eye.y, eye.z], target: [target.x, target.y, target.z] };
  }

  look({ eye, target }: View, smooth = false): void {
    this.setMode('orbit');
    void this.stage.controls.setLookAt(...eye, ...target, smooth && !calm());
    this.stage.invalidate();
  }

  /** Keeps its place in a scene that was turned. */
  turnWith(turn: Matrix4): void {
    const { eye, target } = this.view;
    const [e, t] = [new Vector3(...eye).applyMatrix4(turn), new Vector3(...target).applyMatrix4(turn)];
    void this.stage.controls.setLookAt(e.x, e.y, e.z, t.x, t.y, t.z, false);
    if (this.mode === 'through') this.standInCamera();
    this.stage.invalidate();
  }

  /** Puts the camera there for one picture, outside the controls. */
  stand({ eye, target }: View, fov = this.fov): void {
    const { camera } = this.stage;
    this.stage.setFov(fov);
    camera.position.set(...eye);
    camera.lookAt(...target);
  }

  /** Back to the start view. */
  reset(smooth = true): void {
    if (!this.place) return;
    const { eye, target } = this.place.framing;
    this.look({ eye: [eye.x, eye.y, eye.z], target: [target.x, target.y, target.z] }, smooth);
    void this.stage.controls.setFocalOffset(0, 0, 0, false);
  }

  /** From the first recorded camera gently to the start view. */
  arrive(): void {
    if (!this.place) return;
    this.reset(false);
    if (calm() || this.stage.software) return;
    const { scene, world, framing } = this.place;
    const eye = new Vector3().setFromMatrixPosition(cameraMatrix(world.matrix, scene.cameras[0]));
    const { controls } = this.stage;
    void controls.setLookAt(eye.x, eye.y, eye.z, framing.target.x, framing.target.y, framing.target.z, false);
    controls.smoothTime = START_SECS;
    this.reset();
  }

  /** Everything in view, from the present direction; with tracks, those. */
  fit(tracks: readonly number[]): void {
    if (!this.place) return;
    this.setMode('orbit');
    const { scene, world, framing } = this.place;
    const { centre, radius } = tracksSphere(scene, world.matrix, tracks, 0.15 * framing.radius) ?? framing;
    this.lookFrom(this.stage.camera.position.clone().sub(this.stage.controls.getTarget(new Vector3())).normalize(), centre, radius);
  }

  /** From straight ahead, from the side or from above, in the axes of the first camera. */
  showSide(side: Side): void {
    if (!this.place) return;
    this.setMode('orbit');
    const { scene, world, framing } = this.place;
    const back = new Vector3(0, 0, 1).transformDirection(cameraMatrix(world.matrix, scene.cameras[0]));
    const [azimuth, polar] = TURN[side].map(MathUtils.degToRad);
    const direction = new Vector3().setFromSphericalCoords(1, polar, Math.atan2(back.x, back.z) + azimuth);
    this.lookFrom(direction, framing.centre, framing.radius);
  }

  /** Turns the view about its centre, degrees. */
  orbit(azimuth: number, polar: number): void {
    this.setMode('orbit');
    void this.stage.controls.rotate(MathUtils.degToRad(azimuth), MathUtils.degToRad(polar), !calm());
    this.stage.invalidate();
  }

  zoom(factor: number): void {
    this.setMode('orbit');
    void this.stage.controls.dollyTo(this.stage.controls.distance / factor, !calm());
    this.stage.invalidate();
  }

  setCentre(point: Vector3): void {
    void this.stage.controls.setTarget(point.x, point.y, point.z, !calm());
    this.stage.invalidate();
  }

  setFov(degrees: number): void {
    if (this.fov !== degrees && this.mode !== 'through') {
      // What is in the centre keeps its size.
      const { controls } = this.stage;
      const half = (angle: number) => Math.tan(MathUtils.degToRad(angle) / 2);
      if (this.place) void controls.dollyTo((controls.distance * half(this.fov)) / half(degrees), false);
      this.stage.setFov(degrees);
    }
    this.fov = degrees;
  }

  setMode(mode: NavigationMode): void {
    if (this.mode === mode || (mode !== 'orbit' && !this.place)) return;
    const before = this.mode;
    const { controls } = this.stage;
    if (mode === 'follow' && !this.pointOf()) return;
    this.mode = mode;
    this.held.clear();
    this.followed = null;
    controls.enabled = mode !== 'through';
    if (before === 'through' || before === 'fly') this.leave();
    if (mode === 'fly') this.enterFly();
    this.settle();
    this.showFrame();
    this.changed();
    this.stage.invalidate();
  }

  /** In step with the clock. */
  showFrame(): void {
    if (this.mode === 'through') this.standInCamera();
    if (this.mode === 'follow') this.keepAside();
  }

  /** The view of the recorded camera at this frame: the whole picture fits, whichever side is the tight one. */
  standInCamera(): void {
    if (!this.place) return;
    const { scene, world } = this.place;
    const { camera } = this.stage;
    const recorded = scene.cameras[this.clock.frame];
    cameraMatrix(world.matrix, recorded).decompose(camera.position, camera.quaternion, new Vector3());
    const next = this.smooth && this.clock.between > 0 ? scene.cameras[this.clock.frame + 1] : undefined;
    if (next) {
      const [place, turn] = [new Vector3(), new Quaternion()];
      cameraMatrix(world.matrix, next).decompose(place, turn, new Vector3());
      camera.position.lerp(place, this.clock.between);
      camera.quaternion.slerp(turn, this.clock.between);
    }
    const wide = scene.width / recorded.fx / camera.aspect;
    this.stage.setFov((360 / Math.PI) * Math.atan(Math.max(scene.height / recorded.fy, wide) / 2));
  }

  private get radius(): number { return this.place?.framing.radius ?? 1; }

  private settle(): void {
    this.stage.controls.smoothTime = this.mode === 'follow' ? FOLLOW_SECS * this.followSmooth : USUAL_SECS;
  }

  private lookFrom(direction: Vector3, centre: Vector3, radius: number): void {
    const distance = (1.05 * radius) / Math.sin(MathUtils.degToRad(this.fov) / 2) / Math.min(1, this.stage.camera.aspect);
    const eye = centre.clone().addScaledVector(direction, distance);
    void this.stage.controls.setLookAt(eye.x, eye.y, eye.z, centre.x, centre.y, centre.z, !calm());
    this.stage.invalidate();
  }

  /** From a view without a centre back to one with: as far ahead as the start view's. */
  private leave(): void {
    const { camera, controls } = this.stage;
    Object.assign(controls, { azimuthRotateSpeed: 1, polarRotateSpeed: 1, minDistance: 0.005 * this.radius, maxDistance: 60 * this.radius });
    const distance = this.place ? this.place.framing.eye.distanceTo(this.place.framing.target) : 1;
    const target = camera.position.clone().addScaledVector(camera.getWorldDirection(new Vector3()), distance);
    this.stage.setFov(this.fov);
    void controls.setLookAt(camera.position.x, camera.position.y, camera.position.z, target.x, target.y, target.z, false);
  }

  /** The centre right before the eye: a drag then turns the head. */
  private enterFly(): void {
    const { camera, controls } = this.stage;
    const reach = 1e-3 * this.radius;
    const target = camera.position.clone().addScaledVector(camera.getWorldDirection(new Vector3()), reach);
    Object.assign(controls, { azimuthRotateSpeed: -0.4, polarRotateSpeed: -0.4, minDistance: reach, maxDistance: reach });
    void controls.setLookAt(camera.position.x, camera.position.y, camera.position.z, target.x, target.y, target.z, false);
  }

  private fly(secs: number): boolean {
    if (this.mode !== 'fly' || this.held.size === 0) return false;
    const { controls } = this.stage;
    const step = FLY_SPEED * this.radius * this.keysFast * secs;
    const along = (plus: string, minus: string) => step * (Number(this.held.has(plus)) - Number(this.held.has(minus)));
    void controls.forward(along('KeyW', 'KeyS'), false);
    void controls.truck(along('KeyD', 'KeyA'), 0, false);
    void controls.elevate(along('KeyE', 'KeyQ'), false);
    return true;
  }

  private onKey(event: KeyboardEvent, down: boolean): void {
    if (this.mode !== 'fly' || !FLY_KEYS.includes(event.code)) return;
    if (event.target instanceof HTMLElement && event.target.matches('input:not([type=range]), select, textarea')) return;
    this.keysFast = event.shiftKey ? 4 : event.altKey ? 0.25 : 1;
    if (down) this.held.add(event.code);
    else this.held.delete(event.code);
    // The letters mean other things elsewhere.
    event.preventDefault();
    event.stopImmediatePropagation();
    this.stage.invalidate();
  }

  /** Keeps the offset to what is followed. */
  private keepAside(): void {
    const point = this.pointOf();
    if (!point) return;
    const { controls } = this.stage;
    const shift = this.followed ? point.clone().sub(this.followed) : null;
    this.followed = point;
    const target = controls.getTarget(new Vector3());
    const next = shift ? target.add(shift) : point;
    void controls.moveTo(next.x, next.y, next.z, !calm());
    this.stage.invalidate();
  }
}

/** People who asked for less motion get cuts instead of moves. */
export const calm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
