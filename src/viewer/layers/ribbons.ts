// Lines of any width: one small quad per piece, turned towards the view in the shader. No instances: drawn in software each is a call of its own.

import { BufferAttribute, BufferGeometry, GLSL3, type IUniform, Mesh, ShaderMaterial, Vector2 } from 'three';

/** A piece belongs to a moment, so that a window of time can be shown without touching the buffers, and nothing else be drawn. */
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
/** 0 or 1 along the piece, -1 or 1 across it. */
in vec2 aCorner;
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
  bool hidden = p.w <= 0.0 || q.w <= 0.0;
  vec2 along = (q.xy / q.w - p.xy / p.w) * uViewport;
  float span = length(along);
  vec2 across = span > 0.001 ? vec2(-along.y, along.x) / span : vec2(0.0, 1.0);
  // Half a width further at both ends closes the gaps at bends.
  vec2 shift = across * aCorner.y + (span > 0.001 ? along / span : vec2(1.0, 0.0)) * (aCorner.x * 2.0 - 1.0) * 0.5;
  vec4 end = aCorner.x < 0.5 ? p : q;
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

/** A head may lie this much before its frame, by rounding. */
const SLACK = 0.001;
const CORNERS = [[0, -1], [1, -1], [1, 1], [0, 1]] as const;
const TRIANGLES = [0, 1, 2, 0, 2, 3];

export class Ribbons {
  readonly mesh: Mesh<BufferGeometry, ShaderMaterial>;
  /** Frames of the pieces, ascending: the order in which they lie in the buffers. */
  private frames = new Float32Array(0);

  /** Lines on top of everything are for what the person has chosen. */
  constructor(onTop = false) {
    const uniforms: Record<string, IUniform> = {
      uViewport: { value: new Vector2(1, 1) }, uWidth: { value: 2 }, uHead: { value: 0 }, uTail: { value: 0 }, uLift: { value: 0.004 },
    };
    const material = new ShaderMaterial({ vertexShader: VERTEX, fragmentShader: FRAGMENT, glslVersion: GLSL3, uniforms, transparent: true, depthWrite: false, depthTest: !onTop });
    this.mesh = new Mesh(new BufferGeometry(), material);
    this.mesh.frustumCulled = false;
    this.mesh.renderOrder = onTop ? 3 : 1;
    this.setPieces([]);
  }

  setPieces(given: readonly RibbonPiece[]): void {
    const pieces = given.toSorted((a, b) => a.frame - b.frame);
    const count = pieces.length * CORNERS.length;
    const [from, to, info] = [new Float32Array(count * 3), new Float32Array(count * 3), new Float32Array(count * 2)];
    const [colour, corner] = [new Uint8Array(count * 4), new Int8Array(count * 2)];
    const index = new Uint32Array(pieces.length * TRIANGLES.length);
    pieces.forEach((piece, i) => {
      const alpha = Math.round(piece.opacity * 255);
      CORNERS.forEach((place, k) => {
        const vertex = i * CORNERS.length + k;
        from.set(piece.from, vertex * 3);
        to.set(piece.to, vertex * 3);
        colour.set(piece.colour, vertex * 4);
        colour[vertex * 4 + 3] = alpha;
        info[vertex * 2] = piece.frame;
        info[vertex * 2 + 1] = piece.dashed ? 1 : 0;
        corner.set(place, vertex * 2);
      });
      TRIANGLES.forEach((k, j) => { index[i * TRIANGLES.length + j] = i * CORNERS.length + k; });
    });
    const geometry = new BufferGeometry();
    geometry.setAttribute('aFrom', new BufferAttribute(from, 3));
    geometry.setAttribute('aTo', new BufferAttribute(to, 3));
    geometry.setAttribute('aColour', new BufferAttribute(colour, 4, true));
    geometry.setAttribute('aInfo', new BufferAttribute(info, 2));
    geometry.setAttribute('aCorner', new BufferAttribute(corner, 2));
    geometry.setIndex(new BufferAttribute(index, 1));
    this.mesh.geometry.dispose();
    this.mesh.geometry = geometry;
    this.mesh.visible = pieces.length > 0;
    this.frames = Float32Array.from(pieces, ({ frame }) => frame);
    this.chooseRange();
  }

  set width(px: number) { this.mesh.material.uniforms.uWidth.value = px; }
  /** Frame at the head of the window, and its length in frames; length 0 shows everything. */
  setWindow(head: number, tail: number): void {
    this.mesh.material.uniforms.uHead.value = head;
    this.mesh.material.uniforms.uTail.value = tail;
    this.chooseRange();
  }
  setViewport(width: number, height: number): void {
    (this.mesh.material.uniforms.uViewport.value as Vector2).set(width, height);
  }

  /** Draws the pieces inside the window alone. */
  private chooseRange(): void {
    const { uHead: { value: head }, uTail: { value: tail } } = this.mesh.material.uniforms;
    const [after, until] = tail > 0 ? [head - tail, head + SLACK] : [-Infinity, Infinity];
    const [first, end] = [countUpTo(this.frames, after), countUpTo(this.frames, until)];
    this.mesh.geometry.setDrawRange(first * TRIANGLES.length, (end - first) * TRIANGLES.length);
  }

  dispose(): void {
    this.mesh.removeFromParent();
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
  }
}

/** How many values of an ascending list are no larger than `limit`. */
function countUpTo(ascending: Float32Array, limit: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
