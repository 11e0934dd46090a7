// Trails of the 3D trajectories, their heads, and the selected ones in full.

import { BufferAttribute, BufferGeometry, GLSL3, Group, type IUniform, Points, ShaderMaterial } from 'three';
import type { Scene } from '../../scene/scene.ts';
import { TRACK_COLOURS, type Rgb } from '../colours.ts';
import type { Look, TrailColour } from '../look.ts';
import { TrackPaint, type TrailScale } from '../track-colour.ts';
import { chooseTrails, lastSeen, largeStep } from '../track-motion.ts';
import { Ribbons, type RibbonPiece } from './ribbons.ts';

/** What a mark looks like; the value is its alpha in the vertex colour. */
const MARK = { head: 0.5, lost: 0.25, chosen: 1 };
/** A step this many times the track's large ones, and this share of the scene, is not drawn as if it had been seen. */
const LEAP = 6;
const LEAP_SHARE = 0.05;

const HEAD_VERTEX = /* glsl */ `
in vec4 aColour;
uniform float uSize;
out vec4 vColour;
void main() {
  vec4 view = modelViewMatrix * vec4(position, 1.0);
  view.xyz *= 0.994;
  gl_Position = projectionMatrix * view;
  gl_PointSize = uSize * (aColour.a > 0.9 ? 1.7 : 1.0);
  vColour = aColour;
}`;
const HEAD_FRAGMENT = /* glsl */ `
in vec4 vColour;
out vec4 outColour;
void main() {
  vec2 p = gl_PointCoord - 0.5;
  if (vColour.a < 0.4) {
    // Lost: a small cross.
    if (min(abs(p.x - p.y), abs(p.x + p.y)) > 0.14) discard;
    outColour = vec4(vColour.rgb, 1.0);
    return;
  }
  float r = length(p);
  if (r > 0.5) discard;
  outColour = vec4(r > 0.38 ? vColour.rgb * 0.25 : vColour.rgb, 1.0);
}`;

export class TracksLayer {
  readonly object = new Group();
  /** Tracks with a trail on show. */
  shown: readonly number[] = [];
  private paint: TrackPaint;
  private readonly trails = new Ribbons();
  private readonly hovered = new Ribbons(true);
  private readonly chosen = new Ribbons(true);
  private readonly heads: Points<BufferGeometry, ShaderMaterial>;
  private readonly headSize: IUniform<number> = { value: 6 };
  private selected: readonly number[] = [];
  private frame = 0;

  constructor(private readonly scene: Scene, private look: Look, private readonly heightOf: (x: number, y: number, z: number) => number, private readonly radius: number, private within: readonly number[] | null = null) {
    this.heads = new Points(new BufferGeometry(), new ShaderMaterial({
      vertexShader: HEAD_VERTEX, fragmentShader: HEAD_FRAGMENT, glslVersion: GLSL3, uniforms: { uSize: this.headSize }, depthWrite: false,
    }));
    this.heads.frustumCulled = false;
    this.heads.renderOrder = 2;
    this.object.add(this.trails.mesh, this.hovered.mesh, this.chosen.mesh, this.heads);
    this.paint = new TrackPaint(scene, [], heightOf);
    this.chooseTracks();
    this.setLook(look);
  }

  setLook(look: Look): void {
    const before = this.look;
    this.look = look;
    this.object.visible = look.layers.trails;
    if (before.allTrails !== look.allTrails || before.trailMinFrames !== look.trailMinFrames || before.trailMinConfidence !== look.trailMinConfidence) this.chooseTracks();
    else if (this.modeOf(before) !== this.mode) this.buildTrails();
    this.trails.width = look.trailWidth;
    this.hovered.width = this.chosen.width = look.trailWidth + 1.5;
    this.setFrame(this.frame);
  }

  /** Shows no others than these, as far as the look lets them; null: all again. */
  keep(tracks: readonly number[] | null): void {
    this.within = tracks;
    this.chooseTracks();
    this.setFrame(this.frame);
  }

  select(tracks: readonly number[]): void {
    this.selected = tracks;
    this.chosen.setPieces(tracks.flatMap((track, k) => this.piecesOf(track, () => TRACK_COLOURS[k], 1)));
    this.setFrame(this.frame);
  }

  /** Draws one trail in full, as an offer to select it. */
  hover(track: number | null): void {
    this.hovered.setPieces(track === null || this.selected.includes(track) ? [] : this.piecesOf(track, () => [255, 255, 255], 0.9));
  }

  /** Ends of the colour scale on show; null where colours have none. */
  scale(mode: TrailColour): TrailScale | null {
    return this.paint.scale(mode);
  }

  colourOf(track: number, frame: number): Rgb {
    return this.paint.colour(this.mode, track, frame);
  }

  /** `between`: how far on the way to the next frame, 0…1. */
  setFrame(frame: number, between = 0): void {
    this.frame = frame;
    this.trails.setWindow(frame + between, this.look.trailLength);
    const { xyz, visible, frameCount: T } = this.scene.tracks;
    if (!xyz) return;
    const places: number[] = [];
    const colours: number[] = [];
    const put = (track: number, at: number, colour: Rgb, mark: number) => {
      const k = (track * T + at) * 3;
      if (Number.isNaN(xyz[k])) return;
      // Only what is seen at both frames is known in between.
      const share = at === frame && at + 1 < T && visible[track * T + at + 1] && !Number.isNaN(xyz[k + 3]) ? between : 0;
      for (const c of [k, k + 1, k + 2]) places.push(share > 0 ? xyz[c] + share * (xyz[c + 3] - xyz[c]) : xyz[c]);
      colours.push(...colour, mark * 255);
    };
    for (const track of this.shown) {
      if (this.selected.includes(track)) continue;
      const end = lastSeen(this.scene, track);
      if (visible[track * T + frame]) put(track, frame, this.colourOf(track, frame), MARK.head);
      else if (frame > end && frame - end < this.look.trailLength) put(track, end, this.colourOf(track, end), MARK.lost);
    }
    this.selected.forEach((track, k) => put(track, frame, TRACK_COLOURS[k], MARK.chosen));
    const geometry = this.heads.geometry;
    geometry.dispose();
    geometry.setAttribute('position', new BufferAttribute(new Float32Array(places), 3));
    geometry.setAttribute('aColour', new BufferAttribute(new Uint8Array(colours), 4, true));
    this.heads.visible = places.length > 0;
  }

  setViewport(width: number, height: number, pixelRatio: number): void {
    for (const ribbons of [this.trails, this.hovered, this.chosen]) ribbons.setViewport(width, height);
    this.headSize.value = 6 * pixelRatio;
  }

  dispose(): void {
    for (const ribbons of [this.trails, this.hovered, this.chosen]) ribbons.dispose();
    this.heads.geometry.dispose();
    this.heads.material.dispose();
    this.object.removeFromParent();
  }

  private get mode(): TrailColour { return this.modeOf(this.look); }

  private modeOf(look: Look): TrailColour { return look.colour === 'speed' ? 'speed' : look.trailColour; }

  private chooseTracks(): void {
    const { allTrails: all, trailMinFrames: minFrames, trailMinConfidence: minConfidence } = this.look;
    this.shown = this.scene.tracks.xyz ? chooseTrails(this.scene, { all, minFrames, minConfidence, within: this.within }) : [];
    this.paint = new TrackPaint(this.scene, this.shown, this.heightOf);
    this.buildTrails();
  }

  private buildTrails(): void {
    this.trails.setPieces(this.shown.flatMap((track) => this.piecesOf(track, (t) => this.colourOf(track, t), 0.9)));
  }

  /** Pieces between known points; where the point was hidden or leaps they are dashed, where it is unknown the line ends. */
  private piecesOf(track: number, colour: (frame: number) => Rgb, opacity: number): RibbonPiece[] {
    const { xyz, visible, frameCount: T } = this.scene.tracks;
    if (!xyz) return [];
    const leap = Math.max(LEAP * largeStep(this.scene, track), LEAP_SHARE * this.radius);
    const pieces: RibbonPiece[] = [];
    for (let t = 1; t < T; t++) {
      const k = track * T + t;
      const [from, to] = [xyz.subarray(k * 3 - 3, k * 3), xyz.subarray(k * 3, k * 3 + 3)];
      if (Number.isNaN(from[0]) || Number.isNaN(to[0])) continue;
      const leaps = Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]) > leap;
      pieces.push({ from, to, colour: colour(t), opacity, frame: t, dashed: leaps || !visible[k] || !visible[k - 1] });
    }
    return pieces;
  }
}
