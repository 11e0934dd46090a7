import type { Engine } from '../solve/engine.ts';
import type { EngineKind } from '../scene/options.ts';
import type { FrameSource } from '../video/frame-source.ts';
import type { NetworkRuntime } from '../networks/runtime.ts';

/** What the pipeline needs from its surroundings. */
export interface Platform {
  readonly source: FrameSource;
  readonly networks: NetworkRuntime;
  engine(kind: EngineKind): Promise<Engine>;
  /** Milliseconds, monotone. */
  now(): number;
  /** Bytes of memory in use by the page and its workers, or null where it cannot be told. */
  memoryBytes(): Promise<number | null>;
}
