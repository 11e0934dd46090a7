// Keeps up with the display by drawing fewer pixels while things move, and says so.

/** Longer gaps between pictures mean that nothing moved in between, ms. */
const PAUSE_MS = 400;
const SLOW_MS = 45;
const FAST_MS = 22;
const WINDOW = 8;
const LEAST = 0.5;

export class Pace {
  /** Share of the full pixel ratio to draw at, 0.5…1. */
  factor = 1;
  private readonly gaps: number[] = [];

  /** Milliseconds from one picture to the next. */
  record(gap: number): void {
    if (gap > PAUSE_MS) {
      this.gaps.length = 0;
      return;
    }
    this.gaps.push(gap);
    if (this.gaps.length < WINDOW) return;
    const middle = this.gaps.sort((a, b) => a - b)[WINDOW >> 1];
    this.gaps.length = 0;
    if (middle > SLOW_MS) this.factor = Math.max(LEAST, this.factor * 0.75);
    else if (middle < FAST_MS) this.factor = Math.min(1, this.factor / 0.85);
  }
}
