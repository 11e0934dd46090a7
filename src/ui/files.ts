// Ways in: drop anywhere, paste, the picker. Folders are read through.

import { isContainer } from '../share/container.ts';
import { h } from './dom.ts';

const PICTURE_OR_VIDEO = 'video/*,image/*,.npz,.foursight,.mkv';

export function createPicker(onFiles: (files: readonly File[]) => void): HTMLInputElement {
  const input = h('input', {
    type: 'file', multiple: true, accept: PICTURE_OR_VIDEO, hidden: true, 'data-testid': 'file-input', 'aria-label': 'Choose a video, pictures or a scene',
    onchange: () => {
      const files = [...(input.files ?? [])];
      // The same file may be chosen again.
      input.value = '';
      if (files.length > 0) onFiles(files);
    },
  });
  return input;
}

export function listenForFiles(page: HTMLElement, onFiles: (files: readonly File[]) => void): void {
  let inside = 0;
  const mark = (on: boolean) => page.classList.toggle('dropping', on);
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  page.addEventListener('dragenter', (event) => {
    if (!hasFiles(event)) return;
    inside++;
    mark(true);
  });
  page.addEventListener('dragleave', () => {
    inside = Math.max(0, inside - 1);
    if (inside === 0) mark(false);
  });
  page.addEventListener('dragover', (event) => { if (hasFiles(event)) event.preventDefault(); });
  page.addEventListener('drop', (event) => {
    inside = 0;
    mark(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    void readDrop(event.dataTransfer!).then((files) => { if (files.length > 0) onFiles(files); });
  });
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) onFiles(files);
  });
}

/** Files that the system opens with the installed app. */
export function listenForLaunch(onFiles: (files: readonly File[]) => void): void {
  interface Launch { readonly files: readonly FileSystemFileHandle[] }
  const { launchQueue } = globalThis as { launchQueue?: { setConsumer(take: (launch: Launch) => void): void } };
  launchQueue?.setConsumer(({ files }) => {
    if (files.length > 0) void Promise.all(files.map((handle) => handle.getFile())).then(onFiles);
  });
}

async function readDrop(transfer: DataTransfer): Promise<File[]> {
  // Entries vanish with the event: all are taken before the first wait.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return [...transfer.files];
  return (await Promise.all(entries.map((entry) => (entry ? readEntry(entry) : [])))).flat();
}

async function readEntry(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  // A reader gives at most a hundred entries at a time, and none at the end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return files;
    for (const child of part) files.push(...(await readEntry(child)));
  }
}

/** Scenes are zip archives or shared scenes; a file that is neither is told so by the reader of scenes. */
export async function isScene(file: File): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, 8).arrayBuffer());
  return /\.(npz|foursight)$/i.test(file.name) || isContainer(head) || (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4);
}

export function download(content: Uint8Array | Blob, name: string): void {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' }));
  h('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export const downloadText = (text: string, name: string): void => download(new Blob([text], { type: 'text/plain' }), name);
