// The one GPU device of this worker, and whether it is worth using.

import type { Backend } from '../../scene/options.ts';

/** What networks gain from above the standard's defaults. */
const LIMITS = [
  'maxBufferSize', 'maxStorageBufferBindingSize', 'maxComputeWorkgroupStorageSize', 'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX', 'maxComputeWorkgroupSizeY', 'maxComputeWorkgroupSizeZ', 'maxStorageBuffersPerShaderStage',
] as const;
const FEATURES = ['shader-f16', 'subgroups'] as const;

/** Throws an Error that says, for people, why there is no usable GPU. */
export async function openGpu(backend: Backend): Promise<GPUDevice> {
  if (!navigator.gpu) throw new Error('this browser has no WebGPU');
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('WebGPU found no graphics processor');
  // A GPU imitated in software is 40 to 100 times slower than WASM; whoever asks for it by name (tests) gets it.
  const imitated = adapter.info.isFallbackAdapter || adapter.info.architecture === 'swiftshader';
  if (imitated && backend === 'auto') throw new Error('the only graphics processor is imitated in software');
  return adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
}
