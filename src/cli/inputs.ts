import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { unreadable, wrongUse } from './exit.ts';

const IMAGE = /\.(png|jpe?g|webp|avif|bmp|gif)$/i;
const natural = new Intl.Collator('en', { numeric: true }).compare;

/** A video file, a folder or a glob of images → the files, in natural order (2 before 10). */
export async function expandInputs(given: readonly string[]): Promise<string[]> {
  const files = (await Promise.all(given.map(expandOne))).flat();
  if (files.length > 1) {
    const other = files.find((file) => !IMAGE.test(file));
    if (other) throw wrongUse(`Give one video, or images of one sequence; "${basename(other)}" is not an image and there are ${files.length} files.`);
  }
  // Files that a shell has spread come in its own order.
  return given.length > 1 ? files.sort(natural) : files;
}

async function expandOne(path: string): Promise<string[]> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' || error.code === 'ENOTDIR' ? null : Promise.reject(cannotRead(path, error))));
  if (found?.isFile()) return [path];
  if (found?.isDirectory()) {
    const images = await listFolder(path, (name) => IMAGE.test(name));
    if (images.length === 0) throw unreadable(`The folder "${path}" holds no images (png, jpg, webp, avif, bmp, gif).`);
    return images;
  }
  if (!/[*?]/.test(path)) throw unreadable(`Cannot read "${path}": there is no such file or folder.`);
  if (/[*?]/.test(dirname(path))) throw wrongUse(`"${path}": only the last part of a path may hold * or ?.`);
  const pattern = toRegExp(basename(path));
  const matches = await listFolder(dirname(path), (name) => pattern.test(name));
  if (matches.length === 0) throw unreadable(`Cannot read "${path}": no file matches.`);
  return matches;
}

async function listFolder(folder: string, wanted: (name: string) => boolean): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => { throw cannotRead(folder, error); });
  return names.filter((name) => !name.startsWith('.') && wanted(name)).sort(natural).map((name) => join(folder, name));
}

function toRegExp(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${escaped}$`);
}

export function cannotRead(path: string, error: NodeJS.ErrnoException): Error {
  const why = error.code === 'ENOENT' ? 'there is no such file' : error.code === 'EACCES' ? 'permission is missing' : error.message;
  return unreadable(`Cannot read "${path}": ${why}.`);
}
