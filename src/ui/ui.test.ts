import { describe, expect, it } from 'vitest';
import { formatLink, parseLink } from '../share/fragment.ts';
import { DEFAULT_LOOK } from '../viewer/look.ts';
import { fieldsOfLook, lookOf } from './sharing/link-state.ts';
import { nameOf } from './commands.ts';
import { formatDuration, formatFixed, formatLength, formatNumber, formatShort, formatTime } from './format.ts';
import { Store } from './store.ts';

it('tells watchers of their part only', () => {
  const store = new Store({ a: 1, b: 'x' });
  const seen: number[] = [];
  const stop = store.watch((s) => s.a, (a) => seen.push(a));
  store.set({ b: 'y' });
  store.set({ a: 2 });
  stop();
  store.set({ a: 3 });
  expect(seen).toEqual([1, 2]);
});

it('writes times, durations and numbers as people read them', () => {
  expect([0, 1.2345, 61.0004, 3600].map(formatTime)).toEqual(['00:00.000', '00:01.235', '01:01.000', '60:00.000']);
  expect([8.4, 60, 130, 3900].map(formatDuration)).toEqual(['8 s', '1 min', '2 min 10 s', '1 h 5 min']);
  expect([0.12345, 1.2345, 12.345, 123.45, NaN].map(formatNumber)).toEqual(['0.123', '1.23', '12.3', '123', '–']);
});

it('writes numbers with the decimal sign of the language, and never a zero below nothing', () => {
  expect([formatFixed(1234.5, 2, 'de'), formatFixed(1234.5, 2, 'en'), formatFixed(-0, 1, 'en')]).toEqual(['1234,50', '1234.50', '0.0']);
  expect([formatShort(2.5, 'de'), formatShort(0.30000000000000004, 'en'), formatShort(8, 'en')]).toEqual(['2,5', '0.3', '8']);
});

it('shows lengths in units until there is a scale, then in metres or what was chosen', () => {
  const scene = (metresPerUnit: number | null, unit?: string) => ({ metresPerUnit, meta: { settings: unit ? { shown_unit: unit } : {} } });
  expect([scene(null), scene(null, 'cm'), scene(2), scene(2, 'cm'), scene(0.3048, 'ft'), scene(2, 'u'), scene(2, 'miles')].map((s) => formatLength(1.5, s)))
    .toEqual(['1.50 u', '1.50 u', '3.00 m', '300 cm', '1.50 ft', '1.50 u', '3.00 m']);
});

it('names keys as the help sheet writes them', () => {
  const press = (key: string, more = {}) => nameOf({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more });
  expect([press(' '), press('f'), press('F', { shiftKey: true }), press('ArrowLeft', { shiftKey: true }), press('?', { shiftKey: true }), press('z', { metaKey: true })])
    .toEqual(['Space', 'F', 'Shift+F', 'Shift+←', '?', 'Ctrl+Z']);
});

describe('size of points in links', () => {
  const look = (pointPx: number) => ({ ...DEFAULT_LOOK, style: 'points' as const, pointPx });

  it('comes back as it was', () => {
    for (const pointPx of [1, 2, 3.5, 8]) {
      const link = formatLink(fieldsOfLook(look(pointPx)));
      expect(lookOf(parseLink(link), DEFAULT_LOOK)).toMatchObject({ style: 'points', pointPx });
    }
  });

  it('is read from links of before, within what the app offers', () => {
    expect(lookOf(parseLink('#z=1.4&v=1'), DEFAULT_LOOK).pointPx).toBe(2);
    expect(lookOf(parseLink('#z=0.1&v=1'), DEFAULT_LOOK).pointPx).toBe(1);
    expect(lookOf(parseLink('#z=12&v=1'), DEFAULT_LOOK).pointPx).toBe(8);
  });
});
