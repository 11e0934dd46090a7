// Coded pictures: who codes them is the platform's matter; what they claim to be is checked here, before any decoder sees them.

export type PictureType = 'image/webp' | 'image/jpeg' | 'image/png';

/** Codes and decodes one picture; the browser's in the page, any other elsewhere. */
export interface PictureCodec {
  /** rgb u8 [h·w·3] → the bytes of a WebP or JPEG. */
  encode(rgb: Uint8Array, width: number, height: number): Promise<Uint8Array>;
  /** u8 [h·w·3]. */
  decode(bytes: Uint8Array, type: PictureType, width: number, height: number): Promise<Uint8Array>;
}

/** Type and size by a picture's first bytes; null for everything else (HTML and SVG among it). */
export function readPictureHead(bytes: Uint8Array): { type: PictureType; width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (at: number, length: number) => String.fromCharCode(...bytes.subarray(at, at + length));
  if (bytes.length >= 30 && text(0, 4) === 'RIFF' && text(8, 4) === 'WEBP') {
    const kind = text(12, 4);
    if (kind === 'VP8 ') return { type: 'image/webp', width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    if (kind === 'VP8L') return { type: 'image/webp', width: 1 + (view.getUint32(21, true) & 0x3fff), height: 1 + ((view.getUint32(21, true) >>> 14) & 0x3fff) };
    if (kind === 'VP8X') return { type: 'image/webp', width: 1 + (view.getUint32(24, true) & 0xffffff), height: 1 + (view.getUint32(26, true) >>> 8) };
    return null;
  }
  if (bytes.length >= 24 && view.getUint32(0) === 0x89504e47 && text(12, 4) === 'IHDR') return { type: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
  return bytes.length >= 4 && view.getUint16(0) === 0xffd8 ? readJpegHead(view) : null;
}

function readJpegHead(view: DataView): { type: PictureType; width: number; height: number } | null {
  for (let at = 2; at + 9 <= view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    // Start of frame, but for the three markers in that range that are none.
    if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) return { type: 'image/jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    if (marker < 0xffc0 || view.getUint16(at + 2) < 2) return null;
  }
  return null;
}

/** Mean of the pixels that fall into each pixel of the smaller picture; u8 [h·w·3]. */
export function shrink(rgb: Uint8Array, width: number, height: number, toWidth: number, toHeight: number): Uint8Array {
  const out = new Uint8Array(toWidth * toHeight * 3);
  for (let y = 0; y < toHeight; y++) {
    const [top, bottom] = [Math.floor((y * height) / toHeight), Math.max(Math.floor(((y + 1) * height) / toHeight), Math.floor((y * height) / toHeight) + 1)];
    for (let x = 0; x < toWidth; x++) {
      const [left, right] = [Math.floor((x * width) / toWidth), Math.max(Math.floor(((x + 1) * width) / toWidth), Math.floor((x * width) / toWidth) + 1)];
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let v = top; v < bottom; v++) for (let u = left; u < right; u++) sum += rgb[3 * (v * width + u) + c];
        out[3 * (y * toWidth + x) + c] = Math.round(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return out;
}

/** Bilinear, pixel centres at +0.5. */
export function enlarge(rgb: Uint8Array, width: number, height: number, toWidth: number, toHeight: number): Uint8Array {
  if (width === toWidth && height === toHeight) return rgb;
  const out = new Uint8Array(toWidth * toHeight * 3);
  for (let y = 0; y < toHeight; y++) {
    const v = Math.min(height - 1, Math.max(0, ((y + 0.5) * height) / toHeight - 0.5));
    const [top, fy] = [Math.floor(v), v % 1];
    const below = Math.min(height - 1, top + 1);
    for (let x = 0; x < toWidth; x++) {
      const u = Math.min(width - 1, Math.max(0, ((x + 0.5) * width) / toWidth - 0.5));
      const [left, fx] = [Math.floor(u), u % 1];
      const right = Math.min(width - 1, left + 1);
      for (let c = 0; c < 3; c++) {
        const at = (row: number, column: number) => rgb[3 * (row * width + column) + c];
        out[3 * (y * toWidth + x) + c] = (1 - fy) * ((1 - fx) * at(top, left) + fx * at(top, right)) + fy * ((1 - fx) * at(below, left) + fx * at(below, right)) + 0.5;
      }
    }
  }
  return out;
}
