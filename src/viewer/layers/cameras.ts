// Where the camera went: its path, a frustum with its picture now and then, and the current one; and the picture itself over the view through it.

import {
  BufferGeometry, DataTexture, DoubleSide, Float32BufferAttribute, GLSL3, Group, type IUniform, LinearFilter, Mesh, RGBAFormat, ShaderMaterial, type Texture,
} from 'three';
import type { Scene } from '../../scene/scene.ts';
import { mapColour, MAP_OF, type Rgb } from '../colours.ts';
import { Ribbons, type RibbonPiece } from './ribbons.ts';

/** Frusta on show beside the current one, at most; and how far they stand from each other at least, in their own size: a camera that only turns would be a knot of lines. */
const FRUSTA = 10;
const APART = 1.1;
/** Width of the pictures in them, px. */
const THUMB = 96;
const ACCENT: Rgb = [92, 200, 190];

const VERTEX = /* glsl */ `
out vec2 vUv;
void main() {
  vUv = uv;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
}`;
const FRAGMENT = /* glsl */ `
uniform sampler2D uPicture;
uniform float uOpacity;
uniform float uWipe;
in vec2 vUv;
out vec4 outColour;
void main() {
  if (vUv.x > uWipe) discard;
  outColour = vec4(texture(uPicture, vUv).rgb, uOpacity);
}`;

type Point = readonly [number, number, number];

export class CamerasLayer {
  readonly object = new Group();
  /** The current picture over the view from the recorded camera. */
  readonly image: Mesh<BufferGeometry, ShaderMaterial>;
  private readonly path = new Ribbons();
  private readonly now = new Ribbons();
  private readonly picture: Mesh<BufferGeometry, ShaderMaterial>;
  private readonly others: Mesh<BufferGeometry, ShaderMaterial>;
  private readonly atlas: DataTexture;
  private readonly frames: readonly number[];
  /** Those of them that stand apart. */
  private apart: readonly number[] = [];
  private frame = 0;

  /** `size` is the depth of a frustum, scene units. */
  constructor(private readonly scene: Scene, private size: number, picture: Texture) {
    const step = Math.max(1, Math.ceil(scene.frameCount / FRUSTA));
    this.frames = Array.from({ length: Math.ceil(scene.frameCount / step) }, (_, k) => k * step);
    this.atlas = makeAtlas(scene, this.frames);
    this.picture = makeQuads(1, picture);
    this.image = makeQuads(1, picture);
    this.image.material.depthTest = false;
    this.image.renderOrder = 5;
    this.image.visible = false;
    this.others = makeQuads(this.frames.length, this.atlas);
    this.others.material.uniforms.uOpacity.value = 0.6;
    this.path.width = 1.5;
    this.now.width = 2.5;
    this.object.add(this.path.mesh, this.others, this.now.mesh, this.picture);
    this.setSize(size);
  }

  setSize(size: number): void {
    this.size = size;
    this.apart = this.chooseApart();
    this.path.setPieces(this.pathPieces());
    fillQuads(this.others, this.frames.flatMap((frame) => (this.apart.includes(frame) ? this.corners(frame, size) : this.corners(frame, 0))));
    this.setFrame(this.frame);
  }

  /** `between`: how far on the way to the next frame, 0…1. */
  setFrame(frame: number, between = 0): void {
    this.frame = frame;
    const next = Math.min(this.scene.frameCount - 1, frame + 1);
    const corners = mix(this.corners(frame, this.size * 1.6), this.corners(next, this.size * 1.6), between);
    this.now.setPieces(this.frustum(frame, corners, ACCENT, 1, mix([this.centre(frame)], [this.centre(next)], between)[0]));
    fillQuads(this.picture, corners);
    fillQuads(this.image, corners);
  }

  /** `wipe`: share of the picture's width, from the left, that is shown. */
  setImage(opacity: number, wipe: number): void {
    this.image.visible = opacity > 0 && wipe > 0;
    this.image.material.uniforms.uWipe.value = wipe;
    this.image.material.uniforms.uOpacity.value = opacity;
  }

  /** From close by a picture would fill the view. */
  setEye(eye: Point): void {
    const near = this.scene.cameras.some((_, frame) => Math.hypot(...this.centre(frame).map((v, k) => v - eye[k])) < 2 * this.size);
    this.picture.visible = this.others.visible = !near;
  }

  setViewport(width: number, height: number): void {
    this.path.setViewport(width, height);
    this.now.setViewport(width, height);
  }

  /** The outline of every frustum on show, for picking. */
  outlines(): { frame: number; points: Point[] }[] {
    const outline = (frame: number, size: number) => {
      const corners = this.corners(frame, size);
      return { frame, points: [...corners, corners[0], this.centre(frame), corners[2]] };
    };
    return [outline(this.frame, this.size * 1.6), ...this.apart.map((frame) => outline(frame, this.size))];
  }

  dispose(): void {
    this.path.dispose();
    this.now.dispose();
    this.atlas.dispose();
    for (const quads of [this.picture, this.image, this.others]) {
      quads.geometry.dispose();
      quads.material.dispose();
      quads.removeFromParent();
    }
    this.object.removeFromParent();
  }

  private chooseApart(): number[] {
    const far = (a: number, b: number) => Math.hypot(...this.centre(a).map((v, k) => v - this.centre(b)[k])) >= APART * this.size;
    return this.frames.reduce<number[]>((chosen, frame) => (chosen.every((other) => far(other, frame)) ? [...chosen, frame] : chosen), []);
  }

  private pathPieces(): RibbonPiece[] {
    const { frameCount: T } = this.scene;
    const colour = (frame: number) => mapColour(MAP_OF.time, frame / Math.max(1, T - 1));
    const pieces: RibbonPiece[] = [];
    for (let t = 1; t < T; t++) pieces.push({ from: this.centre(t - 1), to: this.centre(t), colour: colour(t), opacity: 1, frame: t, dashed: false });
    for (const t of this.apart) pieces.push(...this.frustum(t, this.corners(t, this.size), colour(t), 0.6));
    return pieces;
  }

  private frustum(frame: number, corners: readonly Point[], colour: Rgb, opacity: number, centre = this.centre(frame)): RibbonPiece[] {
    const piece = (from: Point, to: Point): RibbonPiece => ({ from, to, colour, opacity, frame, dashed: false });
    return corners.flatMap((corner, i) => [piece(centre, corner), piece(corner, corners[(i + 1) % 4])]);
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

const mix = (a: readonly Point[], b: readonly Point[], share: number): Point[] => (share === 0 ? [...a] : a.map((p, i) => [0, 1, 2].map((k) => p[k] + share * (b[i][k] - p[k])) as unknown as Point));

/** Quads that show a strip of pictures, one each. */
function makeQuads(count: number, picture: Texture): Mesh<BufferGeometry, ShaderMaterial> {
  const uniforms: Record<string, IUniform> = { uPicture: { value: picture }, uOpacity: { value: 1 }, uWipe: { value: 1 } };
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new Float32BufferAttribute(new Float32Array(count * 12), 3));
  const rows = Array.from({ length: count }, (_, k) => [k / count, (k + 1) / count]);
  geometry.setAttribute('uv', new Float32BufferAttribute(rows.flatMap(([top, bottom]) => [0, top, 1, top, 1, bottom, 0, bottom]), 2));
  geometry.setIndex(rows.flatMap((_, k) => [0, 1, 2, 0, 2, 3].map((i) => 4 * k + i)));
  const material = new ShaderMaterial({ vertexShader: VERTEX, fragmentShader: FRAGMENT, glslVersion: GLSL3, uniforms, side: DoubleSide, transparent: true });
  const mesh = new Mesh(geometry, material);
  mesh.frustumCulled = false;
  return mesh;
}

function fillQuads(mesh: Mesh<BufferGeometry>, corners: readonly Point[]): void {
  const position = mesh.geometry.getAttribute('position');
  position.array.set(corners.flat());
  position.needsUpdate = true;
}

/** Small pictures of some frames, one above the other. */
function makeAtlas({ width: W, height: H, rgb }: Scene, frames: readonly number[]): DataTexture {
  const [w, h] = [Math.min(W, THUMB), Math.max(1, Math.round((Math.min(W, THUMB) * H) / W))];
  const data = new Uint8Array(w * h * frames.length * 4);
  frames.forEach((frame, k) => {
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const from = ((frame * H + Math.floor(((y + 0.5) * H) / h)) * W + Math.floor(((x + 0.5) * W) / w)) * 3;
        data.set([rgb[from], rgb[from + 1], rgb[from + 2], 255], ((k * h + y) * w + x) * 4);
      }
    }
  });
  const texture = new DataTexture(data, w, h * frames.length, RGBAFormat);
  texture.minFilter = texture.magFilter = LinearFilter;
  texture.needsUpdate = true;
  return texture;
}
