// How fast a sampled value changes, read from a few neighbours.

/** Frames on either side that a slope is read from: five in all, as Savitzky and Golay smooth; 1 is the plain central difference. */
export const SMOOTHING_REACH = 2;

/** Slope of the least-squares line through the known values within some frames on either side. */
export function slopeAt(values: Float64Array, times: Float64Array, t: number, most = SMOOTHING_REACH): number {
  if (Number.isNaN(values[t])) return NaN;
  let [n, sumT, sumV, sumTT, sumTV] = [0, 0, 0, 0, 0];
  // A window that is even on both sides: for a parabola its line has exactly the slope at the middle.
  let reach = Math.min(most, t, values.length - 1 - t);
  if (reach === 0) reach = 1;
  for (let k = Math.max(0, t - reach); k <= Math.min(values.length - 1, t + reach); k++) {
    if (Number.isNaN(values[k])) continue;
    const dt = times[k] - times[t];
    n++;
    sumT += dt;
    sumV += values[k];
    sumTT += dt * dt;
    sumTV += dt * values[k];
  }
  const spread = n * sumTT - sumT * sumT;
  return n > 1 && spread > 0 ? (n * sumTV - sumT * sumV) / spread : NaN;
}
