// RGB → 8-bit 4:2:0 in the colours of BT.709, studio range: what players take a video for when they do not look at its tags.

/** Of BT.709: shares of red and blue in the luma. */
const [KR, KB] = [0.2126, 0.0722];
const KG = 1 - KR - KB;

export const BT709 = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false } as const;

/** u8 [W·H·4] → planes Y [W·H], U and V [W/2·H/2 each], one after the other. Both sides are even. */
export function rgbaToI420(rgba: Uint8ClampedArray, width: number, height: number): Uint8Array {
  const size = width * height;
  const out = new Uint8Array(size * 1.5);
  for (let i = 0, k = 0; i < size; i++, k += 4) out[i] = 16.5 + (219 / 255) * (KR * rgba[k]! + KG * rgba[k + 1]! + KB * rgba[k + 2]!);
  const [across, half] = [width / 2, size / 4];
  for (let y = 0; y < height / 2; y++) {
    for (let x = 0; x < across; x++) {
      const k = 4 * (2 * y * width + 2 * x);
      const [r, g, b] = [0, 1, 2].map((c) => (rgba[k + c]! + rgba[k + 4 + c]! + rgba[k + 4 * width + c]! + rgba[k + 4 * width + 4 + c]!) / 4) as [number, number, number];
      const luma = KR * r + KG * g + KB * b;
      const at = size + y * across + x;
      out[at] = 128.5 + ((112 / 255) * (b - luma)) / (1 - KB);
      out[at + half] = 128.5 + ((112 / 255) * (r - luma)) / (1 - KR);
    }
  }
  return out;
}
