import { readdir, readFile } from 'node:fs/promises';

/** Watches the memory of this process and all its descendants (the browser). Null where there is no /proc. */
export class MemoryWatch {
  peakBytes: number | null = null;
  private readonly timer: NodeJS.Timeout;

  constructor(periodMs = 500) {
    this.timer = setInterval(() => void this.sample(), periodMs).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async sample(): Promise<void> {
    const bytes = await treeBytes(process.pid);
    if (bytes !== null) this.peakBytes = Math.max(this.peakBytes ?? 0, bytes);
  }
}

/** Resident memory of a process tree; pages shared by several processes are counted once in sum (PSS). */
export async function treeBytes(root: number): Promise<number | null> {
  const tree = await descendants(root).catch(() => null);
  if (!tree) return null;
  const sizes = await Promise.all(tree.map(residentBytes));
  return sizes.reduce((a, b) => a + b, 0);
}

/** The process and everything below it. */
export async function descendants(root: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const children = new Map<number, number[]>();
  for (const pid of pids) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // "pid (name) state ppid …", where the name may hold spaces and brackets.
    const parent = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
    if (status) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

async function residentBytes(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const kilobytes = /^Pss:\s+(\d+)/m.exec(rollup)?.[1];
  return kilobytes ? Number(kilobytes) * 1024 : 0;
}
