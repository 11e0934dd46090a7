// Renderer, camera and controls: what every 3D view needs, whatever it shows. Draws only when something changed.

import CameraControls from 'camera-controls';
import {
  Box3, Color, Matrix4, MOUSE, PerspectiveCamera, Quaternion, Raycaster, Scene as Three, Sphere, Spherical, Vector2, Vector3, Vector4, WebGLRenderer,
} from 'three';

CameraControls.install({ THREE: { Box3, Color, Matrix4, MOUSE, PerspectiveCamera, Quaternion, Raycaster, Sphere, Spherical, Vector2, Vector3, Vector4 } as never });

const CLEAR = { dark: 0x14161a, light: 0xe9ebee };
export const FOV = 50;

export class Stage {
  readonly three = new Three();
  readonly camera = new PerspectiveCamera(FOV, 1, 0.01, 100);
  readonly renderer: WebGLRenderer;
  readonly controls: CameraControls;
  /** True where the picture is drawn by the CPU: less of everything there. */
  readonly software: boolean;
  width = 1;
  height = 1;
  /** Pictures drawn so far. */
  drawn = 0;
  private lastDrawMs = 0;
  private readonly resizing: ResizeObserver;
  private request = 0;
  private bounds: { centre: Vector3; radius: number } | null = null;

  constructor(host: HTMLElement, private readonly beforeDraw: () => void) {
    this.software = drawsInSoftware();
    this.renderer = new WebGLRenderer({ antialias: !this.software, powerPreference: 'high-performance' });
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
  /** Focal length of the view, device px. */
  get focalPx(): number { return (this.height * this.pixelRatio) / 2 / Math.tan((this.camera.fov * Math.PI) / 360); }

  setTheme(theme: 'dark' | 'light'): void {
    this.renderer.setClearColor(CLEAR[theme]);
    this.invalidate();
  }

  /** What the near and far planes have to enclose. */
  setBounds(centre: Vector3, radius: number): void {
    this.bounds = { centre, radius };
    this.controls.minDistance = radius * 0.005;
    this.controls.maxDistance = radius * 30;
  }

  setFov(degrees: number): void {
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
    if (this.request === 0) this.request = requestAnimationFrame(() => this.draw());
  }

  dispose(): void {
    cancelAnimationFrame(this.request);
    this.resizing.disconnect();
    this.controls.dispose();
    this.renderer.dispose();
    this.canvas.remove();
  }

  private draw(): void {
    this.request = 0;
    const now = performance.now();
    const moved = this.controls.enabled && this.controls.update(Math.min(0.1, (now - this.lastDrawMs) / 1000));
    this.lastDrawMs = now;
    if (this.bounds) {
      const distance = this.camera.position.distanceTo(this.bounds.centre);
      this.camera.near = Math.max(this.bounds.radius * 0.004, distance - 2 * this.bounds.radius);
      // Skies and horizons lie far outside the bounds.
      this.camera.far = distance + 60 * this.bounds.radius;
      this.camera.updateProjectionMatrix();
    }
    this.beforeDraw();
    this.renderer.render(this.three, this.camera);
    this.drawn++;
    if (moved) this.invalidate();
  }

  private resize(width: number, height: number): void {
    if (width === 0 || height === 0) return;
    [this.width, this.height] = [width, height];
    this.renderer.setPixelRatio(this.software ? 1 : Math.min(2, devicePixelRatio));
    this.renderer.setSize(width, height);
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
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
