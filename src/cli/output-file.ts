import { createWriteStream } from 'node:fs';
import { access, constants, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { wrongUse } from './exit.ts';

/** A file that appears whole or not at all: written beside its place under another name, then renamed. */
export class OutputFile {
  readonly path: string;
  private readonly temporary: string;

  constructor(path: string) {
    this.path = resolve(path);
    this.temporary = join(dirname(this.path), `.${basename(this.path)}.${process.pid}.part`);
  }

  /** Says before the long work that there is a place to write to. */
  async check(): Promise<void> {
    const folder = dirname(this.path);
    await access(folder, constants.W_OK).catch(() => { throw wrongUse(`--out: the folder "${folder}" is missing or cannot be written to; make it first.`); });
    if (await stat(this.path).then((s) => s.isDirectory(), () => false)) throw wrongUse(`--out: "${this.path}" is a folder; give the name of a file.`);
  }

  append(bytes: Readable): Promise<void> {
    return pipeline(bytes, createWriteStream(this.temporary, { flags: 'a' }));
  }

  commit(): Promise<void> {
    return rename(this.temporary, this.path);
  }

  discard(): Promise<void> {
    return rm(this.temporary, { force: true });
  }
}
