// The networks in Node, on the same runtime and the same files as the page: onnxruntime-web's WASM.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-web';
import { parseCatalogue } from '../networks/catalogue.ts';
import type { LoadedModel, NetworkName, NetworkRuntime, Tensor } from '../networks/runtime.ts';
import { Queue } from '../scene/queue.ts';

/** @param models folder of catalog.json and the .onnx files. */
export function createNodeRuntime(models: string, threads = 2): NetworkRuntime {
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  const catalogue = parseCatalogue(readFileSync(join(models, 'catalog.json'), 'utf8'));
  const loaded = new Map<NetworkName, Promise<LoadedModel>>();
  // A session answers one question at a time.
  const queue = new Queue();
  const open = async (name: NetworkName): Promise<LoadedModel> => {
    const session = await ort.InferenceSession.create(new Uint8Array(readFileSync(join(models, catalogue[name].file))), { executionProviders: ['wasm'] });
    return {
      device: 'wasm', version: catalogue[name].version,
      async run(inputs) {
        const feeds = Object.fromEntries(Object.entries(inputs).map(([key, { data, dims }]) => [key, new ort.Tensor('float32', data, dims)]));
        const results = await queue.enqueue(() => session.run(feeds));
        return Object.fromEntries(Object.entries(results).map(([key, tensor]): [string, Tensor] => [key, { data: tensor.data as Float32Array, dims: tensor.dims }]));
      },
      dispose: () => session.release(),
    };
  };
  return {
    load(name) {
      const model = loaded.get(name) ?? open(name);
      loaded.set(name, model);
      return model;
    },
    async dispose() {
      for (const model of loaded.values()) await (await model).dispose();
      loaded.clear();
    },
  };
}
