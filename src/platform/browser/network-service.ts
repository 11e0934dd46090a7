// The network runtime in a worker of its own, and its face in the job worker.

import { transfer } from 'comlink';
import type { LoadedModel, NetworkName, NetworkRuntime, Tensor } from '../../networks/runtime.ts';
import type { Backend } from '../../scene/options.ts';
import type { Async } from '../rpc.ts';
import { OrtRuntime } from './ort-runtime.ts';

export interface ModelFacts { readonly device: string; readonly version: string }

export interface NetworkService {
  load(name: NetworkName, backend: Backend): Promise<ModelFacts>;
  run(name: NetworkName, backend: Backend, inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
}

/** Inside the network worker. Another backend replaces the runtime, so that one set of weights is in memory. */
export function createNetworkService(modelsUrl: string): NetworkService {
  let current: { backend: Backend; runtime: NetworkRuntime } | null = null;
  const runtimeOf = async (backend: Backend) => {
    if (current?.backend !== backend) {
      await current?.runtime.dispose();
      current = { backend, runtime: new OrtRuntime(backend, modelsUrl) };
    }
    return current.runtime;
  };
  return {
    async load(name, backend) {
      const { device, version } = await (await runtimeOf(backend)).load(name);
      return { device, version };
    },
    async run(name, backend, inputs) {
      const outputs = await (await (await runtimeOf(backend)).load(name)).run(inputs);
      return transfer(outputs, Object.values(outputs).map(({ data }) => data.buffer));
    },
  };
}

/** The runtime as the pipeline sees it, in the job worker. Inputs are copied, because windows are asked more than once. */
export class RemoteRuntime implements NetworkRuntime {
  constructor(private readonly service: Async<NetworkService>, private readonly backend: Backend) {}

  async load(name: NetworkName): Promise<LoadedModel> {
    const facts = await this.service.load(name, this.backend);
    return { ...facts, run: (inputs) => this.service.run(name, this.backend, inputs), dispose: async () => {} };
  }

  /** The weights stay in the worker for the next run. */
  async dispose(): Promise<void> {}
}
