/** Smaller eigenvalue of [[a, b], [b, c]]. */
export const smallerEigenvalue = (a: number, b: number, c: number): number => (a + c) / 2 - Math.sqrt(((a - c) / 2) ** 2 + b * b);
