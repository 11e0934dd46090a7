// Trails of the 3D trajectories, their heads, and the selected ones in full.

import { BufferAttribute, BufferGeometry, GLSL3, Group, type IUniform, Points, ShaderMaterial } from 'three';
import type { Scene } from '../../scene/scene.ts';
import { mapColour, MAP_OF, TRACK_COLOURS, trackHue, type Rgb } from '../colours.ts';
import type { Look } from '../look.ts';
import { chooseTrails, readTrack, topSpeed, type TrackMotion } from '../track-motion.ts';
import { Ribbons, type RibbonPiece } from './ribbons.ts';

const HEAD_VERTEX = /* glsl */ `
in vec4 aColour;
uniform float uSize;
out vec4 vColour;
void main() {
  vec4 view = modelViewMatrix * vec4(position, 1.0);
  view.xyz *= 0.994;
  gl_Position = projectionMatrix * view;
  gl_PointSize = uSize * (aColour.a > 0.9 ? 1.6 : 1.0);
  vColour = aColour;
}`;
const HEAD_FRAGMENT = /* glsl */ `
in vec4 vColour;
out vec4 outColour;
void main() {
  float r = length(gl_PointCoord - 0.5);
  if (r > 0.5) discard;
  outColour = vec4(r > 0.38 ? vColour.rgb * 0.25 : vColour.rgb, 1.0);
}`;

export class TracksLayer {
  readonly object = new Group();
  /** Tracks with a trail on show. */
  shown: readonly number[] = [];
  speedTop = 1;
  private readonly trails = new Ribbons();
  private readonly chosen = new Ribbons(true);
  private readonly heads: Points<BufferGeometry, ShaderMaterial>;
  private readonly headSize: IUniform<number> = { value: 6 };
  private readonly motions = new Map<number, TrackMotion>();
  private selected: readonly number[] = [];
  private frame = 0;

  constructor(private readonly scene: Scene, private look: Look) {
    this.heads = new Points(new BufferGeometry(), new ShaderMaterial({
      vertexShader: HEAD_VERTEX, fragmentShader: HEAD_FRAGMENT, glslVersion: GLSL3, uniforms: { uSize: this.headSize },
    }));
    this.heads.frustumCulled = false;
    this.heads.renderOrder = 2;
    this.object.add(this.trails.mesh, this.chosen.mesh, this.heads);
    this.chooseTracks();
    this.setLook(look);
  }

  setLook(look: Look): void {
    const before = this.look;
    this.look = look;
    this.object.visible = look.layers.trails;
    if (before.allTrails !== look.allTrails) this.chooseTracks();
    else if (before.trailColour !== look.trailColour || before.colour !== look.colour) this.buildTrails();
    this.trails.width = look.trailWidth;
    this.chosen.width = look.trailWidth + 1.5;
    this.setFrame(this.frame);
  }

  select(tracks: readonly number[]): void {
    this.selected = tracks;
    this.chosen.setPieces(tracks.flatMap((track, k) => this.piecesOf(track, () => TRACK_COLOURS[k], 1)));
    this.setFrame(this.frame);
  }

  setFrame(frame: number): void {
    this.frame = frame;
    this.trails.setWindow(frame, this.look.trailLength);
    const { xyz, visible, frameCount: T } = this.scene.tracks;
    if (!xyz) return;
    const places: number[] = [];
    const colours: number[] = [];
    const put = (track: number, colour: Rgb, opacity: number) => {
      const k = track * T + frame;
      if (Number.isNaN(xyz[k * 3]) || (!visible[k] && opacity < 1)) return;
      places.push(xyz[k * 3], xyz[k * 3 + 1], xyz[k * 3 + 2]);
      colours.push(...colour, opacity * 255);
    };
    for (const track of this.shown) if (!this.selected.includes(track)) put(track, this.colourOf(track, frame), 0.5);
    this.selected.forEach((track, k) => put(track, TRACK_COLOURS[k], 1));
    const geometry = this.heads.geometry;
    geometry.dispose();
    geometry.setAttribute('position', new BufferAttribute(new Float32Array(places), 3));
    geometry.setAttribute('aColour', new BufferAttribute(new Uint8Array(colours), 4, true));
    this.heads.visible = places.length > 0;
  }

  setViewport(width: number, height: number, pixelRatio: number): void {
    for (const ribbons of [this.trails, this.chosen]) ribbons.setViewport(width, height);
    this.headSize.value = 6 * pixelRatio;
  }

  dispose(): void {
    this.trails.dispose();
    this.chosen.dispose();
    this.heads.geometry.dispose();
    this.heads.material.dispose();
    this.object.removeFromParent();
  }

  private chooseTracks(): void {
    this.shown = this.scene.tracks.xyz ? chooseTrails(this.scene, this.look.allTrails) : [];
    this.speedTop = topSpeed(this.scene, this.shown);
    this.buildTrails();
  }

  private buildTrails(): void {
    this.trails.setPieces(this.shown.flatMap((track) => this.piecesOf(track, (t) => this.colourOf(track, t), 0.9)));
  }

  /** Pieces between known points; where the point was hidden they are dashed, where it is unknown the line ends. */
  private piecesOf(track: number, colour: (frame: number) => Rgb, opacity: number): RibbonPiece[] {
    const { xyz, visible, frameCount: T } = this.scene.tracks;
    if (!xyz) return [];
    const pieces: RibbonPiece[] = [];
    for (let t = 1; t < T; t++) {
      const k = track * T + t;
      const [from, to] = [xyz.subarray(k * 3 - 3, k * 3), xyz.subarray(k * 3, k * 3 + 3)];
      if (Number.isNaN(from[0]) || Number.isNaN(to[0])) continue;
      pieces.push({ from, to, colour: colour(t), opacity, frame: t, dashed: !visible[k] || !visible[k - 1] });
    }
    return pieces;
  }

  private colourOf(track: number, frame: number): Rgb {
    const mode = this.look.colour === 'speed' ? 'speed' : this.look.trailColour;
    if (mode === 'time') return mapColour(MAP_OF.time, frame / Math.max(1, this.scene.frameCount - 1));
    if (mode === 'track') return trackHue(track);
    let motion = this.motions.get(track);
    if (!motion) this.motions.set(track, motion = readTrack(this.scene, track));
    return mapColour(MAP_OF.speed, (motion.speed[frame] || 0) / this.speedTop);
  }
}
