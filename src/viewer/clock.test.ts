import { describe, expect, it } from 'vitest';
import { Clock, frameAt } from './clock.ts';

const started = (times: number[]): Clock => {
  const clock = new Clock();
  clock.setTimes(Float64Array.from(times));
  return clock;
};

describe('clock', () => {
  it('finds the frame that is on show', () => {
    const times = Float64Array.from([0, 0.1, 0.5]);
    expect([-1, 0, 0.0999, 0.1, 0.49, 0.5, 9].map((t) => frameAt(times, t))).toEqual([0, 0, 0, 1, 1, 2, 2]);
  });

  it('plays by the source\'s own times, not by their number', () => {
    const clock = started([5, 5.1, 5.9, 6]);
    clock.play();
    clock.advance(0.5);
    expect(clock.frame).toBe(1);
    clock.advance(0.42);
    expect(clock.frame).toBe(2);
  });

  it('skips frames instead of slowing down, at every speed', () => {
    const clock = started(Array.from({ length: 100 }, (_, i) => i / 30));
    clock.setRate(2);
    clock.play();
    clock.advance(1);
    expect(clock.frame).toBe(60);
    clock.setRate(0.1);
    clock.advance(1);
    expect(clock.frame).toBe(63);
  });

  it('tells how far it is between two frames, while it plays only', () => {
    const clock = started([0, 1, 2]);
    let told = 0;
    clock.subscribeBetween(() => { told = clock.between; });
    clock.play();
    clock.advance(0.25);
    expect([clock.frame, told]).toEqual([0, 0.25]);
    clock.advance(1);
    expect([clock.frame, told]).toEqual([1, 0.25]);
    clock.pause();
    expect(clock.between).toBe(0);
    clock.play();
    clock.advance(1.2);
    // After the last frame there is none to move on to.
    expect([clock.frame, told]).toEqual([2, 0]);
  });

  it('loops, turns and stops', () => {
    const clock = started([0, 1, 2, 3]);
    clock.play();
    clock.advance(3.5);
    expect(clock.frame).toBe(3);
    clock.advance(1);
    expect(clock.frame).toBe(0);
    clock.setLoop('ping-pong');
    clock.advance(2.7);
    clock.advance(1.5);
    expect(clock.frame).toBe(1);
    clock.setLoop('once');
    clock.seek(2);
    clock.advance(9);
    expect([clock.frame, clock.playing]).toEqual([3, false]);
    clock.play();
    expect(clock.frame).toBe(0);
  });

  it('stays in its range, and a range of one frame is none', () => {
    const clock = started([0, 1, 2, 3, 4]);
    clock.setRange([1, 2]);
    expect(clock.frame).toBe(1);
    clock.play();
    for (const frame of [2, 1, 2]) {
      clock.advance(1);
      expect(clock.frame).toBe(frame);
    }
    clock.setRange([3, 3]);
    expect(clock.range).toBeNull();
  });

  it('tells its listeners of new frames only', () => {
    const clock = started([0, 1]);
    let calls = 0;
    clock.subscribe(() => calls++);
    clock.play();
    clock.advance(0.1);
    clock.advance(0.1);
    expect(calls).toBe(1);
  });

  it('does not play a single frame', () => {
    const clock = started([7]);
    clock.play();
    expect([clock.playing, clock.timeSecs]).toEqual([false, 7]);
  });
});
