import { Matrix4, PerspectiveCamera, Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { cameraMatrix, worldMatrix } from './axes.ts';
import { frameScene } from './framing.ts';
import { distanceToSegment, nearestLine, project, spotOfTrack, tracksWithin, boxBetween, type Projection } from './pick.ts';
import { surfaceAt } from './hits.ts';
import { makeScene } from './test-scene.ts';
import { estimateUp } from './up.ts';

const scene = makeScene();

describe('axes', () => {
  it('turns OpenCV\'s down into down, and keeps right and handedness', () => {
    const matrix = worldMatrix([0, -1, 0]);
    const turned = [new Vector3(1, 0, 0), new Vector3(0, 1, 0), new Vector3(0, 0, 1)].map((v) => v.applyMatrix4(matrix).toArray().map((c) => Math.round(c) + 0));
    expect(turned).toEqual([[1, 0, 0], [0, -1, 0], [0, 0, -1]]);
    expect(matrix.determinant()).toBeCloseTo(1);
  });

  it('projects what the recorded camera saw to the pixel where it saw it', () => {
    const world = worldMatrix(estimateUp(scene));
    const { fx, cx, cy } = scene.cameras[1];
    const camera = new PerspectiveCamera((360 / Math.PI) * Math.atan(scene.height / 2 / fx), scene.width / scene.height, 0.01, 100);
    cameraMatrix(world, scene.cameras[1]).decompose(camera.position, camera.quaternion, new Vector3());
    camera.updateMatrixWorld();
    const matrix = new Matrix4().multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse).multiply(world).elements;
    // A point 3 units in front of camera 1, at pixel (40, 10).
    const at = project({ matrix, width: scene.width, height: scene.height }, ((40 - cx) / fx) * 3 + 0.2, ((10 - cy) / fx) * 3, 3)!;
    expect([at.x, at.y, at.depth]).toEqual([expect.closeTo(40, 3), expect.closeTo(10, 3), expect.closeTo(3, 4)]);
  });
});

describe('up', () => {
  it.each([0, 12, 30])('finds the floor under a camera that looks %i degrees down', (tiltDeg) => {
    const [x, y, z] = estimateUp(makeScene({ tiltDeg }));
    const radians = (tiltDeg * Math.PI) / 180;
    const angle = (Math.acos(Math.min(1, -y * Math.cos(radians) - z * Math.sin(radians))) * 180) / Math.PI;
    expect(Math.abs(x)).toBeLessThan(0.01);
    expect(angle).toBeLessThan(1.5);
  });
});

describe('start view', () => {
  it('stands 15 degrees beside and about 10 above the first camera, and further back', () => {
    const { eye, target } = frameScene(makeScene({ tiltDeg: 0 }), worldMatrix([0, -1, 0]), 0.9, 1.5);
    const offset = eye.clone().sub(target);
    expect((Math.atan2(offset.x, offset.z) * 180) / Math.PI).toBeCloseTo(15, 1);
    expect((Math.asin(offset.y / offset.length()) * 180) / Math.PI).toBeCloseTo(10, 1);
    expect(offset.length()).toBeGreaterThan(target.length());
  });
});

describe('pick', () => {
  // Looks along +z from the origin: x / z and −y / z are the clip coordinates.
  const view: Projection = { matrix: [1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0], width: 200, height: 100 };

  it('measures to the segment, not to its line', () => {
    expect(distanceToSegment({ x: 5, y: 3 }, { x: 0, y: 0 }, { x: 10, y: 0 })).toBe(3);
    expect(distanceToSegment({ x: 13, y: 4 }, { x: 0, y: 0 }, { x: 10, y: 0 })).toBe(5);
  });

  it('takes the nearest line within reach, and does not bridge gaps', () => {
    const lines = [{ id: 1, spots: [{ x: 0, y: 0 }, null, { x: 20, y: 0 }] }, { id: 2, spots: [{ x: 0, y: 9 }, { x: 20, y: 9 }] }];
    expect(nearestLine({ x: 10, y: 2 }, lines, 8)).toBe(2);
    expect(nearestLine({ x: 1, y: 1 }, lines, 8)).toBe(1);
    expect(nearestLine({ x: 10, y: 40 }, lines, 8)).toBeNull();
  });

  it('shows nothing behind the eye, and nothing of unknown points', () => {
    expect(project(view, 0, 0, -1)).toBeNull();
    expect(project(view, 1, 1, 4)).toEqual({ x: 125, y: 62.5, depth: 4 });
    expect(spotOfTrack(scene, scene.frameCount + 1, view)).toBeNull();
  });

  it('finds the tracks that are seen inside a box, and no hidden ones', () => {
    const spotOf = (k: number) => spotOfTrack(scene, k, view);
    const at = spotOf(0)!;
    const box = boxBetween({ x: at.x + 5, y: at.y - 5 }, { x: at.x - 5, y: at.y + 5 });
    // Both rest on one spot at first; then the first one goes.
    expect(tracksWithin(scene, 0, box, spotOf)).toEqual([0, 1]);
    expect(tracksWithin(scene, 2, box, spotOf)).toEqual([1]);
    const hidden = { ...scene, tracks: { ...scene.tracks, visible: scene.tracks.visible.map((v, k) => (k === 0 ? 0 : v)) } };
    expect(tracksWithin(hidden, 0, box, spotOf)).toEqual([1]);
  });

  it('finds the surface under a spot', () => {
    const depth = scene.depth.slice(0, 64 * 48);
    const shown = [{ frame: 0, keep: new Uint8Array(64 * 48).fill(1), depth }];
    const { point } = surfaceAt(scene, shown, { x: 100, y: 50 }, view)!;
    expect(project(view, ...point)!.x).toBeGreaterThan(92);
    expect(point[2]).toBeCloseTo(scene.depth[24 * 64 + 32], 0);
    expect(surfaceAt(scene, [{ frame: 0, keep: new Uint8Array(64 * 48), depth }], { x: 100, y: 50 }, view)).toBeNull();
  });

  it('goes by the surface that is drawn, and tells what was solved', () => {
    // From aside, so that another depth is another place of the view.
    const aside = { ...view, matrix: [1, 0, 0, 0, 0, -1, 0, 0, 0.5, 0, 1, 1, 0, 0, 0, 0] };
    const shown = [{ frame: 0, keep: new Uint8Array(64 * 48).fill(1), depth: scene.depth.slice(0, 64 * 48).map((z) => 0.8 * z) }];
    const spot = { x: 120, y: 50 };
    const { point, drawn, x, y } = surfaceAt(scene, shown, spot, aside)!;
    const mark = project(aside, ...drawn)!;
    expect(Math.hypot(mark.x - spot.x, mark.y - spot.y)).toBeLessThan(6);
    expect(point[2]).toBeCloseTo(scene.depth[y * 64 + x], 5);
    expect(drawn[2]).toBeCloseTo(0.8 * point[2], 5);
  });
});
