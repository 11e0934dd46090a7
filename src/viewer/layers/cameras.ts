// Where the camera went: its path, a frustum now and then, and the current one with its picture.

import { BufferGeometry, DoubleSide, Float32BufferAttribute, GLSL3, Group, type IUniform, Mesh, ShaderMaterial, type Texture } from 'three';
import type { Scene } from '../../scene/scene.ts';
import { mapColour, MAP_OF, type Rgb } from '../colours.ts';
import { Ribbons, type RibbonPiece } from './ribbons.ts';

/** Frusta on show beside the current one. */
const FRUSTA = 10;
const ACCENT: Rgb = [92, 200, 190];

const VERTEX = /* glsl */ `
out vec2 vUv;
void main() {
  vUv = uv;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
}`;
const FRAGMENT = /* glsl */ `
uniform sampler2D uPicture;
in vec2 vUv;
out vec4 outColour;
void main() { outColour = vec4(texture(uPicture, vUv).rgb, 1.0); }`;

type Point = readonly [number, number, number];

export class CamerasLayer {
  readonly object = new Group();
  private readonly path = new Ribbons();
  private readonly now = new Ribbons();
  private readonly picture: Mesh<BufferGeometry, ShaderMaterial>;

  /** `size` is the depth of a frustum, scene units. */
  constructor(private readonly scene: Scene, private readonly size: number, picture: Texture) {
    const uniform: IUniform<Texture> = { value: picture };
    const geometry = new BufferGeometry();
    geometry.setAttribute('position', new Float32BufferAttribute(new Float32Array(12), 3));
    geometry.setAttribute('uv', new Float32BufferAttribute([0, 0, 1, 0, 1, 1, 0, 1], 2));
    geometry.setIndex([0, 1, 2, 0, 2, 3]);
    this.picture = new Mesh(geometry, new ShaderMaterial({ vertexShader: VERTEX, fragmentShader: FRAGMENT, glslVersion: GLSL3, uniforms: { uPicture: uniform }, side: DoubleSide }));
    this.picture.frustumCulled = false;
    this.path.width = 1.5;
    this.now.width = 2.5;
    this.object.add(this.path.mesh, this.now.mesh, this.picture);
    this.path.setPieces(this.pathPieces());
  }

  setFrame(frame: number): void {
    const corners = this.corners(frame, this.size * 1.6);
    this.now.setPieces(this.frustum(frame, corners, ACCENT, 1));
    const position = this.picture.geometry.getAttribute('position');
    position.array.set(corners.flat());
    position.needsUpdate = true;
  }

  setViewport(width: number, height: number): void {
    this.path.setViewport(width, height);
    this.now.setViewport(width, height);
  }

  dispose(): void {
    this.path.dispose();
    this.now.dispose();
    this.picture.geometry.dispose();
    this.picture.material.dispose();
    this.object.removeFromParent();
  }

  private pathPieces(): RibbonPiece[] {
    const { frameCount: T } = this.scene;
    const colour = (frame: number) => mapColour(MAP_OF.time, frame / Math.max(1, T - 1));
    const pieces: RibbonPiece[] = [];
    for (let t = 1; t < T; t++) pieces.push({ from: this.centre(t - 1), to: this.centre(t), colour: colour(t), opacity: 1, frame: t, dashed: false });
    const step = Math.max(1, Math.ceil(T / FRUSTA));
    for (let t = 0; t < T; t += step) pieces.push(...this.frustum(t, this.corners(t, this.size), colour(t), 0.45));
    return pieces;
  }

  private frustum(frame: number, corners: readonly Point[], colour: Rgb, opacity: number): RibbonPiece[] {
    const piece = (from: Point, to: Point): RibbonPiece => ({ from, to, colour, opacity, frame, dashed: false });
    return corners.flatMap((corner, i) => [piece(this.centre(frame), corner), piece(corner, corners[(i + 1) % 4])]);
  }

  private centre(frame: number): Point {
    const m = this.scene.cameras[frame].camToWorld;
    return [m[3], m[7], m[11]];
  }

  /** Corners of the picture at a depth, clockwise from the top left, scene world. */
  private corners(frame: number, depth: number): Point[] {
    const { width: W, height: H, cameras } = this.scene;
    const { camToWorld: m, fx, fy, cx, cy } = cameras[frame];
    return [[0, 0], [W, 0], [W, H], [0, H]].map(([u, v]) => {
      const [x, y] = [((u - cx) / fx) * depth, ((v - cy) / fy) * depth];
      return [m[0] * x + m[1] * y + m[2] * depth + m[3], m[4] * x + m[5] * y + m[6] * depth + m[7], m[8] * x + m[9] * y + m[10] * depth + m[11]];
    });
  }
}
