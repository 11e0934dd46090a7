// One frame's depth and picture as a surface or as points, unprojected in the vertex shader.

import {
  BufferAttribute, BufferGeometry, DataTexture, DoubleSide, FloatType, GLSL3, type IUniform, LinearFilter, Matrix4, Mesh, NearestFilter, Object3D, Points,
  RedFormat, RGBAFormat, ShaderMaterial, Vector2, Vector4,
} from 'three';
import { poseMatrix } from '../axes.ts';
import { calmFrame } from '../calm.ts';
import type { Scene } from '../../scene/scene.ts';
import { buildTriangles, usedPixels } from '../surface.ts';

/** What all grids share; one change reaches them all. */
export interface GridUniforms extends Record<string, IUniform> {
  uColourMode: IUniform<number>;
  uTable: IUniform<DataTexture>;
  /** Depth at both ends of the colour table. */
  uDepthRange: IUniform<Vector2>;
  /** Least confidence 0…1 that is shown: static, moving. */
  uMinConfidence: IUniform<Vector2>;
  /** px of the screen at the distance it was recorded from. */
  uPointSize: IUniform<number>;
  /** Brightness and saturation. */
  uTone: IUniform<Vector2>;
  /** How much larger the view's lens shows things than the usual one. */
  uZoom: IUniform<number>;
  /** Canvas px per px of the screen. */
  uDevicePx: IUniform<number>;
  /** The frame on show: what it sees for itself the background does not show too. */
  uNowDepth: IUniform<DataTexture | null>;
  uNowColour: IUniform<DataTexture | null>;
  /** Scene world → its camera. */
  uNowPose: IUniform<Matrix4>;
  uNowLens: IUniform<Vector4>;
  uYields: IUniform<boolean>;
  /** It is drawn without gaps, so that nothing shows through. */
  uNowFilled: IUniform<boolean>;
}

const VERTEX = /* glsl */ `
uniform highp sampler2D uDepth;
uniform sampler2D uColour;
uniform mat4 uPose;
uniform vec4 uLens;
uniform ivec2 uSize;
uniform float uPointSize;
uniform float uStep;
uniform float uZoom;
uniform float uDevicePx;
out vec2 vUv;
out vec3 vView;
out vec3 vInfo;
out vec3 vNow;
uniform mat4 uNowPose;
void main() {
  ivec2 pixel = ivec2(gl_VertexID % uSize.x, gl_VertexID / uSize.x);
  float z = texelFetch(uDepth, pixel, 0).r;
  // The lowest bit of the fourth channel says "moves", the others hold the confidence.
  int packed = int(texelFetch(uColour, pixel, 0).a * 255.0 + 0.5);
  vec2 centre = vec2(pixel) + 0.5;
  vec4 world = uPose * vec4((centre - uLens.zw) / uLens.xy * z, z, 1.0);
  vec4 view = modelViewMatrix * world;
  vNow = (uNowPose * world).xyz;
  vUv = centre / vec2(uSize);
  vView = view.xyz;
  vInfo = vec3(float(packed & 254) / 254.0, float(packed & 1), z);
  gl_Position = projectionMatrix * view;
  gl_PointSize = uDevicePx * clamp(uPointSize * uStep * uZoom * z / max(1e-6, -view.z), 1.0, 12.0);
}`;

const FRAGMENT = /* glsl */ `
#define SAME_SURFACE 1.06
#define REACH 1.6
// Share of the picture along its border where the background stays: depths differ a little, and seen from aside that opens a seam.
#define BORDER 0.03
uniform sampler2D uColour;
uniform sampler2D uTable;
uniform int uColourMode;
uniform vec2 uDepthRange;
uniform vec2 uMinConfidence;
uniform float uTime;
uniform bool uRound;
uniform bool uFilled;
uniform float uFade;
uniform vec2 uTone;
in vec2 vUv;
in vec3 vView;
in vec3 vInfo;
in vec3 vNow;
uniform bool uYields;
uniform bool uNowFilled;
uniform bool uBackground;
uniform highp sampler2D uNowDepth;
uniform sampler2D uNowColour;
uniform vec4 uNowLens;
out vec4 outColour;
/** Whether the frame on show sees this place itself, or sees through it: things that moved away, depths that were wrong. */
bool isSeenNow() {
  if (vNow.z <= 0.0) return false;
  vec2 size = vec2(textureSize(uNowDepth, 0));
  vec2 at = (vNow.xy / vNow.z * uNowLens.xy + uNowLens.zw) / size;
  if (any(lessThan(at, vec2(BORDER))) || any(greaterThan(at, vec2(1.0 - BORDER)))) return false;
  // All around: at depth edges the frame's own surface leaves a gap.
  for (int i = 0; i < 4; i++) {
    vec2 beside = at + (vec2(i & 1, i >> 1) * 2.0 - 1.0) * REACH / size;
    float seen = texture(uNowDepth, beside).r;
    if (seen <= 0.0 || vNow.z > seen * SAME_SURFACE) return false;
  }
  if (uNowFilled) return true;
  // Unfiltered: between two even numbers lies an odd one, and that would say "moves".
  int packed = int(texelFetch(uNowColour, ivec2(at * size), 0).a * 255.0 + 0.5);
  return float(packed & 254) / 254.0 >= ((packed & 1) == 1 ? uMinConfidence.y : uMinConfidence.x);
}
void main() {
  if (uBackground && uYields && isSeenNow()) discard;
  bool moving = vInfo.y > 0.5;
  if (!uFilled && vInfo.x < (moving ? uMinConfidence.y : uMinConfidence.x)) discard;
  // What stands is open from behind, like a doll's house: the backs of walls would only be in the way.
  if (!uRound && !gl_FrontFacing && !moving) discard;
  // Left out by a pattern of pixels: surfaces stay in order without sorting.
  if (uFade < 1.0 && fract(52.9829189 * fract(dot(floor(gl_FragCoord.xy), vec2(0.06711056, 0.00583715)))) >= uFade) discard;
  if (uRound && length(gl_PointCoord - 0.5) > 0.5) discard;
  vec3 picture = texture(uColour, vUv).rgb;
  float grey = dot(picture, vec3(0.3, 0.59, 0.11));
  vec3 colour = picture;
  float value = -1.0;
  if (uColourMode == 1) value = (uDepthRange.y - vNow.z) / (uDepthRange.y - uDepthRange.x);
  if (uColourMode == 2) value = vInfo.x;
  if (uColourMode == 3) colour = (moving ? vec3(0.90, 0.62, 0.0) : vec3(0.52, 0.54, 0.57)) * (0.45 + 0.75 * grey);
  if (uColourMode == 4) value = uTime;
  if (uColourMode == 5) colour = vec3(0.12 + 0.45 * grey);
  if (value >= 0.0 || uColourMode == 1) colour = texture(uTable, vec2(clamp(value, 0.002, 0.998), 0.5)).rgb * (0.6 + 0.5 * grey);
  // A thing that moves is darker from behind, where nobody recorded it.
  if (!uRound && !gl_FrontFacing) colour *= 0.55;
  float luma = dot(colour, vec3(0.3, 0.59, 0.11));
  outColour = vec4(uTone.x * mix(vec3(luma), colour, uTone.y), 1.0);
}`;

export class DepthGrid {
  readonly object = new Object3D();
  pointCount = 0;
  private readonly depth: DataTexture;
  private readonly colour: DataTexture;
  private readonly geometry = new BufferGeometry();
  private readonly pointGeometry = new BufferGeometry();
  private readonly surfaceMaterial: ShaderMaterial;
  private readonly pointMaterial: ShaderMaterial;
  private readonly surface: Mesh;
  private readonly points: Points;
  private readonly own: { uPose: IUniform<Matrix4>; uLens: IUniform<Vector4>; uTime: IUniform<number>; uStep: IUniform<number>; uFilled: IUniform<boolean>; uFade: IUniform<number> };
  
  /** `background`: one piece of many, so that its parts may be small. */
  constructor(public scene: Scene, shared: GridUniforms, private readonly background = false) {
    const { width: W, height: H } = scene;
    this.depth = new DataTexture(new Float32Array(W * H), W, H, RedFormat, FloatType);
    this.colour = new DataTexture(new Uint8Array(W * H * 4), W, H, RGBAFormat);
    this.depth.minFilter = this.depth.magFilter = NearestFilter;
    this.colour.minFilter = this.colour.magFilter = LinearFilter;
    this.own = { uPose: { value: new Matrix4() }, uLens: { value: new Vector4() }, uTime: { value: 0 }, uStep: { value: 1 }, uFilled: { value: false }, uFade: { value: 1 } };
    const uniforms = { ...shared, ...this.own, uDepth: { value: this.depth }, uColour: { value: this.colour }, uBackground: { value: background }, uSize: { value: [W, H] } };
    const material = (round: boolean) => new ShaderMaterial({
      vertexShader: VERTEX, fragmentShader: FRAGMENT, glslVersion: GLSL3, uniforms: { ...uniforms, uRound: { value: round } }, side: DoubleSide,
    });
    this.surfaceMaterial = material(false);
    this.pointMaterial = material(true);
    // The position is made in the shader; three only wants to know how many vertices there are.
    const count = new BufferAttribute(new Uint8Array(W * H * 3), 3);
    for (const geometry of [this.geometry, this.pointGeometry]) geometry.setAttribute('position', count);
    this.surface = new Mesh(this.geometry, this.surfaceMaterial);
    this.points = new Points(this.pointGeometry, this.pointMaterial);
    this.surface.frustumCulled = this.points.frustumCulled = false;
    this.object.add(this.surface, this.points);
  }

  /** Whether even the least certain pixels are drawn. */
  get filled(): boolean { return this.own.uFilled.value; }
  set filled(on: boolean) { this.own.uFilled.value = on; }
  /** Share of it that is drawn, 0…1. */
  set fade(share: number) { this.own.uFade.value = share; }
  get colourTexture(): DataTexture { return this.colour; }
  get depthTexture(): DataTexture { return this.depth; }
  /** f32 [H·W], scene units, of the frame on show. */
  get drawnDepth(): Float32Array { return this.depth.image.data as Float32Array; }
  get lens(): Vector4 { return this.own.uLens.value; }
  get pose(): Matrix4 { return this.own.uPose.value; }

  /** Puts a frame's depth and picture on show: two small uploads. */
  setFrame(frame: number): void {
    const { width: W, height: H, cameras, frameCount, rgb, confidence, mask } = this.scene;
    const start = frame * W * H;
    this.drawnDepth.set(calmFrame(this.scene, frame));
    const colour = this.colour.image.data as Uint8Array;
    for (let i = 0, from = start * 3, to = 0; i < W * H; i++, from += 3, to += 4) {
      colour[to] = rgb[from];
      colour[to + 1] = rgb[from + 1];
      colour[to + 2] = rgb[from + 2];
      colour[to + 3] = (confidence[start + i] & 254) | (mask[start + i] ? 1 : 0);
    }
    this.depth.needsUpdate = this.colour.needsUpdate = true;
    const { fx, fy, cx, cy } = cameras[frame];
    this.own.uPose.value.copy(poseMatrix(cameras[frame]));
    this.own.uLens.value.set(fx, fy, cx, cy);
    this.own.uTime.value = frame / Math.max(1, frameCount - 1);
  }

  /** Which pixels of the frame are drawn. */
  setPixels(keep: Uint8Array, step: number, trim: boolean, asPoints: boolean): void {
    const { width: W, height: H } = this.scene;
    this.own.uStep.value = step;
    const triangles = buildTriangles(this.drawnDepth, keep, W, H, step, trim, !trim || this.background);
    const indices = asPoints ? usedPixels(triangles, W * H) : triangles;
    this.pointCount = asPoints ? indices.length : indices.length / 6;
    const geometry = asPoints ? this.pointGeometry : this.geometry;
    // An index buffer cannot grow in place; the old one has to be given back by hand.
    geometry.dispose();
    geometry.setIndex(new BufferAttribute(indices, 1));
    this.surface.visible = !asPoints && indices.length > 0;
    this.points.visible = asPoints && indices.length > 0;
  }

  dispose(): void {
    this.object.removeFromParent();
    for (const thing of [this.depth, this.colour, this.geometry, this.pointGeometry, this.surfaceMaterial, this.pointMaterial]) thing.dispose();
  }
}
