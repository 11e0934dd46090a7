// What the motion network learns from: the pipeline's own clues on rendered clips (models/synth/shards), with the truth beside them.

import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { NetworkRuntime, Tensor } from '../../networks/runtime.ts';
import { reconstruct } from '../../pipeline/reconstruct.ts';
import { encodeNpy } from '../../scene/npy.ts';
import { checkOptions } from '../../scene/options.ts';
import { readNpz } from '../datasets/npz.ts';
import { pictureAt, sourceOf } from '../datasets/pictures.ts';
import { createNodePlatform } from '../node-platform.ts';
import type { EvalSettings, SuiteResult } from '../settings.ts';

const FPS = 12;

/** One file per shard in `out`: clues f32 [T,20,h,w] and the masks u8 [T,H,W]. Files that are there are left alone, so that several runs may share the work. */
export async function writeClues({ data, out, runtime, only, log }: EvalSettings): Promise<SuiteResult[]> {
  if (!data || !out) throw new Error('Say where the shards lie and where the clues go: --data SHARDS --out DIR.');
  let written = 0;
  for (const file of readdirSync(data).filter((name) => name.endsWith('.npz') && name.includes(only)).sort()) {
    if (existsSync(join(out, file))) continue;
    const shard = readNpz(readFileSync(join(data, file)));
    const [frames, height, width] = shard.get('rgb')!.shape as [number, number, number];
    const seen: Tensor[] = [];
    const platform = createNodePlatform(sourceOf(file, frames, FPS, { width, height }, (t) => pictureAt(shard.get('rgb')!.data, t, width, height)), listening(runtime, seen));
    await reconstruct(platform, checkOptions({ maxFrames: frames, size: Math.max(width, height), backend: 'wasm' }));
    const clues = new Float32Array(seen.length * seen[0]!.data.length);
    seen.forEach(({ data: planes }, t) => clues.set(planes, t * planes.length));
    const members = { clues: { shape: [frames, ...seen[0]!.dims.slice(1)], data: clues }, mask: byteNpy(shard, 'mask'), mask_now: byteNpy(shard, 'mask_now') };
    const bytes = zipSync(Object.fromEntries(Object.entries(members).map(([name, npy]) => [`${name}.npy`, encodeNpy(npy)])), { level: 0 });
    writeFileSync(join(out, `${file}.part`), bytes);
    renameSync(join(out, `${file}.part`), join(out, file));
    written++;
    log(`clues ${file}`);
  }
  return [{ title: 'Clues for models/train/motion', headers: ['written'], rows: [[written]] }];
}

/** The motion network, overheard. */
function listening(runtime: NetworkRuntime, seen: Tensor[]): NetworkRuntime {
  return {
    ...runtime,
    load: async (name) => {
      const model = await runtime.load(name);
      if (name !== 'motion') return model;
      return { ...model, run: async (inputs) => { seen.push(inputs.clues!); return model.run(inputs); } };
    },
  };
}

const byteNpy = (shard: ReturnType<typeof readNpz>, name: string) => ({ shape: shard.get(name)!.shape, data: Uint8Array.from(shard.get(name)!.data) });
