import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants, mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { StorageFull, type Storage } from './storage.ts';

/** Blobs as files below one folder. Names come from our own code, never from a request, and are checked all the same. */
export async function openDisk(root: string): Promise<Storage> {
  await mkdir(join(root, 'tmp'), { recursive: true });
  // What a killed server was writing.
  for (const name of await readdir(join(root, 'tmp'))) await rm(join(root, 'tmp', name), { force: true });

  const fileOf = (name: string): string => {
    if (!/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_.-]*[A-Za-z0-9_-])*$/.test(name) || name.includes('..')) throw new Error(`not a storage name: ${name}`);
    return join(root, 'blobs', ...name.split('/'));
  };
  return {
    async put(name, bytes) {
      const file = fileOf(name);
      const temporary = join(root, 'tmp', randomBytes(12).toString('hex'));
      try {
        await mkdir(dirname(file), { recursive: true });
        const handle = await open(temporary, 'wx');
        try {
          await handle.writeFile(bytes);
          // On the disk before it has its name: a power cut leaves no half file under it.
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temporary, file);
      } catch (error) {
        await rm(temporary, { force: true });
        throw ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '') ? new StorageFull() : error;
      }
    },
    read: (name) => readFile(fileOf(name)).catch(nullIfMissing),
    async stream(name, from, to) {
      const file = fileOf(name);
      const found = await stat(file).catch(nullIfMissing);
      return found && createReadStream(file, { start: from, end: to });
    },
    async list(prefix) {
      const folder = join(root, 'blobs', ...prefix.split('/').filter(Boolean));
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(nullIfMissing);
      return (entries ?? []).filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name).slice(join(root, 'blobs').length + 1).split(sep).join('/')).sort();
    },
    async remove(name) {
      await rm(fileOf(name), { force: true });
    },
    async free() {
      const { bavail, bsize } = await statfs(root);
      return bavail * bsize;
    },
    check: () => access(root, constants.W_OK),
  };
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
