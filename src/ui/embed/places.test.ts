import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Places } from './places.ts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

/** Embeds on one page: what one posts, the others hear. */
function page() {
  const channels: { onmessage: ((event: MessageEvent) => void) | null; postMessage(data: unknown): void }[] = [];
  let now = 100;
  const drawing = new Set<string>();
  const add = (id: string) => {
    const channel = {
      onmessage: null as ((event: MessageEvent) => void) | null,
      postMessage: (data: unknown) => { for (const other of channels) if (other !== channel) other.onmessage?.({ data } as MessageEvent); },
    };
    channels.push(channel);
    const places = new Places({ id, channel: channel as never, now: () => ++now, onLost: () => drawing.delete(id) });
    return {
      places,
      async claim(tapped = false) {
        const claim = places.claim(tapped);
        await vi.advanceTimersByTimeAsync(200);
        if (await claim) drawing.add(id);
      },
      vanish: () => { channels.splice(channels.indexOf(channel), 1); },
    };
  };
  return { add, drawing };
}

it('two draw, a third one shows its poster until it is tapped; then whoever was used longest ago gives way', async () => {
  const { add, drawing } = page();
  const [a, b, c] = ['a', 'b', 'c'].map(add);
  await a.claim();
  await b.claim();
  await c.claim();
  expect([...drawing]).toEqual(['a', 'b']);
  await c.claim(true);
  expect([...drawing]).toEqual(['b', 'c']);
  await a.claim(true);
  expect([...drawing]).toEqual(['c', 'a']);
});

it('three that start at the same moment end as two', async () => {
  const { add, drawing } = page();
  await Promise.all(['a', 'b', 'c'].map((id) => add(id).claim()));
  expect(drawing.size).toBe(2);
});

it('one that is out of sight gives way without a tap, and so does one that went away without a word', async () => {
  const { add, drawing } = page();
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(add);
  await a.claim();
  await b.claim();
  a.places.offer();
  await c.claim();
  expect([...drawing]).toEqual(['b', 'c']);
  b.vanish();
  await d.claim();
  expect(drawing.has('d')).toBe(true);
});
