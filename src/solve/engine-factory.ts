import type { EngineKind } from '../scene/options.ts';
import type { Engine } from './engine.ts';
import { createGaussNewton } from './engines/gauss-newton/index.ts';

/** tfjs is loaded only when somebody asks for it. */
export async function createEngine(kind: EngineKind): Promise<Engine> {
  return kind === 'tfjs' ? (await import('./engines/tfjs/index.ts')).createTfjsEngine() : createGaussNewton();
}
