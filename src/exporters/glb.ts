// X2: animated GLB (glTF 2.0): the moving cloud, the recorded camera and the tracks on one timeline.

import { Document, WebIO, type Accessor, type Material, type Node as GltfNode } from '@gltf-transform/core';
import { KHRMaterialsUnlit } from '@gltf-transform/extensions';
import type { Scene } from '../scene/scene.ts';
import { placeCamera, placePoints, placeWorld, quaternionOf, type Placement } from './axes.ts';
import { movingClouds, staticCloud, type Points } from './cloud.ts';
import { LINEAR } from './colour.ts';
import { describeExport } from './sidecar.ts';
import { movingTrails } from './tracks.ts';
import type { Exporter, ExportOptions } from './exporter.ts';
import { guessPoints } from './ply.ts';

/** Players and importers slow down or fail beyond. */
export const GLB_POINTS = 1_000_000;
const STATIC_SHARE = 0.45;
const BYTES_PER_POINT = 20;
const POINTS = 0;
const LINE_STRIP = 3;

export const glb: Exporter = {
  name: 'glb', title: 'Animated scene (GLB)', purpose: 'Blender, three.js, model viewers, game engines: plays with camera and tracks',
  fixedAxes: 'y-up',
  conventions: [
    'The camera looks along -z, y up (glTF).', 'Each moment is a node that its animation switches on and off by scale 1/0 at the real times.',
    'Points with COLOR_0 (linear), unlit; tracks as line strips; at most one million points.',
  ],
  single: { extension: '.glb', path: 'scene.glb' },
  estimate(scene) {
    const points = guessPoints(scene);
    const notes = points > GLB_POINTS ? [`About ${Math.round(points / 1e5) / 10} million points; evenly thinned to one million, because larger files open in few programs.`] : [];
    return { bytes: BYTES_PER_POINT * Math.min(points, GLB_POINTS), notes };
  },
  async *write(scene, options) {
    const builder = new GlbBuilder(scene, options);
    builder.addStatic(staticCloud(scene, options.dropPercent, STATIC_SHARE * GLB_POINTS));
    yield 0.3;
    const perFrame = Math.floor(((1 - STATIC_SHARE) * GLB_POINTS) / scene.frameCount);
    let frame = 0;
    for (const points of movingClouds(scene, options.dropPercent, perFrame)) {
      builder.addMoment(frame++, points);
      yield 0.3 + (0.5 * frame) / scene.frameCount;
    }
    builder.addCamera();
    builder.addTracks();
    yield { path: 'scene.glb', bytes: (await new WebIO().registerExtensions([KHRMaterialsUnlit]).writeBinary(builder.finish(describeExport(scene, glb, options)))) as Uint8Array<ArrayBuffer> };
  },
};

class GlbBuilder {
  private readonly document = new Document();
  private readonly buffer = this.document.createBuffer();
  private readonly unlit = this.document.createExtension(KHRMaterialsUnlit);
  private readonly points: Material;
  private readonly root: GltfNode;
  private readonly place: Placement;
  private readonly animation = this.document.createAnimation('clip');
  /** Seconds from the first frame. */
  private readonly times: Float32Array<ArrayBuffer>;
  private readonly timeline: Accessor;

  constructor(private readonly scene: Scene, options: ExportOptions) {
    this.place = placeWorld(scene, 'y-up', options.up);
    this.points = this.material('points', [1, 1, 1]);
    this.root = this.document.createNode(scene.meta.title);
    this.document.getRoot().setDefaultScene(this.document.createScene(scene.meta.title).addChild(this.root));
    this.times = Float32Array.from(scene.times, (t) => t - scene.times[0]);
    this.timeline = this.accessor('SCALAR', this.times);
  }

  addStatic(points: Points): void {
    if (points.count > 0) this.root.addChild(this.document.createNode('static').setMesh(this.pointMesh('static', points)));
  }

  addMoment(frame: number, points: Points): void {
    if (points.count === 0) return;
    const name = `moment ${frame}`;
    const node = this.document.createNode(name).setMesh(this.pointMesh(name, points));
    // Programs that do not animate show the first moment.
    if (frame > 0) node.setScale([0, 0, 0]);
    this.root.addChild(node);
    const last = this.times.length - 1;
    const keys = [...new Set([0, frame, Math.min(frame + 1, last)])].sort((a, b) => a - b);
    const output = Float32Array.from(keys.flatMap((k) => (k === frame ? [1, 1, 1] : [0, 0, 0])));
    if (keys.length > 1) this.animate(node, 'scale', this.accessor('SCALAR', Float32Array.from(keys, (k) => this.times[k])), this.accessor('VEC3', output), 'STEP');
  }

  addCamera(): void {
    const { width, height, cameras } = this.scene;
    const { fy, fx } = cameras[0];
    const lens = this.document.createCamera('recorded camera').setType('perspective').setYFov(2 * Math.atan(height / 2 / fy)).setAspectRatio((width / fx) / (height / fy)).setZNear(0.001 * this.place.scale);
    const poses = cameras.map((camera) => placeCamera(this.place, camera, 'opengl'));
    const positions = Float32Array.from(poses.flatMap((m) => [m[3], m[7], m[11]]));
    const turns = Float32Array.from(smoothSigns(poses.map(quaternionOf)).flat());
    const node = this.document.createNode('recorded camera').setCamera(lens)
      .setTranslation([...positions.subarray(0, 3)] as [number, number, number]).setRotation([...turns.subarray(0, 4)] as [number, number, number, number]);
    this.root.addChild(node);
    if (cameras.length < 2) return;
    this.animate(node, 'translation', this.timeline, this.accessor('VEC3', positions), 'LINEAR');
    this.animate(node, 'rotation', this.timeline, this.accessor('VEC4', turns), 'LINEAR');
  }

  addTracks(): void {
    const trails = movingTrails(this.scene, this.place);
    if (trails.length === 0) return;
    const mesh = this.document.createMesh('tracks');
    const materials = new Map<string, Material>();
    for (const { track, xyz, colour } of trails) {
      const key = colour.join();
      if (!materials.has(key)) materials.set(key, this.material(`track ${materials.size}`, colour.map((c) => LINEAR[Math.round(255 * c)])));
      mesh.addPrimitive(this.document.createPrimitive().setMode(LINE_STRIP).setMaterial(materials.get(key)!).setAttribute('POSITION', this.accessor('VEC3', xyz)).setExtras({ track }));
    }
    this.root.addChild(this.document.createNode('tracks').setMesh(mesh));
  }

  finish(description: object): Document {
    if (this.animation.listChannels().length === 0) this.animation.dispose();
    this.document.getRoot().getAsset().generator = 'Foursight';
    this.root.setExtras({ foursight: description });
    return this.document;
  }

  private animate(node: GltfNode, path: 'scale' | 'translation' | 'rotation', input: Accessor, output: Accessor, interpolation: 'STEP' | 'LINEAR'): void {
    const sampler = this.document.createAnimationSampler().setInput(input).setOutput(output).setInterpolation(interpolation);
    this.animation.addSampler(sampler).addChannel(this.document.createAnimationChannel().setTargetNode(node).setTargetPath(path).setSampler(sampler));
  }

  private pointMesh(name: string, points: Points) {
    const colours = new Uint16Array(4 * points.count).fill(65535);
    for (let i = 0; i < points.count; i++) for (let k = 0; k < 3; k++) colours[4 * i + k] = Math.round(65535 * LINEAR[points.rgb[3 * i + k]]);
    const primitive = this.document.createPrimitive().setMode(POINTS).setMaterial(this.points)
      .setAttribute('POSITION', this.accessor('VEC3', placePoints(this.place, points.xyz)))
      .setAttribute('COLOR_0', this.accessor('VEC4', colours).setNormalized(true));
    return this.document.createMesh(name).addPrimitive(primitive);
  }

  private material(name: string, colour: readonly number[]): Material {
    return this.document.createMaterial(name).setBaseColorFactor([colour[0], colour[1], colour[2], 1]).setRoughnessFactor(1).setMetallicFactor(0)
      .setExtension('KHR_materials_unlit', this.unlit.createUnlit());
  }

  private accessor(type: 'SCALAR' | 'VEC3' | 'VEC4', array: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>): Accessor {
    return this.document.createAccessor().setType(type).setArray(array).setBuffer(this.buffer);
  }
}

/** q and −q are the same turn; neighbours get the sign that makes the way between them the short one. */
function smoothSigns(quaternions: readonly (readonly number[])[]): number[][] {
  const out: number[][] = [];
  for (const q of quaternions) {
    const before = out.at(-1);
    const dot = before ? q.reduce((sum, v, i) => sum + v * before[i], 0) : 1;
    out.push(q.map((v) => (dot < 0 ? -v : v)));
  }
  return out;
}
