// Calls between page and workers. comlink carries the calls; errors with codes, cancelling and crashes are added here.

import { expose, proxy, releaseProxy, transferHandlers, wrap } from 'comlink';
import { FoursightError, type ErrorCode } from '../scene/errors.ts';
import type { CancelSignal } from '../scene/job.ts';

/** An error as it travels: comlink alone would lose its class and code. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  /** Stage of the run, if it happened in one. */
  readonly stage: string;
  readonly stack: string;
}

export function toWire(error: unknown): WireError {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const stage = typeof error === 'object' && error !== null && 'stage' in error ? String(error.stage) : '';
  if (error instanceof FoursightError) return { code: error.code, message: error.message, hint: error.hint, stage, stack };
  const text = error instanceof Error ? error.message : String(error);
  if (/allocation failed|out of memory|invalid (typed )?array (buffer )?length/i.test(text)) {
    return { code: 'plan/too-large', message: 'There is not enough memory for this run.', hint: 'Choose fewer frames or a smaller size.', stage, stack };
  }
  return { code: 'internal', message: text, hint: '', stage, stack };
}

export function fromWire(wire: WireError): FoursightError & { stage: string } {
  const error = new FoursightError(wire.code, wire.message, wire.hint);
  error.stack = wire.stack;
  return Object.assign(error, { stage: wire.stage });
}

interface Thrown { readonly value: unknown }
// Only comlink's own handler knows its marker of a thrown value, so its test stays and its luggage changes.
const comlinkThrow = transferHandlers.get('throw')!;
transferHandlers.set('throw', {
  canHandle: (value): value is Thrown => comlinkThrow.canHandle(value),
  serialize: (thrown: unknown) => [toWire((thrown as Thrown).value), []],
  deserialize: (wire: unknown) => { throw fromWire(wire as WireError); },
});

type WireCancel = { readonly flag: Int32Array } | { readonly port: MessagePort };

/**
 * A cancel signal in another thread. With shared memory it is seen even inside a loop that never returns to its event
 * queue; without, at the loop's next pause.
 */
class RemoteCancel implements CancelSignal {
  private told = false;
  constructor(private readonly wire: WireCancel) {
    if ('port' in wire) wire.port.onmessage = () => { this.told = true; };
  }
  get aborted(): boolean {
    return 'flag' in this.wire ? Atomics.load(this.wire.flag, 0) === 1 : this.told;
  }
}

transferHandlers.set('cancel', {
  canHandle: (value): value is AbortSignal => value instanceof AbortSignal,
  serialize(value: unknown): [WireCancel, Transferable[]] {
    const signal = value as AbortSignal;
    const listen = (tell: () => void) => (signal.aborted ? tell() : signal.addEventListener('abort', tell, { once: true }));
    if (typeof SharedArrayBuffer !== 'undefined') {
      const flag = new Int32Array(new SharedArrayBuffer(4));
      listen(() => Atomics.store(flag, 0, 1));
      return [{ flag }, []];
    }
    const { port1, port2 } = new MessageChannel();
    listen(() => port1.postMessage(null));
    return [{ port: port2 }, [port2]];
  },
  deserialize: (wire: unknown) => new RemoteCancel(wire as WireCancel),
});

/** A service as seen from another thread: every method answers later. */
export type Async<T> = { readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never };

export interface Connection<T> {
  readonly service: Async<T>;
  /** The worker crashed or was closed; every further call fails. */
  readonly ended: boolean;
  /** Stops the worker at once; calls that still wait fail with `reason`. */
  close(reason?: FoursightError): void;
}

/** Offers a service to the thread that started this worker. */
export function serve(service: object): void {
  expose(service);
}

/**
 * The service of a worker. A crashed worker rejects all that waits with job/crashed (comlink alone would wait for ever).
 * Functions among the arguments are called back in this thread.
 */
export function connect<T extends object>(worker: Worker, name: string): Connection<T> {
  const remote = wrap<Record<string, (...args: unknown[]) => unknown>>(worker);
  const waiting = new Set<(error: FoursightError) => void>();
  let ended: FoursightError | null = null as FoursightError | null;
  const end = (error: FoursightError) => {
    if (ended) return;
    ended = error;
    for (const reject of waiting) reject(error);
    worker.terminate();
  };
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    end(new FoursightError('job/crashed', `The ${name} worker stopped: ${event.message || 'it ran out of memory or could not be loaded'}.`, 'Try again with fewer frames or a smaller size.'));
  });
  worker.addEventListener('messageerror', () => end(new FoursightError('job/crashed', `The ${name} worker sent something unreadable.`)));

  const call = (method: string) => (...args: unknown[]) => new Promise<unknown>((resolve, reject) => {
    if (ended) return reject(ended);
    waiting.add(reject);
    const sent = args.map((arg) => (typeof arg === 'function' ? proxy(arg) : arg));
    Promise.resolve(remote[method]!(...sent)).then(resolve, reject).finally(() => waiting.delete(reject));
  });
  return {
    // Not a thenable, or awaiting the connection would call the worker.
    service: new Proxy({}, { get: (_, method) => (typeof method === 'string' && method !== 'then' ? call(method) : undefined) }) as Async<T>,
    get ended() { return ended !== null; },
    close(reason = new FoursightError('job/cancelled', `The ${name} worker was stopped.`)) {
      end(reason);
      remote[releaseProxy]();
    },
  };
}
