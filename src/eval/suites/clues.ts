// What the motion network learns from: the pipeline's own clues on rendered clips (models/synth/shards), with the truth beside them.

import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { NetworkRuntime, Tensor } from '../../networks/runtime.ts';
import { reconstruct } from '../../pipeline/reconstruct.ts';
import { encodeNpy } from '../../scene/npy.ts';
import { checkOptions } from '../../scene/options.ts';
import { loadShard } from '../datasets/shards.ts';
import type { EvalSettings, SuiteResult } from '../settings.ts';
import { platformFor } from './solve.ts';

/**
 * One file per shard in `out`: clues f32 [T,20,h,w] and the masks u8 [T,H,W]. Files that are there are left alone, so that several runs
 * may share the work. With networks that return the truth, shards that do not know enough are passed over.
 */
export async function writeClues(settings: EvalSettings): Promise<SuiteResult[]> {
  const { data, out, runtime, only, log } = settings;
  if (!data || !out) throw new Error('Say where the shards lie and where the clues go: --data SHARDS --out DIR.');
  let written = 0;
  for (const file of readdirSync(data).filter((name) => name.endsWith('.npz') && name.includes(only)).sort()) {
    if (existsSync(join(out, file))) continue;
    const shard = loadShard(join(data, file), file);
    const { frames, info: { width, height } } = shard.source;
    const options = checkOptions({ maxFrames: frames.length, size: Math.max(width, height), backend: 'wasm' });
    const seen: Tensor[] = [];
    const platform = await platformFor(shard, options, { ...settings, runtime: listening(runtime, seen) });
    if (!platform) continue;
    await reconstruct(platform, options);
    const clues = new Float32Array(seen.length * seen[0]!.data.length);
    seen.forEach(({ data: planes }, t) => clues.set(planes, t * planes.length));
    const shape = [frames.length, height, width];
    const members = { clues: { shape: [frames.length, ...seen[0]!.dims.slice(1)], data: clues }, mask: { shape, data: shard.mask }, mask_now: { shape, data: shard.maskNow } };
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
