// Measured segments, their ends, and the point that is pointed at.

import { BufferAttribute, BufferGeometry, GLSL3, Group, type IUniform, Points, ShaderMaterial } from 'three';
import type { Rgb } from '../colours.ts';
import { Ribbons, type RibbonPiece } from './ribbons.ts';

const VERTEX = /* glsl */ `
in vec4 aColour;
uniform float uSize;
out vec4 vColour;
void main() {
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
  gl_PointSize = uSize * (aColour.a > 0.9 ? 1.0 : 1.7);
  vColour = aColour;
}`;
/** Full alpha is a disc, less is a ring. */
const FRAGMENT = /* glsl */ `
in vec4 vColour;
out vec4 outColour;
void main() {
  float r = length(gl_PointCoord - 0.5);
  if (r > 0.5 || (vColour.a < 0.9 && r < 0.2)) discard;
  bool rim = r > 0.42 || (vColour.a < 0.9 && r < 0.27);
  outColour = vec4(rim ? vec3(0.05) : vColour.rgb, 1.0);
}`;

export interface Mark {
  readonly at: readonly [number, number, number];
  readonly colour: Rgb;
  readonly ring: boolean;
}

export interface Segment {
  readonly from: readonly [number, number, number];
  readonly to: readonly [number, number, number];
  readonly colour: Rgb;
}

export class MarksLayer {
  readonly object = new Group();
  private readonly lines = new Ribbons(true);
  private readonly points: Points<BufferGeometry, ShaderMaterial>;
  private readonly size: IUniform<number> = { value: 9 };

  constructor() {
    this.points = new Points(new BufferGeometry(), new ShaderMaterial({
      vertexShader: VERTEX, fragmentShader: FRAGMENT, glslVersion: GLSL3, uniforms: { uSize: this.size }, depthTest: false, depthWrite: false, transparent: true,
    }));
    this.points.frustumCulled = false;
    this.points.renderOrder = 6;
    this.lines.width = 2.5;
    this.object.add(this.lines.mesh, this.points);
    this.set([], []);
  }

  /** Scene world. */
  set(segments: readonly Segment[], marks: readonly Mark[]): void {
    this.lines.setPieces(segments.map(({ from, to, colour }): RibbonPiece => ({ from, to, colour, opacity: 1, frame: 0, dashed: false })));
    const geometry = this.points.geometry;
    geometry.dispose();
    geometry.setAttribute('position', new BufferAttribute(new Float32Array(marks.flatMap((m) => [...m.at])), 3));
    geometry.setAttribute('aColour', new BufferAttribute(new Uint8Array(marks.flatMap((m) => [...m.colour, m.ring ? 128 : 255])), 4, true));
    this.points.visible = marks.length > 0;
  }

  setViewport(width: number, height: number, pixelRatio: number): void {
    this.lines.setViewport(width, height);
    this.size.value = 9 * pixelRatio;
  }

  dispose(): void {
    this.lines.dispose();
    this.points.geometry.dispose();
    this.points.material.dispose();
    this.object.removeFromParent();
  }
}
