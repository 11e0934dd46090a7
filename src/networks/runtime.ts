// The one door to a network runtime; adapters in platform/ implement it.

export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

export interface LoadedModel {
  /** 'webgpu' or 'wasm', and why if it is a fallback. */
  readonly device: string;
  /** Version of the weights, from the catalogue. */
  readonly version: string;
  /** What it says is the truth, and nothing can put it right. */
  readonly exact?: boolean;
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

export const NETWORK_NAMES = ['flow', 'track', 'pointmap', 'motion'] as const;
export type NetworkName = (typeof NETWORK_NAMES)[number];

export interface NetworkRuntime {
  /** Loads once; later calls return the same model. Throws network/load-failed. */
  load(name: NetworkName): Promise<LoadedModel>;
  dispose(): Promise<void>;
}
