// The one clock: every picture, trail, plot and camera follows it.

export type LoopMode = 'once' | 'loop' | 'ping-pong';
export const LOOP_MODES: readonly LoopMode[] = ['loop', 'ping-pong', 'once'];
export const RATES: readonly number[] = [0.1, 0.25, 0.5, 1, 1.5, 2];

/** Position on a list of frame times. Plays by the wall clock: a slow display skips frames, it never slows time down. */
export class Clock {
  playing = false;
  rate = 1;
  loop: LoopMode = 'loop';
  frame = 0;
  /** First and last frame that playback visits; null = all. */
  range: readonly [number, number] | null = null;
  /** How far it is from this frame to the next, 0…1; 0 while paused. */
  between = 0;
  private times: Float64Array = new Float64Array([0]);
  /** Seconds since the first frame of the range, while playing. */
  private position = 0;
  private direction = 1;
  private readonly listeners = new Set<() => void>();
  private readonly fineListeners = new Set<() => void>();

  get frameCount(): number { return this.times.length; }
  get timeSecs(): number { return this.times[this.frame]; }
  get first(): number { return this.range?.[0] ?? 0; }
  get last(): number { return this.range?.[1] ?? this.frameCount - 1; }

  /** Called after every change of frame or of state. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Called while it plays, at every display frame. */
  subscribeBetween(listener: () => void): () => void {
    this.fineListeners.add(listener);
    return () => this.fineListeners.delete(listener);
  }

  setTimes(times: Float64Array): void {
    this.times = times.length > 0 ? times : new Float64Array([0]);
    this.playing = false;
    this.range = null;
    this.seek(0);
  }

  seek(frame: number): void {
    this.frame = Math.min(this.frameCount - 1, Math.max(0, Math.round(frame)));
    this.position = this.timeSecs - this.times[this.first];
    this.direction = 1;
    this.between = 0;
    this.emit();
  }

  seekTime(secs: number): void {
    this.seek(frameAt(this.times, secs));
  }

  step(frames: number): void {
    this.playing = false;
    this.seek(this.frame + frames);
  }

  play(): void {
    if (this.frameCount < 2) return;
    const outside = this.frame < this.first || this.frame > this.last;
    const ended = this.loop === 'once' && this.frame === this.last;
    this.playing = true;
    if (outside || ended) this.seek(this.first);
    else this.emit();
  }

  pause(): void {
    this.playing = false;
    this.between = 0;
    this.emit();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.emit();
  }

  setLoop(loop: LoopMode): void {
    this.loop = loop;
    this.emit();
  }

  setRange(range: readonly [number, number] | null): void {
    const clamp = (f: number) => Math.min(this.frameCount - 1, Math.max(0, Math.round(f)));
    this.range = range && clamp(range[0]) < clamp(range[1]) ? [clamp(range[0]), clamp(range[1])] : null;
    if (this.frame < this.first || this.frame > this.last) this.seek(this.first);
    else this.seek(this.frame);
  }

  /** Moves on by wall-clock seconds. */
  advance(secs: number): void {
    if (!this.playing) return;
    const start = this.times[this.first];
    const span = this.times[this.last] - start;
    // The last frame is shown as long as the others.
    const hold = span / Math.max(1, this.last - this.first);
    this.position += secs * this.rate * this.direction;
    if (this.loop === 'loop') this.position = modulo(this.position, span + hold);
    else if (this.loop === 'ping-pong') [this.position, this.direction] = bounce(this.position, this.direction, span);
    else if (this.position >= span + hold) {
      this.position = span;
      this.playing = false;
    }
    const frame = Math.min(this.last, Math.max(this.first, frameAt(this.times, start + this.position)));
    const moved = frame !== this.frame || !this.playing;
    this.frame = frame;
    const next = this.times[frame + 1];
    this.between = !this.playing || frame >= this.last ? 0 : Math.min(1, Math.max(0, (start + this.position - this.times[frame]) / (next - this.times[frame])));
    if (moved) this.emit();
    for (const listener of this.fineListeners) listener();
  }

  private emit(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Lets the clock run on the display's frames while it plays, and rest otherwise. Returns the stop function. */
export function driveClock(clock: Clock): () => void {
  let request = 0;
  let before = 0;
  const tick = (now: number) => {
    request = 0;
    // A tab that was hidden goes on where it stopped.
    clock.advance(Math.min(0.5, (now - before) / 1000));
    before = now;
    schedule();
  };
  const schedule = () => {
    if (clock.playing && request === 0) request = requestAnimationFrame(tick);
  };
  const unsubscribe = clock.subscribe(() => {
    if (clock.playing && request === 0) before = performance.now();
    schedule();
  });
  return () => {
    unsubscribe();
    cancelAnimationFrame(request);
  };
}

/** The frame that is on show at this time: the last one that has begun. */
export function frameAt(times: Float64Array, secs: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    // Half a microsecond, so that a time read from the list finds its own frame.
    if (times[middle] <= secs + 5e-7) low = middle;
    else high = middle - 1;
  }
  return low;
}

const modulo = (a: number, b: number): number => (b > 0 ? ((a % b) + b) % b : 0);

function bounce(position: number, direction: number, span: number): [number, number] {
  if (span <= 0) return [0, 1];
  if (position > span) return [Math.max(0, 2 * span - position), -1];
  if (position < 0) return [Math.min(span, -position), 1];
  return [position, direction];
}
