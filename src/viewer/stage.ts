// Renderer, camera and controls: what every 3D view needs, whatever it shows. Draws only when something changed.

import CameraControls from 'camera-controls';
import {
  Box3, Matrix4, MOUSE, PerspectiveCamera, Quaternion, Raycaster, Scene as Three, Sphere, Spherical, Vector2, Vector3, Vector4, WebGLRenderer,
} from 'three';
import { Pace } from './pace.ts';
import { Shading } from './shading.ts';

CameraControls.install({ THREE: { Box3, Matrix4, MOUSE, PerspectiveCamera, Quaternion, Raycaster, Sphere, Spherical, Vector2, Vector3, Vector4 } as never });

const CLEAR = { dark: 0x14161a, light: 0xe9ebee };
/** Stillness after which the picture is drawn once more at its best, ms. */
const REST_MS = 160;

export type Theme = 'dark' | 'light';

/** Vertical, degrees. */
const USUAL_FOV = 50;

export class Stage {
  /** Surfaces: they are shaded, and they hide what lies behind them. */
  readonly surfaces = new Three();
  /** Lines and marks, drawn on top of the surfaces. */
  readonly marks = new Three();
  readonly camera = new PerspectiveCamera(USUAL_FOV, 1, 0.01, 100);
  readonly renderer: WebGLRenderer;
  readonly controls: CameraControls;
  /** True where the picture is drawn by the CPU: less of everything there. */
  readonly software: boolean;
  width = 1;
  height = 1;
  /** Pictures drawn so far. */
  drawn = 0;
  shaded = true;
  /** As many pixels as the display has, whoever draws them. */
  sharp = false;
  /** Called before every picture; `secs` since the last one. */
  beforeDraw: (secs: number) => void = () => {};
  /** Returns true while something moves by itself. */
  moving: (secs: number) => boolean = () => false;
  private readonly shading: Shading;
  private readonly pace = new Pace();
  private readonly resizing: ResizeObserver;
  private lastDraw = 0;
  private continuous = false;
  private request = 0;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private capturing = false;
  private shownHeight = 1;
  private bounds: { centre: Vector3; radius: number } | null = null;

  constructor(host: HTMLElement) {
    this.software = drawsInSoftware();
    this.renderer = new WebGLRenderer({ antialias: !this.software, alpha: true, powerPreference: 'high-performance' });
    this.shading = new Shading(this.software ? 0 : 4);
    const canvas = this.renderer.domElement;
    canvas.tabIndex = 0;
    host.append(canvas);
    this.controls = new CameraControls(this.camera, canvas);
    Object.assign(this.controls, { smoothTime: 0.14, draggingSmoothTime: 0.06, dollyToCursor: true, minDistance: 1e-3 });
    for (const event of ['control', 'controlstart', 'wake', 'update'] as const) this.controls.addEventListener(event, () => this.invalidate());
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault());
    canvas.addEventListener('webglcontextrestored', () => this.invalidate());
    this.resizing = new ResizeObserver(() => this.resize(host.clientWidth, host.clientHeight));
    this.resizing.observe(host);
    this.setTheme('dark');
  }

  get canvas(): HTMLCanvasElement { return this.renderer.domElement; }
  get pixelRatio(): number { return this.renderer.getPixelRatio(); }
  /** How much larger things look than through the usual lens. */
  get zoom(): number { return Math.tan((USUAL_FOV * Math.PI) / 360) / Math.tan((this.camera.fov * Math.PI) / 360); }
  /** Canvas px per px of the screen; in pictures of another size, per px of the view that they are of. */
  get devicePx(): number { return (this.pixelRatio * this.height) / this.shownHeight; }
  /** True while pictures are drawn coarser than they could be, to keep up. */
  get coarse(): boolean { return this.pace.factor < 1; }

  /** `ground`: six hex digits instead of the theme's own. */
  setTheme(theme: Theme, ground: string | null = null): void {
    this.renderer.setClearColor(ground === null ? CLEAR[theme] : parseInt(ground, 16), 1);
    this.invalidate();
  }

  /** What the near and far planes have to enclose. */
  setBounds(centre: Vector3, radius: number): void {
    this.bounds = { centre, radius };
    this.controls.minDistance = radius * 0.005;
    this.controls.maxDistance = radius * 60;
  }

  setFov(degrees: number): void {
    if (this.camera.fov === degrees) return;
    this.camera.fov = degrees;
    this.camera.updateProjectionMatrix();
    this.invalidate();
  }

  /** Column-major projection · view of three's world. */
  viewProjection(): Matrix4 {
    this.camera.updateMatrixWorld();
    return new Matrix4().multiplyMatrices(this.camera.projectionMatrix, this.camera.matrixWorldInverse);
  }

  /** Asks for one picture; many asks before the next frame still make one. */
  invalidate(): void {
    if (this.request === 0 && !this.capturing) this.request = requestAnimationFrame(() => this.draw());
  }

  /** Lets `work` draw pictures of any size with `shoot`; the view comes back afterwards as it was. */
  async capture(width: number, height: number, background: boolean, work: (shoot: () => HTMLCanvasElement) => Promise<void>): Promise<void> {
    const before = { width: this.width, height: this.height, ratio: this.pixelRatio, enabled: this.controls.enabled };
    cancelAnimationFrame(this.request);
    clearTimeout(this.rest);
    this.request = 0;
    this.capturing = true;
    this.controls.enabled = false;
    const alpha = this.renderer.getClearAlpha();
    if (!background) this.renderer.setClearAlpha(0);
    this.setSize(width, height, 1, false);
    try {
      await work(() => {
        this.camera.updateMatrixWorld();
        this.render(0, true);
        return this.canvas;
      });
    } finally {
      this.capturing = false;
      this.renderer.setClearAlpha(alpha);
      this.controls.enabled = before.enabled;
      this.setSize(before.width, before.height, before.ratio, true);
      this.draw();
    }
  }

  /** Draws once and waits until it is done, ms. */
  timeDraw(fine: boolean): number {
    const started = performance.now();
    this.render(0, fine);
    const context = this.renderer.getContext();
    context.readPixels(0, 0, 1, 1, context.RGBA, context.UNSIGNED_BYTE, new Uint8Array(4));
    return performance.now() - started;
  }

  dispose(): void {
    cancelAnimationFrame(this.request);
    clearTimeout(this.rest);
    this.resizing.disconnect();
    this.controls.dispose();
    this.shading.dispose();
    this.renderer.dispose();
    // Browsers allow few contexts per page and take them back late by themselves.
    this.renderer.forceContextLoss();
    this.canvas.remove();
  }

  private draw(): void {
    this.request = 0;
    const now = performance.now();
    const secs = Math.min(0.1, (now - this.lastDraw) / 1000);
    if (this.continuous) this.pace.record(now - this.lastDraw);
    this.lastDraw = now;
    const turned = this.controls.enabled && this.controls.update(secs);
    const moved = this.moving(secs);
    this.useRatio(this.pace.factor);
    this.render(secs, !this.software && !this.coarse);
    clearTimeout(this.rest);
    // What was drawn in haste is drawn once more in full when everything rests.
    if (this.software || this.coarse) this.rest = setTimeout(() => this.drawAtRest(), REST_MS);
    this.continuous = turned || moved;
    if (this.continuous) this.invalidate();
  }

  private drawAtRest(): void {
    if (this.request !== 0 || this.capturing) return;
    this.useRatio(1);
    this.render(0, true);
  }

  private render(secs: number, fine: boolean): void {
    this.placePlanes();
    this.beforeDraw(secs);
    const { renderer, surfaces, marks, camera } = this;
    if (fine) this.shading.render(renderer, surfaces, camera, this.shaded);
    else {
      renderer.autoClear = true;
      renderer.render(surfaces, camera);
    }
    renderer.autoClear = false;
    renderer.render(marks, camera);
    this.drawn++;
  }

  private placePlanes(): void {
    if (!this.bounds) return;
    const distance = this.camera.position.distanceTo(this.bounds.centre);
    this.camera.near = Math.max(this.bounds.radius * 0.004, distance - 2 * this.bounds.radius);
    // Skies and horizons lie far outside the bounds.
    this.camera.far = distance + 60 * this.bounds.radius;
    this.camera.updateProjectionMatrix();
  }

  private get fullRatio(): number { return this.software && !this.sharp ? 1 : Math.min(2, devicePixelRatio); }

  private useRatio(factor: number): void {
    const ratio = factor * this.fullRatio;
    if (Math.abs(ratio - this.pixelRatio) > 1e-3) this.setSize(this.width, this.height, ratio, true);
  }

  private setSize(width: number, height: number, ratio: number, style: boolean): void {
    [this.width, this.height] = [width, height];
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height, style);
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
  }

  private resize(width: number, height: number): void {
    if (width === 0 || height === 0 || this.capturing) return;
    this.shownHeight = height;
    this.setSize(width, height, this.fullRatio, true);
    // Without a picture in the same turn the canvas would flash empty.
    this.draw();
  }
}

function drawsInSoftware(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2');
  const names = gl?.getExtension('WEBGL_debug_renderer_info');
  const renderer = gl && names ? String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)) : '';
  gl?.getExtension('WEBGL_lose_context')?.loseContext();
  return /swiftshader|llvmpipe|software/i.test(renderer);
}
