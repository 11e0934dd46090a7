// A looping WebP from still ones: their picture data in a new container (RIFF; WebP Container Specification).

const HAS_ALPHA = 0x10;
const ANIMATED = 0x02;
/** Each frame replaces the one before as a whole. */
const NO_BLENDING = 0x02;

/** `stills`: whole WebP files of one size (px); `delays`: how long each is on show, ms. */
export function joinWebp(stills: readonly Uint8Array[], width: number, height: number, delays: readonly number[]): Uint8Array<ArrayBuffer> {
  const frames = stills.map((still, i) => chunk('ANMF', [u24(0), u24(0), u24(width - 1), u24(height - 1), u24(delays[i]), Uint8Array.of(NO_BLENDING), ...pictureChunks(still)]));
  const header = chunk('VP8X', [Uint8Array.of(ANIMATED | HAS_ALPHA, 0, 0, 0), u24(width - 1), u24(height - 1)]);
  // Transparent ground, no end of repeating.
  const loop = chunk('ANIM', [new Uint8Array(6)]);
  return chunk('RIFF', [ascii('WEBP'), header, loop, ...frames]);
}

/** The chunks that hold the picture and its transparency. */
function pictureChunks(still: Uint8Array): Uint8Array[] {
  const view = new DataView(still.buffer, still.byteOffset, still.byteLength);
  const found: Uint8Array[] = [];
  for (let at = 12; at + 8 <= still.length;) {
    const name = String.fromCharCode(...still.subarray(at, at + 4));
    const end = at + 8 + view.getUint32(at + 4, true);
    // Chunks begin at even places.
    const next = end + (end & 1);
    if (name === 'VP8 ' || name === 'VP8L' || name === 'ALPH') found.push(still.subarray(at, next));
    at = next;
  }
  if (found.length === 0) throw new Error('The browser packed a picture that is no WebP.');
  return found;
}

function chunk(name: string, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(8 + size + (size & 1));
  bytes.set(ascii(name));
  new DataView(bytes.buffer).setUint32(4, size, true);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const u24 = (value: number): Uint8Array => Uint8Array.of(value & 255, (value >> 8) & 255, value >> 16);
