// Networks on onnxruntime-web: WebGPU if it can be trusted, else WASM with threads.

import type { InferenceSession } from 'onnxruntime-web/webgpu';
import { parseCatalogue, type Catalogue } from '../../networks/catalogue.ts';
import { compareOutputs, probeInputs } from '../../networks/probe.ts';
import type { LoadedModel, NetworkName, NetworkRuntime, Tensor } from '../../networks/runtime.ts';
import { FoursightError } from '../../scene/errors.ts';
import type { Backend } from '../../scene/options.ts';
import { Queue } from '../../scene/queue.ts';
import { openGpu } from './gpu.ts';

type Ort = typeof import('onnxruntime-web/webgpu');
type Device = 'webgpu' | 'wasm';

/** Devices in the order they are tried. */
const DEVICE_ORDER: Readonly<Record<Backend, readonly Device[]>> = {
  auto: ['webgpu', 'wasm'],
  webgpu: ['webgpu', 'wasm'],
  wasm: ['wasm'],
};

/** A GPU whose answer to the probe is farther than this from WASM's, relative to the largest value, is not trusted. */
const PROBE_TOLERANCE = 0.02;
const MAX_THREADS = 8;

export class OrtRuntime implements NetworkRuntime {
  private readonly models = new Map<NetworkName, Promise<LoadedModel>>();
  /** Two runs at once hang for ever when one of them is on WebGPU. */
  private readonly queue = new Queue();
  private gpu: Promise<GPUDevice> | null = null;
  private lost = '';
  private catalogue: Promise<Catalogue> | null = null;

  /** @param modelsUrl folder of catalog.json and the .onnx files, ending in a slash. */
  constructor(private readonly backend: Backend, private readonly modelsUrl: string) {}

  load(name: NetworkName): Promise<LoadedModel> {
    const loading = this.models.get(name) ?? this.open(name);
    this.models.set(name, loading);
    // A failed load may be tried again.
    loading.catch(() => this.models.delete(name));
    return loading;
  }

  async dispose(): Promise<void> {
    for (const model of this.models.values()) await (await model.catch(() => null))?.dispose();
    this.models.clear();
    (await this.gpu?.catch(() => null))?.destroy();
  }

  private async open(name: NetworkName): Promise<LoadedModel> {
    const ort = await loadOrt();
    this.catalogue ??= this.fetchText('catalog.json').then(parseCatalogue);
    this.catalogue.catch(() => { this.catalogue = null; });
    const entry = (await this.catalogue)[name];
    const bytes = new Uint8Array(await (await this.fetchFile(entry.file)).arrayBuffer());
    const reasons: string[] = [];
    for (const device of DEVICE_ORDER[this.backend]) {
      try {
        const session = device === 'webgpu'
          ? await this.openOnGpu(ort, name, bytes)
          : await this.queue.enqueue(() => ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] }));
        return this.wrapSession(ort, session, device, entry.version, reasons);
      } catch (error) {
        reasons.push(error instanceof Error ? error.message : String(error));
      }
    }
    throw new FoursightError('network/load-failed', `The ${name} network could not be started: ${reasons.join('; ')}.`);
  }

  private wrapSession(ort: Ort, session: InferenceSession, device: Device, version: string, reasons: readonly string[]): LoadedModel {
    return {
      device: reasons.length > 0 ? `${device} (${reasons.join('; ')})` : device,
      version,
      run: (inputs) => this.queue.enqueue(async () => {
        try {
          return await runSession(ort, session, inputs);
        } catch (error) {
          if (device === 'webgpu' && this.lost) throw new FoursightError('device/lost', `The graphics processor stopped answering: ${this.lost}.`, 'Run again with the backend "wasm".');
          throw error;
        }
      }),
      dispose: () => this.queue.enqueue(() => session.release()),
    };
  }

  /** A session on the GPU that has given the same answer to a small question as WASM. */
  private async openOnGpu(ort: Ort, name: NetworkName, bytes: Uint8Array): Promise<InferenceSession> {
    this.gpu ??= openGpu(this.backend).then((device) => {
      void device.lost.then(({ message }) => { this.lost = message || 'the device was lost'; });
      return device;
    });
    const device = await this.gpu;
    return this.queue.enqueue(async () => {
      const session = await ort.InferenceSession.create(bytes, { executionProviders: [{ name: 'webgpu', device }] });
      const judge = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
      const inputs = probeInputs(name);
      const difference = compareOutputs(await runSession(ort, judge, inputs), await runSession(ort, session, inputs));
      await judge.release();
      if (difference <= PROBE_TOLERANCE) return session;
      await session.release();
      throw new Error(`WebGPU computes the ${name} network wrongly here (difference ${difference.toPrecision(2)})`);
    });
  }

  private async fetchText(file: string): Promise<string> {
    return (await this.fetchFile(file)).text();
  }

  private async fetchFile(file: string): Promise<Response> {
    const response = await fetch(this.modelsUrl + file).catch(() => null);
    if (!response?.ok) {
      throw new FoursightError('network/load-failed', `The network file "${file}" could not be fetched (${response ? `status ${response.status}` : 'no connection'}).`, 'Check the connection and try again.');
    }
    return response;
  }
}

let ortModule: Promise<Ort> | null = null;

/** Imported late: bundled into the worker itself, its threads would run the worker's own code and never answer. */
function loadOrt(): Promise<Ort> {
  ortModule ??= import('onnxruntime-web/webgpu').then((ort) => {
    ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, MAX_THREADS) : 1;
    ort.env.logLevel = 'error';
    return ort;
  });
  return ortModule;
}

async function runSession(ort: Ort, session: InferenceSession, inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, { data, dims }]) => [name, new ort.Tensor('float32', data, dims)]));
  const results = await session.run(feeds);
  return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, { data: tensor.data as Float32Array, dims: tensor.dims }]));
}
