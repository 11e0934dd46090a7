// The view as numbers that a link can hold, in three's world (y up, scene units), and a picture of it.

import { Quaternion, Vector3 } from 'three';
import type { Viewer } from './viewer.ts';

/** Angles in degrees; azimuth 0 looks along −z, elevation is positive from above. */
export type SavedView =
  | { readonly kind: 'orbit'; readonly target: readonly [number, number, number]; readonly azimuth: number; readonly elevation: number; readonly distance: number; readonly fov: number }
  | { readonly kind: 'fly'; readonly position: readonly [number, number, number]; readonly quaternion: readonly [number, number, number, number]; readonly fov: number }
  | { readonly kind: 'source' };

const DEGREES = 180 / Math.PI;

export function readView(viewer: Viewer): SavedView {
  if (viewer.navigation.mode === 'through') return { kind: 'source' };
  const { camera, controls } = viewer.stage;
  const target = controls.getTarget(new Vector3());
  // Where the view is going, not where a move has got to.
  const offset = controls.getPosition(new Vector3()).sub(target);
  const distance = Math.max(1e-9, offset.length());
  return {
    kind: 'orbit', target: [target.x, target.y, target.z], azimuth: Math.atan2(offset.x, offset.z) * DEGREES,
    elevation: Math.asin(Math.min(1, Math.max(-1, offset.y / distance))) * DEGREES, distance, fov: camera.fov,
  };
}

export function applyView(viewer: Viewer, view: SavedView): void {
  if (view.kind === 'source') return viewer.navigation.setMode('through');
  viewer.navigation.setMode('orbit');
  const { controls } = viewer.stage;
  const [eye, target] = view.kind === 'orbit' ? orbitEnds(view) : flyEnds(view);
  void controls.setFocalOffset(0, 0, 0, false);
  void controls.setLookAt(eye.x, eye.y, eye.z, target.x, target.y, target.z, false);
  viewer.navigation.fov = view.fov;
  viewer.stage.setFov(view.fov);
}

function orbitEnds({ target: [x, y, z], azimuth, elevation, distance }: SavedView & { kind: 'orbit' }): [Vector3, Vector3] {
  const target = new Vector3(x, y, z);
  const [a, e] = [azimuth / DEGREES, elevation / DEGREES];
  return [target.clone().add(new Vector3(Math.sin(a) * Math.cos(e), Math.sin(e), Math.cos(a) * Math.cos(e)).multiplyScalar(distance)), target];
}

function flyEnds({ position, quaternion }: SavedView & { kind: 'fly' }): [Vector3, Vector3] {
  const eye = new Vector3(...position);
  return [eye, eye.clone().add(new Vector3(0, 0, -1).applyQuaternion(new Quaternion(...quaternion).normalize()))];
}

/** The view as it is now at another size; JPEG. */
export async function grabView({ stage }: Viewer, width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const target = new OffscreenCanvas(width, height);
  await stage.capture(width, height, true, async (shoot) => target.getContext('2d', { alpha: false })!.drawImage(shoot(), 0, 0));
  const blob = await target.convertToBlob({ type: 'image/jpeg', quality: 0.82 });
  return new Uint8Array(await blob.arrayBuffer());
}
