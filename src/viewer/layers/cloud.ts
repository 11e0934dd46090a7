// The cloud: background from all frames, what moves at this frame, and the moments in between.

import { DataTexture, Group, LinearFilter, Matrix4, RGBAFormat, Vector2, Vector4 } from 'three';
import type { Scene } from '../../scene/scene.ts';
import { colourTable, MAP_OF } from '../colours.ts';
import type { ColourMode, Look } from '../look.ts';
import { fuseBackground } from '../background.ts';
import { levelAt, smoothConfidence, spreadConfidence, type ConfidenceSpread } from '../confidence.ts';
import type { HitPixels } from '../hits.ts';
import { leaveOutSky } from '../sky.ts';
import { pixelsOf, spreadFrames } from '../surface.ts';
import { DepthGrid, type GridUniforms } from './depth-grid.ts';

const COLOUR_MODES: readonly ColourMode[] = ['picture', 'depth', 'confidence', 'motion', 'time', 'speed'];
/** Frames that the background is put together from. */
const BACKGROUND_FRAMES = 12;
/** Confidences are compared between their steps. */
const HALF_STEP = 1 / 254;

interface Patch extends Omit<HitPixels, 'depth'> { readonly grid: DepthGrid }

export class CloudLayer {
  readonly object = new Group();
  readonly depthRange: readonly [number, number];
  private scene: Scene;
  private readonly background = new Group();
  private readonly uniforms: GridUniforms;
  private readonly table: DataTexture;
  private readonly current: DepthGrid;
  private patches: Patch[] = [];
  /** Of the background that is being put together; a change of look or budget meanwhile is for them too. */
  private fresh: Patch[] = [];
  private currentKeep: Uint8Array = new Uint8Array(0);
  private moments: { grid: DepthGrid; frame: number }[] = [];
  private frame = 0;
  /** Counts the backgrounds that were begun; only the newest is finished. */
  private fusion = 0;
  confidence: ConfidenceSpread;

  /** `pixelBudget` bounds the grid points drawn at once; the grids get coarser to stay under it. */
  constructor(given: Scene, private look: Look, private pixelBudget: number) {
    const scene = this.scene = forDrawing(given);
    this.table = new DataTexture(new Uint8Array(1024), 256, 1, RGBAFormat);
    this.table.minFilter = this.table.magFilter = LinearFilter;
    this.depthRange = depthRangeOf(scene);
    this.confidence = spreadConfidence(scene);
    this.uniforms = {
      uColourMode: { value: 0 }, uTable: { value: this.table }, uDepthRange: { value: new Vector2(...this.depthRange) },
      uMinConfidence: { value: new Vector2() }, uPointSize: { value: 1 }, uTone: { value: new Vector2(1, 1) }, uZoom: { value: 1 }, uDevicePx: { value: 1 },
      uNowDepth: { value: null }, uNowColour: { value: null }, uNowPose: { value: new Matrix4() }, uNowLens: { value: new Vector4() }, uYields: { value: false }, uNowFilled: { value: false },
    };
    this.current = new DepthGrid(scene, this.uniforms);
    this.uniforms.uNowDepth.value = this.current.depthTexture;
    this.uniforms.uNowColour.value = this.current.colourTexture;
    this.object.add(this.background, this.current.object);
    this.current.setFrame(0);
    this.setLook(look);
  }

  get picture(): DataTexture { return this.current.colourTexture; }
  /** Of the frame on show, f32 [H·W], scene units. */
  get drawnDepth(): Float32Array { return this.current.drawnDepth; }

  get pointCount(): number {
    const background = this.background.visible ? this.patches.reduce((sum, { grid }) => sum + grid.pointCount, 0) : 0;
    return Math.round(background + (this.current.object.visible ? this.current.pointCount : 0) + this.moments.reduce((sum, { grid }) => sum + grid.pointCount, 0));
  }

  /** How much larger the lens shows things than the usual one, and canvas px per px of the screen. */
  setView(zoom: number, devicePx: number): void {
    this.uniforms.uZoom.value = zoom;
    this.uniforms.uDevicePx.value = devicePx;
  }

  setFrame(frame: number): void {
    this.frame = frame;
    this.current.setFrame(frame);
    this.uniforms.uNowPose.value.copy(this.current.pose).invert();
    this.uniforms.uNowLens.value.copy(this.current.lens);
    this.fadeMoments();
    this.drawCurrent();
  }

  /** The same frames with other masks or depths. The background follows with the next `fuse`. */
  setScene(given: Scene): void {
    const scene = forDrawing(given);
    this.scene = this.current.scene = scene;
    this.confidence = spreadConfidence(scene);
    this.setFrame(this.frame);
    this.setLook(this.look);
    this.drawMoments();
  }

  setLook(look: Look): void {
    const before = this.look;
    this.look = look;
    this.uniforms.uColourMode.value = COLOUR_MODES.indexOf(look.colour);
    this.uniforms.uPointSize.value = look.pointPx;
    this.uniforms.uTone.value.set(look.brightness, look.saturation);
    this.uniforms.uMinConfidence.value.set(levelAt(this.confidence.still, look.dropStatic) / 254 - HALF_STEP, levelAt(this.confidence.moving, look.dropMoving) / 254 - HALF_STEP);
    if (look.colour !== 'picture' && look.colour !== 'motion') (this.table.image.data as Uint8Array).set(colourTable(MAP_OF[look.colour]));
    this.table.needsUpdate = true;
    this.background.visible = look.mode !== 'frame' && look.layers.background;
    this.drawCurrent();
    this.fadeMoments();
    const redraw = before.trim !== look.trim || before.style !== look.style;
    if (redraw) this.redraw();
    if (redraw || look.mode !== before.mode || look.layers.moving !== before.layers.moving || look.moments !== before.moments) this.drawMoments();
  }

  /** Without any gap, as its own camera saw it: from there nothing is stretched. */
  setFilled(on: boolean): void {
    if (this.current.filled === on) return;
    this.current.filled = this.uniforms.uNowFilled.value = on;
    this.drawCurrent();
  }

  setBudget(pixels: number): void {
    if (this.pixelBudget === pixels) return;
    this.pixelBudget = pixels;
    this.redraw();
    this.drawCurrent();
  }

  /** What a pointer can hit. */
  shownPixels(): HitPixels[] {
    const patches = this.background.visible ? this.patches : [];
    const shown: Patch[] = this.current.object.visible ? [{ grid: this.current, frame: this.frame, keep: this.currentKeep }, ...patches] : patches;
    return shown.map(({ grid, frame, keep }) => ({ frame, keep, depth: grid.drawnDepth }));
  }

  /**
   * Puts the background together, one frame's share at a time so that the page stays alive. It comes into view when it is complete:
   * where the processor draws, a picture takes longer than a frame's share. False: another one was begun meanwhile.
   */
  async fuse(): Promise<boolean> {
    const mine = ++this.fusion;
    const frames = spreadFrames(this.scene.frameCount, BACKGROUND_FRAMES);
    const fresh: Patch[] = this.fresh = [];
    for (const { frame, keep } of fuseBackground(this.scene, frames, this.backgroundStep + 1, this.look.layers.sky)) {
      await new Promise((resolve) => setTimeout(resolve));
      if (this.fusion !== mine) {
        for (const { grid } of fresh) grid.dispose();
        return false;
      }
      const grid = new DepthGrid(this.scene, this.uniforms, true);
      grid.setFrame(frame);
      this.draw(grid, keep, this.backgroundStep);
      fresh.push({ grid, frame, keep });
    }
    for (const { grid } of this.patches) grid.dispose();
    this.patches = fresh;
    this.fresh = [];
    for (const { grid } of fresh) this.background.add(grid.object);
    return true;
  }

  dispose(): void {
    this.fusion++;
    for (const grid of [this.current, ...[...this.moments, ...this.patches].map(({ grid }) => grid)]) grid.dispose();
    this.table.dispose();
    this.object.removeFromParent();
  }

  private get size(): number { return this.scene.width * this.scene.height; }

  private get currentStep(): number { return Math.ceil(Math.sqrt(this.size / (0.8 * this.pixelBudget))); }

  /** The background comes to about a frame and a half. */
  private get backgroundStep(): number { return Math.ceil(Math.sqrt((1.5 * this.size) / (0.8 * this.pixelBudget))); }

  private redraw(): void {
    for (const { grid, keep } of [...this.patches, ...this.fresh]) this.draw(grid, keep, this.backgroundStep);
  }

  /** What this frame sees itself is drawn from it; the background adds what lies outside and behind. */
  private drawCurrent(): void {
    const { background, moving } = this.look.layers;
    this.uniforms.uYields.value = background;
    this.current.object.visible = background || moving;
    if (!this.current.object.visible) return;
    const keep = pixelsOf(this.scene, this.frame, background ? 'all' : 'moving');
    if (!moving) for (let i = 0; i < keep.length; i++) if (this.scene.mask[this.frame * this.size + i]) keep[i] = 0;
    // Through its own camera the picture is whole.
    if (!this.look.layers.sky && !this.current.filled) leaveOutSky(keep, this.scene, this.frame);
    this.currentKeep = keep;
    this.draw(this.current, keep, background ? this.currentStep : 1);
  }

  private drawMoments(): void {
    for (const { grid } of this.moments) grid.dispose();
    this.moments = [];
    if (this.look.mode !== 'all' || !this.look.layers.moving) return;
    for (const frame of spreadFrames(this.scene.frameCount, this.look.moments)) {
      const grid = new DepthGrid(this.scene, this.uniforms);
      grid.setFrame(frame);
      this.draw(grid, pixelsOf(this.scene, frame, 'moving'), 1);
      this.moments.push({ grid, frame });
      this.object.add(grid.object);
    }
    this.fadeMoments();
  }

  private fadeMoments(): void {
    const furthest = Math.max(1, ...this.moments.map(({ frame }) => Math.abs(frame - this.frame)));
    for (const { grid, frame } of this.moments) grid.fade = 1 - (this.look.momentFade * Math.abs(frame - this.frame)) / furthest;
  }

  private draw(grid: DepthGrid, keep: Uint8Array, step: number): void {
    grid.setPixels(keep, step, this.look.trim && !grid.filled, this.look.style === 'points');
  }
}

const forDrawing = (scene: Scene): Scene => ({ ...scene, confidence: smoothConfidence(scene) });

/** 2nd and 98th percentile of the known depths. */
export function depthRangeOf({ depth }: Scene): [number, number] {
  const stride = Math.max(1, Math.floor(depth.length / 20_000));
  const known: number[] = [];
  for (let i = 0; i < depth.length; i += stride) if (depth[i] > 0) known.push(depth[i]);
  known.sort((a, b) => a - b);
  const at = (share: number) => known[Math.floor(share * (known.length - 1))] ?? 1;
  return [at(0.02), Math.max(at(0.98), at(0.02) * 1.001)];
}
