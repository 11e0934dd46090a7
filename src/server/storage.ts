// Where shared scenes lie: named blobs. Disk by default, S3 by configuration; the server keeps no state of its own.

import type { Readable } from 'node:stream';

export interface Storage {
  /** The blob is there whole under its name afterwards, or not at all. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Null when there is none. */
  read(name: string): Promise<Uint8Array | null>;
  /** `from` and `to` are byte positions, both inside. */
  stream(name: string, from: number, to: number): Promise<Readable | null>;
  /** Full names, in order. */
  list(prefix: string): Promise<string[]>;
  remove(name: string): Promise<void>;
  /** Bytes that still fit, where that can be told. */
  free(): Promise<number>;
  /** Throws where the storage cannot be reached. */
  check(): Promise<void>;
}

/** Thrown by put when nothing fits any more. */
export class StorageFull extends Error {}
