// The only place where OpenCV's axes (x right, y down, z forward) become three's (x right, y up, z back).

import { Matrix4, Quaternion, Vector3 } from 'three';
import type { Camera } from '../scene/camera.ts';
import type { Vec3 } from './up.ts';

/** Half a turn about x; its own inverse. */
const FLIP = new Matrix4().makeScale(1, -1, -1);

/** Scene world → three's world, turned so that `up` (in the scene's world) points along +y. */
export function worldMatrix(up: Vec3): Matrix4 {
  const flipped = new Vector3(...up).applyMatrix4(FLIP);
  const turn = new Quaternion().setFromUnitVectors(flipped.normalize(), new Vector3(0, 1, 0));
  return new Matrix4().makeRotationFromQuaternion(turn).multiply(FLIP);
}

/** camToWorld of the scene as three's matrix: points in OpenCV camera axes → scene world. */
export function poseMatrix({ camToWorld }: Camera): Matrix4 {
  return new Matrix4().fromArray(camToWorld).transpose();
}

/** Where a three camera stands and looks to see what the recorded camera saw. */
export function cameraMatrix(world: Matrix4, camera: Camera): Matrix4 {
  return world.clone().multiply(poseMatrix(camera)).multiply(FLIP);
}
