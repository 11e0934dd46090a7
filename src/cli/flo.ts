/** Middlebury .flo: "PIEH", width, height, then (dx, dy) of every pixel row by row, little endian. */
export function encodeFlo(width: number, height: number, uv: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + uv.length * 4);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('PIEH'));
  view.setInt32(4, width, true);
  view.setInt32(8, height, true);
  for (let i = 0; i < uv.length; i++) view.setFloat32(12 + i * 4, uv[i]!, true);
  return bytes;
}
