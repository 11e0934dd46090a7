// Lines of any width: one small quad per piece, turned towards the view in the shader.

import { DynamicDrawUsage, GLSL3, InstancedBufferAttribute, InstancedBufferGeometry, BufferAttribute, type IUniform, Mesh, ShaderMaterial, Vector2 } from 'three';

/** A piece belongs to a moment, so that a window of time can be shown without touching the buffers. */
export interface RibbonPiece {
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
  /** RGB 0…255. */
  readonly colour: readonly [number, number, number];
  readonly opacity: number;
  /** Frame at its end. */
  readonly frame: number;
  readonly dashed: boolean;
}

const VERTEX = /* glsl */ `
in vec3 aFrom;
in vec3 aTo;
in vec4 aColour;
in vec2 aInfo;
uniform vec2 uViewport;
uniform float uWidth;
uniform float uHead;
uniform float uTail;
uniform float uLift;
out vec4 vColour;
out float vDash;
void main() {
  float age = uHead - aInfo.x;
  float fade = uTail > 0.0 ? 1.0 - age / uTail : 1.0;
  vec4 a = modelViewMatrix * vec4(aFrom, 1.0);
  vec4 b = modelViewMatrix * vec4(aTo, 1.0);
  // Towards the eye by a hair, or the surface that a line lies on would swallow it.
  a.xyz *= 1.0 - uLift;
  b.xyz *= 1.0 - uLift;
  vec4 p = projectionMatrix * a;
  vec4 q = projectionMatrix * b;
  bool hidden = (uTail > 0.0 && (age < -0.001 || fade <= 0.0)) || p.w <= 0.0 || q.w <= 0.0;
  vec2 along = (q.xy / q.w - p.xy / p.w) * uViewport;
  float span = length(along);
  vec2 across = span > 0.001 ? vec2(-along.y, along.x) / span : vec2(0.0, 1.0);
  // Half a width further at both ends closes the gaps at bends.
  vec2 shift = across * position.y + (span > 0.001 ? along / span : vec2(1.0, 0.0)) * (position.x * 2.0 - 1.0) * 0.5;
  vec4 end = position.x < 0.5 ? p : q;
  gl_Position = hidden ? vec4(2.0, 2.0, 2.0, 1.0) : end + vec4(shift * uWidth / uViewport * end.w, 0.0, 0.0);
  vColour = vec4(aColour.rgb, aColour.a * clamp(fade, 0.0, 1.0));
  vDash = aInfo.y > 0.5 ? 1.0 : 0.0;
}`;

const FRAGMENT = /* glsl */ `
in vec4 vColour;
in float vDash;
out vec4 outColour;
void main() {
  if (vDash > 0.5 && mod(gl_FragCoord.x + gl_FragCoord.y, 8.0) < 4.0) discard;
  outColour = vec4(vColour.rgb, vColour.a * (vDash > 0.5 ? 0.35 : 1.0));
}`;

export class Ribbons {
  readonly mesh: Mesh<InstancedBufferGeometry, ShaderMaterial>;

  /** Lines on top of everything are for what the person has chosen. */
  constructor(onTop = false) {
    const uniforms: Record<string, IUniform> = {
      uViewport: { value: new Vector2(1, 1) }, uWidth: { value: 2 }, uHead: { value: 0 }, uTail: { value: 0 }, uLift: { value: 0.004 },
    };
    const material = new ShaderMaterial({ vertexShader: VERTEX, fragmentShader: FRAGMENT, glslVersion: GLSL3, uniforms, transparent: true, depthWrite: false, depthTest: !onTop });
    const geometry = new InstancedBufferGeometry();
    geometry.setAttribute('position', new BufferAttribute(new Float32Array([0, -1, 0, 1, -1, 0, 1, 1, 0, 0, 1, 0]), 3));
    geometry.setIndex([0, 1, 2, 0, 2, 3]);
    this.mesh = new Mesh(geometry, material);
    this.mesh.frustumCulled = false;
    this.mesh.renderOrder = onTop ? 3 : 1;
    this.setPieces([]);
  }

  setPieces(pieces: readonly RibbonPiece[]): void {
    const geometry = this.mesh.geometry;
    geometry.dispose();
    const [from, to] = [new Float32Array(pieces.length * 3), new Float32Array(pieces.length * 3)];
    const colour = new Uint8Array(pieces.length * 4);
    const info = new Float32Array(pieces.length * 2);
    pieces.forEach((piece, i) => {
      from.set(piece.from, i * 3);
      to.set(piece.to, i * 3);
      colour.set([...piece.colour, Math.round(piece.opacity * 255)], i * 4);
      info.set([piece.frame, piece.dashed ? 1 : 0], i * 2);
    });
    geometry.setAttribute('aFrom', new InstancedBufferAttribute(from, 3));
    geometry.setAttribute('aTo', new InstancedBufferAttribute(to, 3));
    geometry.setAttribute('aColour', new InstancedBufferAttribute(colour, 4, true).setUsage(DynamicDrawUsage));
    geometry.setAttribute('aInfo', new InstancedBufferAttribute(info, 2));
    geometry.instanceCount = pieces.length;
    this.mesh.visible = pieces.length > 0;
  }

  set width(px: number) { this.mesh.material.uniforms.uWidth.value = px; }
  /** Frame at the head of the window, and its length in frames; length 0 shows everything. */
  setWindow(head: number, tail: number): void {
    this.mesh.material.uniforms.uHead.value = head;
    this.mesh.material.uniforms.uTail.value = tail;
  }
  setViewport(width: number, height: number): void {
    (this.mesh.material.uniforms.uViewport.value as Vector2).set(width, height);
  }

  dispose(): void {
    this.mesh.removeFromParent();
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
  }
}
