// Rotations as row-major 3×3 in f64 arrays of 9.

/** Rodrigues: R = exp([w]×). */
export function expSo3(x: number, y: number, z: number, out: Float64Array = new Float64Array(9)): Float64Array {
  const angle2 = x * x + y * y + z * z;
  const angle = Math.sqrt(angle2);
  // Series where sin(a)/a and (1 − cos a)/a² lose their digits.
  const a = angle < 1e-4 ? 1 - angle2 / 6 : Math.sin(angle) / angle;
  const b = angle < 1e-4 ? 0.5 - angle2 / 24 : (1 - Math.cos(angle)) / angle2;
  out[0] = 1 - b * (y * y + z * z);
  out[1] = b * x * y - a * z;
  out[2] = b * x * z + a * y;
  out[3] = b * x * y + a * z;
  out[4] = 1 - b * (x * x + z * z);
  out[5] = b * y * z - a * x;
  out[6] = b * x * z - a * y;
  out[7] = b * y * z + a * x;
  out[8] = 1 - b * (x * x + y * y);
  return out;
}

/** A B. */
export function multiply3(a: Float64Array, b: Float64Array, out: Float64Array = new Float64Array(9)): Float64Array {
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) out[i * 3 + j] = a[i * 3]! * b[j]! + a[i * 3 + 1]! * b[3 + j]! + a[i * 3 + 2]! * b[6 + j]!;
  }
  return out;
}

/** Aᵀ B. */
export function transposeMultiply3(a: Float64Array, b: Float64Array, out: Float64Array = new Float64Array(9)): Float64Array {
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) out[i * 3 + j] = a[i]! * b[j]! + a[3 + i]! * b[3 + j]! + a[6 + i]! * b[6 + j]!;
  }
  return out;
}
