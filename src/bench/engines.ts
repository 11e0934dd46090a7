// Gauss–Newton against Adam: the same objective from the same start, the bundle adjustment of the sample clip.

import { createNodePlatform } from '../eval/node-platform.ts';
import type { NetworkRuntime } from '../networks/runtime.ts';
import { reconstruct } from '../pipeline/reconstruct.ts';
import { NEVER_CANCELLED } from '../scene/job.ts';
import { checkOptions, type Options } from '../scene/options.ts';
import { createEngine } from '../solve/engine-factory.ts';
import type { Engine } from '../solve/engine.ts';
import type { Problem, State } from '../solve/problem.ts';
import type { FrameSource } from '../video/frame-source.ts';

export interface EngineBench {
  /** Value of the objective that both start from. */
  readonly start: number;
  readonly gaussNewton: { readonly secs: number; readonly objective: number };
  readonly adam: { readonly secs: number; readonly objective: number };
  /** The lowest that Adam had reached by so many times Gauss–Newton's seconds; null where it was done before. */
  readonly adamAfter: readonly { readonly times: number; readonly objective: number | null }[];
}

const TIMES = [1, 10, 30];

export async function benchEngines(source: FrameSource, runtime: NetworkRuntime, options: Partial<Options>): Promise<EngineBench> {
  const given: Parameters<Engine['minimise']>[] = [];
  const engine = await createEngine('gauss-newton');
  const listening: Engine = { ...engine, minimise: (...args) => (given.push(args), engine.minimise(...args)) };
  await reconstruct({ ...createNodePlatform(source, runtime), engine: async () => listening }, checkOptions({ backend: 'wasm', ...options }));
  const [problem, start] = given[0]!;

  const quick = await timed(engine, problem, start);
  const slow = await timed(await createEngine('tfjs'), problem, start);
  const lowestBy = (secs: number) => Math.min(...slow.path.filter((p) => p.secs <= secs).map((p) => p.objective), slow.startCost);
  return {
    start: quick.startCost, gaussNewton: quick, adam: slow,
    adamAfter: TIMES.map((times) => ({ times, objective: times * quick.secs > slow.secs ? null : lowestBy(times * quick.secs) })),
  };
}

async function timed(engine: Engine, problem: Problem, start: State) {
  const path: { secs: number; objective: number }[] = [];
  const began = performance.now();
  const since = () => (performance.now() - began) / 1000;
  const { summary } = await engine.minimise(problem, start, (_, __, objective) => path.push({ secs: since(), objective }), NEVER_CANCELLED);
  return { secs: since(), objective: summary.endCost, startCost: summary.startCost, path };
}
