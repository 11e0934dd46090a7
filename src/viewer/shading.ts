// Eye-dome lighting (Boucheny 2009; radius and falloff as in Potree): shape shows without normals or lamps.

import {
  AlwaysDepth, BufferAttribute, BufferGeometry, CustomBlending, DepthTexture, FloatType, GLSL3, Mesh, NearestFilter, OneFactor, OneMinusSrcAlphaFactor, OrthographicCamera,
  type PerspectiveCamera, type Scene, ShaderMaterial, Vector2, type WebGLRenderer, WebGLRenderTarget,
} from 'three';

const VERTEX = /* glsl */ `
out vec2 vUv;
void main() {
  vUv = position.xy * 0.5 + 0.5;
  gl_Position = vec4(position.xy, 0.0, 1.0);
}`;

/** Depth goes on to the canvas, so that lines drawn afterwards are hidden by the surface. */
const FRAGMENT = /* glsl */ `
// Differences in log2 of the distance.
#define RELIEF 0.010
#define SEAM 0.09
#define EDGE 0.05
uniform sampler2D uColour;
uniform highp sampler2D uDepth;
uniform vec2 uStep;
uniform vec2 uPlanes;
uniform float uStrength;
in vec2 vUv;
out vec4 outColour;
float logDistance(vec2 uv) {
  float d = texture(uDepth, uv).r;
  return log2(uPlanes.x * uPlanes.y / (uPlanes.y - d * (uPlanes.y - uPlanes.x)));
}
void main() {
  vec4 colour = texture(uColour, vUv);
  if (colour.a == 0.0) discard;
  gl_FragDepth = texture(uDepth, vUv).r;
  float shade = 1.0;
  if (uStrength > 0.0) {
    float here = logDistance(vUv);
    float sum = 0.0;
    for (int i = 0; i < 8; i++) {
      float angle = float(i) * 0.785398;
      float behind = max(0.0, here - logDistance(vUv + uStep * vec2(cos(angle), sin(angle))));
      // Relief counts and edges count; between them lie the seams of pieces from several frames.
      sum += min(behind, RELIEF) + clamp(behind - SEAM, 0.0, EDGE);
    }
    shade = mix(0.42, 1.0, exp(-sum / 8.0 * 60.0 * uStrength));
  }
  outColour = vec4(colour.rgb * shade, colour.a);
}`;

const RADIUS_PX = 1.4;
const STRENGTH = 0.6;

export class Shading {
  private readonly target: WebGLRenderTarget;
  private readonly quad: Mesh<BufferGeometry, ShaderMaterial>;
  private readonly camera = new OrthographicCamera(-1, 1, 1, -1, 0, 1);

  /** `samples` > 1 smooths edges. */
  constructor(samples: number) {
    const depthTexture = new DepthTexture(1, 1, FloatType);
    this.target = new WebGLRenderTarget(1, 1, { samples, depthTexture, minFilter: NearestFilter, magFilter: NearestFilter });
    const geometry = new BufferGeometry();
    geometry.setAttribute('position', new BufferAttribute(new Float32Array([-1, -1, 0, 3, -1, 0, -1, 3, 0]), 3));
    const uniforms = {
      uColour: { value: this.target.texture }, uDepth: { value: depthTexture }, uStep: { value: new Vector2() }, uPlanes: { value: new Vector2() }, uStrength: { value: 0 },
    };
    this.quad = new Mesh(geometry, new ShaderMaterial({
      vertexShader: VERTEX, fragmentShader: FRAGMENT, glslVersion: GLSL3, uniforms, depthWrite: true, depthTest: true, transparent: true,
      blending: CustomBlending, blendSrc: OneFactor, blendDst: OneMinusSrcAlphaFactor,
    }));
    this.quad.material.depthFunc = AlwaysDepth;
    this.quad.frustumCulled = false;
  }

  /** Draws the scene into the renderer's present target, shaded if `lit`. */
  render(renderer: WebGLRenderer, scene: Scene, camera: PerspectiveCamera, lit: boolean): void {
    const output = renderer.getRenderTarget();
    const size = output ? new Vector2(output.width, output.height) : renderer.getDrawingBufferSize(new Vector2());
    this.target.setSize(size.x, size.y);
    const [alpha, auto] = [renderer.getClearAlpha(), renderer.autoClear];
    renderer.setClearAlpha(0);
    renderer.setRenderTarget(this.target);
    renderer.autoClear = true;
    renderer.render(scene, camera);
    renderer.setRenderTarget(output);
    renderer.setClearAlpha(alpha);
    renderer.clear();
    renderer.autoClear = false;
    const { uStep, uPlanes, uStrength } = this.quad.material.uniforms;
    uStep.value.set(1, 1).divide(size).multiplyScalar(RADIUS_PX * Math.max(1, size.y / 900));
    uPlanes.value.set(camera.near, camera.far);
    uStrength.value = lit ? STRENGTH : 0;
    renderer.render(this.quad as never, this.camera);
    renderer.autoClear = auto;
  }

  dispose(): void {
    this.target.depthTexture?.dispose();
    this.target.dispose();
    this.quad.geometry.dispose();
    this.quad.material.dispose();
  }
}
