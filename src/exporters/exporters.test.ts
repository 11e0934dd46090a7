// Every format is read back by a reader that is not ours, and by the numbers of its own specification. Programs that have to be installed: programs.test.ts.

import { strFromU8, unzipSync } from 'fflate';
import { validateBytes } from 'gltf-validator';
import { PNG } from 'pngjs';
import { AnimationMixer, FloatType, Matrix4, PerspectiveCamera, Quaternion, Vector3, type Mesh, type Object3D } from 'three';
import { EXRLoader } from 'three/examples/jsm/loaders/EXRLoader.js';
import { GLTFLoader, type GLTF } from 'three/examples/jsm/loaders/GLTFLoader.js';
import { PLYLoader } from 'three/examples/jsm/loaders/PLYLoader.js';
import { describe, expect, it, vi } from 'vitest';
import { FoursightError } from '../scene/errors.ts';
import { NEVER_CANCELLED } from '../scene/job.ts';
import { decodeNpy } from '../scene/npy.ts';
import { readSceneNpz } from '../scene/npz.ts';
import { staticCloud } from './cloud.ts';
import { LINEAR } from './colour.ts';
import { EXPORTERS, exportFiles, findExporter, guessTrajectory, tracksCsv, zipFiles } from './index.ts';
import { filesOf, options, relative, scene } from './test-scene.ts';

const { width: W, height: H, frameCount: T } = scene;
const frames = Array.from({ length: T }, (_, t) => t);

const textOf = (files: ReadonlyMap<string, Uint8Array>, path: string): string => strFromU8(files.get(path)!);
const rowsOf = (text: string, separator = ' '): string[][] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.trimEnd().split(separator));

/** Pixel that a world point falls on: OpenCV projection by a world-to-camera matrix. */
function project(worldToCamera: Matrix4, k: { fx: number; fy: number; cx: number; cy: number }, point: Vector3): [number, number] {
  const p = point.clone().applyMatrix4(worldToCamera);
  return [(k.fx * p.x) / p.z + k.cx, (k.fy * p.y) / p.z + k.cy];
}

// A busy machine may be several times slower than a free one.
vi.setConfig({ testTimeout: 60_000 });

describe('archives', () => {
  it.each(EXPORTERS.map((e) => e.name))('%s comes with README.txt and export.json, and says about how large it gets', async (name) => {
    const exporter = findExporter(name)!;
    const pieces: Uint8Array[] = [];
    let done = 0;
    await zipFiles(exportFiles(scene, exporter, options, NEVER_CANCELLED, (share) => { expect(share).toBeGreaterThanOrEqual(done); done = share; }), (piece) => pieces.push(piece));
    expect(done).toBe(1);
    const files = unzipSync(Buffer.concat(pieces));
    expect(strFromU8(files['README.txt'])).toMatch(/World axes[^]*Lengths {6}metres[^]*Frames/);
    const sidecar = JSON.parse(strFromU8(files['export.json']));
    expect(sidecar).toMatchObject({ app: 'foursight', format: name, scale: { unit: 'm', metres_per_scene_unit: 0.5, source: 'by user, 1 segment' }, size: [W, H] });
    expect(sidecar.frames).toHaveLength(T);
    const total = Object.values(files).reduce((n, f) => n + f.length, 0);
    const { bytes } = exporter.estimate(scene, options);
    expect(bytes / total).toBeGreaterThan(0.3);
    expect(bytes / total).toBeLessThan(3);
  });

  it('without a scale nothing is said to be in metres', async () => {
    const files = await filesOf('csv', {}, relative);
    expect(textOf(files, 'README.txt')).toContain('relative units (u)');
    expect(textOf(files, 'tracks.csv')).toContain('x_u,y_u,z_u');
  });

  it('stop when cancelled', async () => {
    const read = async () => { for await (const _ of exportFiles(scene, findExporter('ply')!, options, { aborted: true }, () => {})); };
    await expect(read()).rejects.toMatchObject({ code: 'job/cancelled' });
  });
});

describe('PLY', () => {
  it.each(['y-up', 'z-up', 'opencv'] as const)('in %s axes: three reads it, and every point lands on its pixel again', async (axes) => {
    const bytes = (await filesOf('ply', { axes, layout: 'merged', up: [0, -1, 0] })).get('scene.ply')!;
    const loader = new PLYLoader();
    loader.setCustomPropertyNameMapping({ frame: ['frame'], moving: ['moving'], confidence: ['confidence'] });
    const { position, color, frame, moving, confidence } = loader.parse(bytes.buffer).attributes;
    expect(position.count).toBeGreaterThan(20_000);
    expect((confidence.array as Float32Array).every((c) => c >= 0 && c <= 1)).toBe(true);
    // Back to the scene: lengths by the scale, axes by hand.
    const back = { 'y-up': ([x, y, z]: number[]) => [x, -y, -z], 'z-up': ([x, y, z]: number[]) => [x, -z, y], opencv: (p: number[]) => p }[axes];
    for (let i = 0; i < position.count; i += 97) {
      const t = frame.getX(i);
      const point = new Vector3(...back([position.getX(i), position.getY(i), position.getZ(i)])).divideScalar(0.5);
      const [u, v] = project(new Matrix4().fromArray(scene.cameras[t].camToWorld).transpose().invert(), scene.cameras[t], point);
      expect(Math.abs(u - Math.floor(u) - 0.5) + Math.abs(v - Math.floor(v) - 0.5)).toBeLessThan(0.02);
      const pixel = (t * H + Math.floor(v)) * W + Math.floor(u);
      expect(moving.getX(i)).toBe(scene.mask[pixel]);
      const srgb = [color.getX(i), color.getY(i), color.getZ(i)];
      srgb.forEach((c, k) => expect(c).toBeCloseTo(LINEAR[scene.rgb[3 * pixel + k]], 2));
    }
  });

  it('as a sequence: what stands still once, what moves frame by frame', async () => {
    const files = await filesOf('ply');
    expect([...files.keys()].filter((path) => path.startsWith('moving/'))).toHaveLength(T);
    const count = (path: string) => new PLYLoader().parse(files.get(path)!.buffer).attributes.position.count;
    expect(count('static.ply')).toBeGreaterThan(10_000);
    expect(count('moving/000008.ply')).toBeGreaterThan(100);
  });
});

describe('GLB', () => {
  it('passes the Khronos validator', async () => {
    const bytes = (await filesOf('glb')).get('scene.glb')!;
    const { issues, info } = await validateBytes(bytes);
    expect(info.extensionsUsed).toEqual(['KHR_materials_unlit']);
    expect(issues.messages.filter((m: { severity: number }) => m.severity <= 1)).toEqual([]);
  });

  it('plays in three: one moment at a time, and each moment seen by the moving camera is its frame', async () => {
    const bytes = (await filesOf('glb')).get('scene.glb')!;
    const gltf = await new Promise<GLTF>((resolve, reject) => new GLTFLoader().parse(bytes.buffer, '', resolve, reject));
    const mixer = new AnimationMixer(gltf.scene);
    mixer.clipAction(gltf.animations[0]).play();
    const camera = gltf.cameras[0] as PerspectiveCamera;
    const moments = gltf.scene.children[0].children.filter((node: Object3D) => node.name.startsWith('moment')) as Mesh[];
    expect(moments).toHaveLength(T);
    expect(gltf.animations[0].duration).toBeCloseTo(scene.times[T - 1] - scene.times[0], 4);
    for (const t of [0, 3, 7, T - 1]) {
      mixer.setTime(Math.min(gltf.animations[0].duration - 1e-4, scene.times[t] - scene.times[0] + 1e-4));
      gltf.scene.updateMatrixWorld(true);
      const shown = moments.filter((m) => m.scale.x > 0.5);
      // At the very end the clip wraps; one step before, the moment before is on show.
      expect(shown.map((m) => m.name)).toHaveLength(1);
      const seen = Number(/\d+/.exec(shown[0].name));
      expect(seen).toBe(t === T - 1 ? T - 2 : t);
      if (t === T - 1) continue;
      const { position, color } = shown[0].geometry.attributes;
      for (let n = 0; n < 100; n++) {
        const i = Math.floor((n * position.count) / 100);
        const p = new Vector3().fromBufferAttribute(position, i).applyMatrix4(shown[0].matrixWorld).project(camera);
        const [u, v] = [((p.x + 1) / 2) * W, ((1 - p.y) / 2) * H];
        expect(Math.abs(u - Math.floor(u) - 0.5)).toBeLessThan(0.1);
        expect(Math.abs(v - Math.floor(v) - 0.5)).toBeLessThan(0.1);
        const pixel = (t * H + Math.floor(v)) * W + Math.floor(u);
        for (let k = 0; k < 3; k++) expect(color.getComponent(i, k)).toBeCloseTo(LINEAR[scene.rgb[3 * pixel + k]], 3);
      }
    }
    expect(gltf.scene.getObjectByName('tracks')).toBeTruthy();
  });
});

describe('COLMAP', () => {
  it('reprojects: 100 points of each frame come within half a pixel of where they were seen', async () => {
    const files = await filesOf('colmap');
    const cameras = new Map(rowsOf(textOf(files, 'sparse/0/cameras.txt')).map(([id, model, w, h, ...k]) => [id, { model, size: [Number(w), Number(h)], k: k.map(Number) }]));
    // Two lines per picture, the second one with what was seen of which point.
    const lines = textOf(files, 'sparse/0/images.txt').split('\n').filter((line) => !line.startsWith('#'));
    const images = lines.filter((_, i) => i % 2 === 0).filter(Boolean).map((line) => line.split(' '));
    const observations = lines.filter((_, i) => i % 2 === 1).map((line) => line.split(' ').filter(Boolean).map(Number));
    expect(images).toHaveLength(T);
    const all = rowsOf(textOf(files, 'sparse/0/points3D.txt'));
    const tracked = all.filter((row) => row.length > 8);
    const points = all.slice(tracked.length).map((row) => row.slice(1, 4).map(Number));
    const seen = staticCloud(scene, options.dropPercent, 200_000);
    expect(points).toHaveLength(seen.count);
    for (const t of frames) {
      const [, qw, qx, qy, qz, tx, ty, tz, camera, name] = images[t];
      expect(files.has(`images/${name}`) && files.has(`masks/${name}.png`)).toBe(true);
      const { model, size, k: [fx, fy, cx, cy] } = cameras.get(camera)!;
      expect([model, ...size]).toEqual(['PINHOLE', W, H]);
      const pose = new Matrix4().compose(new Vector3(+tx, +ty, +tz), new Quaternion(+qx, +qy, +qz, +qw), new Vector3(1, 1, 1));
      // Followed points: each one was seen where it falls, and says so itself.
      expect(observations[t].length).toBeGreaterThan(30);
      for (let n = 0; n < observations[t].length; n += 3) {
        const [u, v, id] = observations[t].slice(n, n + 3);
        const row = tracked[id - 1];
        expect(Number(row[0])).toBe(id);
        const who = row.slice(8).map(Number);
        expect(who[2 * who.filter((_, i) => i % 2 === 0).indexOf(t + 1) + 1]).toBe(n / 3);
        const [x, y] = project(pose, { fx, fy, cx, cy }, new Vector3(...(row.slice(1, 4).map(Number) as [number, number, number])));
        expect(Math.hypot(x - u, y - v)).toBeLessThan(2.01);
      }
      const own = Array.from({ length: seen.count }, (_, i) => i).filter((i) => seen.frame[i] === t);
      for (const i of own.filter((_, n) => n % Math.ceil(own.length / 100) === 0)) {
        const [u, v] = project(pose, { fx, fy, cx, cy }, new Vector3(...points[i]));
        expect(Math.hypot(u - (seen.pixel[i] % W) - 0.5, v - Math.floor(seen.pixel[i] / W) - 0.5)).toBeLessThan(0.05);
      }
    }
    const mask = PNG.sync.read(Buffer.from(files.get('masks/000003.png.png')!));
    const pixel = scene.mask.indexOf(1, 3 * W * H) - 3 * W * H;
    expect([mask.data[4 * pixel], mask.data[4 * scene.mask.subarray(3 * W * H).indexOf(0)]]).toEqual([0, 255]);
  });
});

describe('nerfstudio', () => {
  it('depth unprojected through transform_matrix is the scene under applied_transform', async () => {
    const files = await filesOf('nerfstudio');
    const json = JSON.parse(textOf(files, 'transforms.json'));
    const applied = new Matrix4().fromArray([...json.applied_transform.flat(), 0, 0, 0, 1]).transpose();
    for (const t of [0, 4, T - 1]) {
      const frame = json.frames[t];
      for (const key of ['file_path', 'mask_path', 'depth_file_path']) expect(files.has(frame[key])).toBe(true);
      const png = PNG.sync.read(Buffer.from(files.get(frame.depth_file_path)!), { skipRescale: true });
      const values = png.data as unknown as Uint16Array;
      const toWorld = new Matrix4().fromArray(frame.transform_matrix.flat()).transpose();
      for (let n = 0; n < 100; n++) {
        const pixel = Math.floor(((n + 0.5) * W * H) / 100);
        const [x, y] = [(pixel % W) + 0.5, Math.floor(pixel / W) + 0.5];
        const z = values[4 * pixel] / 1000;
        const fromFile = new Vector3(((x - frame.cx) / frame.fl_x) * z, (-(y - frame.cy) / frame.fl_y) * z, -z).applyMatrix4(toWorld);
        const d = scene.depth[t * W * H + pixel];
        const c = scene.cameras[t];
        const fromScene = new Vector3(((x - c.cx) / c.fx) * d, ((y - c.cy) / c.fy) * d, d).applyMatrix4(new Matrix4().fromArray(c.camToWorld).transpose()).applyMatrix4(applied);
        expect(fromFile.distanceTo(fromScene)).toBeLessThan(0.002);
      }
    }
    expect(json.frames.map((f: { time: number }) => f.time)).toEqual([...json.frames.keys()].map((i: number) => expect.closeTo(i / (T - 1), 3)));
    // Up in the scene is +z here.
    const up = new Vector3(...options.up).normalize().transformDirection(applied);
    expect(up.z).toBeCloseTo(1, 5);
  });
});

describe('tables', () => {
  it('TUM: scalar last, camera to world, metres', async () => {
    const rows = rowsOf(textOf(await filesOf('tum'), 'trajectory.txt')).map((row) => row.map(Number));
    expect(rows).toHaveLength(T);
    for (const [t, [time, tx, ty, tz, qx, qy, qz, qw]] of rows.entries()) {
      const m = new Matrix4().compose(new Vector3(tx, ty, tz).divideScalar(0.5), new Quaternion(qx, qy, qz, qw), new Vector3(1, 1, 1)).transpose().elements;
      scene.cameras[t].camToWorld.forEach((v, i) => expect(m[i]).toBeCloseTo(v, 5));
      expect(time).toBeCloseTo(scene.times[t], 6);
    }
  });

  it('TUM files come back, also from programs that put the scalar first; the cameras tell which', async () => {
    const text = textOf(await filesOf('tum'), 'trajectory.txt');
    const first = text.replace(/^(\S+ \S+ \S+ \S+) (\S+ \S+ \S+) (\S+)$/gm, '$1 $3 $2');
    const cameras = scene.cameras.map((c) => c.camToWorld);
    for (const [given, scalar] of [[text, 'last'], [first, 'first']] as const) {
      const back = guessTrajectory(`# made elsewhere\n${given}\n`, cameras);
      expect([back.scalar, back.sure]).toEqual([scalar, true]);
      back.poses.forEach((pose, t) => pose.forEach((v, i) => expect(v).toBeCloseTo(cameras[t][i] * ([3, 7, 11].includes(i) ? 0.5 : 1), 5)));
    }
    const still = Array.from({ length: 3 }, (_, t) => `${t} 0 0 0 0 0 0 1`).join('\n');
    expect(guessTrajectory(still, [cameras[0], cameras[0], cameras[0]]).scalar).toBe('last');
    for (const bad of ['', '1 2 3', '0 0 0 0 0 0 0 0', '0 0 0 0 0 0 x 1']) expect(() => guessTrajectory(bad, cameras)).toThrow(FoursightError);
  });

  it('CSV: a row per track and frame, empty where nothing is known; decimal comma by choice', async () => {
    const [head, ...rows] = rowsOf(textOf(await filesOf('csv', { axes: 'opencv' }), 'tracks.csv'), ',');
    expect(head.join()).toBe('track,name,frame,time_s,x_m,y_m,z_m,u_px,v_px,visible,confidence,speed_m_s');
    expect(rows).toHaveLength(scene.tracks.count * T);
    const { xyz, uv, visible } = scene.tracks;
    rows.forEach((row, i) => {
      if (Number.isNaN(xyz![3 * i])) expect(row.slice(4, 7)).toEqual(['', '', '']);
      else expect(Number(row[4])).toBeCloseTo(0.5 * xyz![3 * i], 4);
      if (visible[i]) expect(Number(row[7])).toBeCloseTo(uv[2 * i], 3);
      else expect(row[7]).toBe('');
    });
    // Those that somebody selected, in the same columns; a point that moves evenly has its speed everywhere.
    const even = { ...scene, tracks: { ...scene.tracks, xyz: Float32Array.from({ length: 3 * scene.tracks.count * T }, (_, i) => (i % 3 === 0 ? 4 * scene.times[Math.floor(i / 3) % T] : 1)) } };
    const [same, ...chosen] = rowsOf(tracksCsv(even, { tracks: [7, 2], axes: 'opencv', reach: 1 }), ',');
    expect(same).toEqual(head);
    expect(chosen.map((row) => row[0])).toEqual([...frames.map(() => '7'), ...frames.map(() => '2')]);
    for (const row of chosen) expect(Number(row[11])).toBeCloseTo(2, 3);
    const comma = rowsOf(textOf(await filesOf('csv', { decimals: 'comma' }), 'cameras.csv'), ';');
    expect(comma[1]).toHaveLength(13);
    expect(comma[2][1]).toMatch(/^\d+,\d+$/);
  });
});

describe('pictures', () => {
  it('depth PNG: millimetres, 0 where unknown or out of reach', async () => {
    const far = { ...scene, depth: scene.depth.slice() };
    far.depth[0] = 200;
    far.depth[1] = 0;
    const png = PNG.sync.read(Buffer.from((await filesOf('depth', {}, far)).get('depth/000000.png')!), { skipRescale: true });
    const values = png.data as unknown as Uint16Array;
    expect([values[0], values[4]]).toEqual([0, 0]);
    for (let i = 2; i < W * H; i += 101) expect(values[4 * i]).toBe(Math.round(500 * scene.depth[i]));
  });

  it('depth EXR: three decodes the very floats', async () => {
    const bytes = (await filesOf('depth-exr')).get('depth/000005.exr')!;
    // three knows no channel Z; under the name Y it reads it as grey.
    const name = Buffer.from(bytes).indexOf('chlist') + 'chlist'.length + 1 + 4;
    expect(String.fromCharCode(bytes[name])).toBe('Z');
    const renamed = bytes.slice();
    renamed[name] = 'Y'.charCodeAt(0);
    const { data, width, height } = new EXRLoader().setDataType(FloatType).parse(renamed.buffer) as unknown as { data: Float32Array; width: number; height: number };
    expect([width, height]).toEqual([W, H]);
    const channels = data.length / (W * H);
    for (let i = 0; i < W * H; i += 53) {
      const [x, y] = [i % W, Math.floor(i / W)];
      expect(data[((H - 1 - y) * W + x) * channels]).toBe(Math.fround(0.5 * scene.depth[5 * W * H + i]));
    }
  });

  it('masks: white moves', async () => {
    const files = await filesOf('masks');
    for (const [folder, flags] of [['ever', scene.mask], ['now', scene.maskNow]] as const) {
      const png = PNG.sync.read(Buffer.from(files.get(`${folder}/000009.png`)!));
      for (let i = 0; i < W * H; i += 7) expect(png.data[4 * i]).toBe(flags[9 * W * H + i] ? 255 : 0);
    }
  });
});

describe('scene files', () => {
  it('NPZ is the scene without loss', async () => {
    const again = readSceneNpz((await filesOf('npz')).get('scene.npz')!);
    expect(again.metresPerUnit).toBe(0.5);
    expect(Buffer.compare(Buffer.from(again.depth.buffer), Buffer.from(scene.depth.buffer))).toBe(0);
  });

  it('TAPIP3D: coordinates seen through extrinsics and intrinsics are the tracks\' pixels', async () => {
    const members = unzipSync((await filesOf('tapip3d')).get('tapip3d.npz')!);
    const read = (name: string) => decodeNpy(members[`${name}.npy`], name);
    const [coords, extrinsics, K] = [read('coords').data, read('extrinsics').data, read('intrinsics').data];
    const N = scene.tracks.count;
    let checked = 0;
    read('visibs').data.forEach((visible, i) => {
      const [t, k] = [Math.floor(i / N), i % N];
      if (!visible || i % 13 !== 0) return;
      const [u, v] = project(new Matrix4().fromArray(extrinsics, 16 * t).transpose(), { fx: K[9 * t], cx: K[9 * t + 2], fy: K[9 * t + 4], cy: K[9 * t + 5] }, new Vector3().fromArray(coords, 3 * i));
      expect(Math.hypot(u - scene.tracks.uv[2 * (k * T + t)], v - scene.tracks.uv[2 * (k * T + t) + 1])).toBeLessThan(0.5);
      checked++;
    });
    expect(checked).toBeGreaterThan(100);
  });
});

describe('USD and Blender', () => {
  it('USDA: camera samples are the poses, row vectors; one cloud per frame', async () => {
    const text = textOf(await filesOf('usda', { up: [0, -1, 0] }), 'scene.usda');
    const matrices = [.../^ {12}(\d+): \( \((.*)\) \),$/gm[Symbol.matchAll](text)].map((m) => m[2].replace(/[()]/g, '').split(',').map(Number));
    expect(matrices).toHaveLength(T);
    matrices.forEach((m, t) => expect([m[12], -m[13], -m[14]]).toEqual([3, 7, 11].map((i) => expect.closeTo(0.5 * scene.cameras[t].camToWorld[i], 4))));
    const moving = text.slice(text.indexOf('def Points "Moving"'));
    expect(moving.match(/^ {12}\d+: \[\(/gm)!.length).toBe(2 * T);
  });

  it('Blender: the data files fit the list of moments, positions fit colours', async () => {
    const files = await filesOf('blender');
    const info = JSON.parse(textOf(files, 'data/scene.json'));
    expect(info).toMatchObject({ frames: T, size: [W, H], moments: frames });
    for (const name of ['static', ...frames.map((t) => `moving_${String(t).padStart(6, '0')}`)]) {
      expect(files.get(`data/${name}.f32`)!.length).toBe(4 * files.get(`data/${name}.u8`)!.length);
    }
    expect(info.cameras).toHaveLength(T);
  });
});
