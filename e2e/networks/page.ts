// The parts of the platform that the tests of this folder call inside a page.

import { makeThumbnails, openSource } from '../../src/platform/browser/open-source.ts';
import { OrtRuntime } from '../../src/platform/browser/ort-runtime.ts';
import { probeInputs } from '../../src/networks/probe.ts';
import { connect } from '../../src/platform/rpc.ts';
import { chooseFrames, workingSize } from '../../src/video/sampling.ts';
import type { TestService } from './service.worker.ts';

const lab = {
  openSource, makeThumbnails, chooseFrames, workingSize, OrtRuntime, probeInputs,
  files: () => [...document.querySelector('input')!.files!],
  startService: () => connect<TestService>(new Worker(new URL('./service.worker.ts', import.meta.url), { type: 'module' }), 'test'),
};

declare global {
  interface Window { lab: typeof lab }
}
window.lab = lab;
