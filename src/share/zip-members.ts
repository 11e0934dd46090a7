// What a zip archive holds, by its directory at the end alone: the archive itself may be far larger than anybody wants in memory.

export interface ZipMember {
  readonly name: string;
  readonly unpackedBytes: number;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;

/** `tail` are the last bytes of an archive of `total` bytes. Null where there is no directory in them, or one that contradicts itself. */
export function readZipMembers(tail: Uint8Array, total: number): ZipMember[] | null {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  // Our archives have no comment: the end record is the end.
  const end = tail.length - END_BYTES;
  if (end < 0 || view.getUint32(end, true) !== END) return null;
  const [count, size, start] = [view.getUint16(end + 10, true), view.getUint32(end + 12, true), view.getUint32(end + 16, true)];
  let at = end - size;
  if (at < 0 || start + size + END_BYTES !== total) return null;
  const members: ZipMember[] = [];
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY) return null;
    const lengths = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const next = at + ENTRY_BYTES + lengths[0] + lengths[1] + lengths[2];
    if (next > end) return null;
    members.push({ name: new TextDecoder().decode(tail.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + lengths[0])), unpackedBytes: view.getUint32(at + 24, true) });
    at = next;
  }
  return at === end ? members : null;
}
