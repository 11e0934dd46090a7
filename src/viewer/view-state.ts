// The view as numbers that a link can hold, in three's world (y up, scene units), and a picture of it.

import { Quaternion, Vector3 } from 'three';
import { calm } from './navigation.ts';
import type { Viewer } from './viewer.ts';

/** Angles in degrees; azimuth 0 looks along −z, elevation is positive from above. */
export type SavedView =
  | { readonly kind: 'orbit'; readonly target: readonly [number, number, number]; readonly azimuth: number; readonly elevation: number; readonly distance: number; readonly fov: number }
  | { readonly kind: 'fly'; readonly position: readonly [number, number, number]; readonly quaternion: readonly [number, number, number, number]; readonly fov: number }
  | { readonly kind: 'source' }
  /** Moves along with a track, which is its centre. */
  | { readonly kind: 'track'; readonly track: number; readonly azimuth: number; readonly elevation: number; readonly distance: number; readonly fov: number };

const DEGREES = 180 / Math.PI;

export function readView(viewer: Viewer): SavedView {
  if (viewer.navigation.mode === 'through') return { kind: 'source' };
  const { camera, controls } = viewer.stage;
  if (viewer.navigation.mode === 'fly') {
    const { x, y, z } = camera.position;
    return { kind: 'fly', position: [x, y, z], quaternion: camera.quaternion.toArray(), fov: camera.fov };
  }
  const target = controls.getTarget(new Vector3());
  // Where the view is going, not where a move has got to.
  const offset = controls.getPosition(new Vector3()).sub(target);
  const distance = Math.max(1e-9, offset.length());
  const around = {
    azimuth: Math.atan2(offset.x, offset.z) * DEGREES, elevation: Math.asin(Math.min(1, Math.max(-1, offset.y / distance))) * DEGREES, distance, fov: camera.fov,
  };
  const { followed } = viewer;
  if (viewer.navigation.mode === 'follow' && followed !== null && viewer.followedPoint()) return { kind: 'track', track: followed, ...around };
  return { kind: 'orbit', target: [target.x, target.y, target.z], ...around };
}

/** A view that moves along stands where its track is at this frame, so the clock comes first. `ms` is how long the way there may take. */
export function applyView(viewer: Viewer, view: SavedView, ms = 0): void {
  const { navigation, stage } = viewer;
  if (view.kind === 'source') return navigation.setMode('through');
  navigation.setMode('orbit');
  if (view.kind === 'track') viewer.followed = view.track;
  const centre = view.kind === 'track' ? viewer.followedPoint() : view.kind === 'orbit' ? new Vector3(...view.target) : null;
  // Nobody knows where that track is at this frame.
  if (view.kind === 'track' && !centre) return;
  const [eye, target] = view.kind === 'fly' ? flyEnds(view) : orbitEnds(centre!, view);
  const { controls } = stage;
  const smooth = ms > 0 && view.kind === 'orbit' && !calm();
  void controls.setFocalOffset(0, 0, 0, false);
  if (smooth) moveFor(stage, ms);
  void controls.setLookAt(eye.x, eye.y, eye.z, target.x, target.y, target.z, smooth);
  navigation.fov = view.fov;
  stage.setFov(view.fov);
  if (view.kind === 'orbit') return;
  controls.update(0);
  navigation.setMode(view.kind === 'fly' ? 'fly' : 'follow');
}

/** The controls come to rest after about three of their smooth times. */
function moveFor({ controls }: Viewer['stage'], ms: number): void {
  const usual = controls.smoothTime;
  controls.smoothTime = ms / 3000;
  const restore = () => {
    controls.smoothTime = usual;
    for (const event of ['rest', 'controlstart'] as const) controls.removeEventListener(event, restore);
  };
  for (const event of ['rest', 'controlstart'] as const) controls.addEventListener(event, restore);
}

function orbitEnds(target: Vector3, { azimuth, elevation, distance }: Pick<SavedView & { kind: 'orbit' }, 'azimuth' | 'elevation' | 'distance'>): [Vector3, Vector3] {
  const [a, e] = [azimuth / DEGREES, elevation / DEGREES];
  return [target.clone().add(new Vector3(Math.sin(a) * Math.cos(e), Math.sin(e), Math.cos(a) * Math.cos(e)).multiplyScalar(distance)), target];
}

function flyEnds({ position, quaternion }: SavedView & { kind: 'fly' }): [Vector3, Vector3] {
  const eye = new Vector3(...position);
  return [eye, eye.clone().add(new Vector3(0, 0, -1).applyQuaternion(new Quaternion(...quaternion).normalize()))];
}

/** The view as it is now at another size; packed harder where it takes more than `mostBytes`. */
export async function grabView({ stage }: Viewer, width: number, height: number, type: 'image/jpeg' | 'image/png' | 'image/webp' = 'image/jpeg', mostBytes = Infinity): Promise<Uint8Array<ArrayBuffer>> {
  const target = new OffscreenCanvas(width, height);
  await stage.capture(width, height, true, async (shoot) => target.getContext('2d', { alpha: false })!.drawImage(shoot(), 0, 0));
  let blob: Blob | null = null;
  for (const quality of [0.82, 0.65, 0.45]) {
    blob = await target.convertToBlob({ type, quality });
    if (blob.size <= mostBytes) break;
  }
  return new Uint8Array(await blob!.arrayBuffer());
}
