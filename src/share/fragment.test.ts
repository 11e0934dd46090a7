import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLOUR_NAMES, formatLink, LAYER_LETTERS, parseLink, type LinkState, type LinkView } from './fragment.ts';

describe('the link fragment', () => {
  it('reads the example of the contract', () => {
    expect(parseLink('#t=3.4&c=o,0,.12,1.8,35,12,2.4,50&k=17,42&y=sdct&l=2.1,4&v=1')).toEqual({
      version: 1, timeSecs: 3.4, view: { kind: 'orbit', target: [0, 0.12, 1.8], azimuth: 35, elevation: 12, distance: 2.4, fov: 50 }, tracks: [17, 42], layers: 'sdct', loop: [2.1, 4],
    });
  });

  it('a bad value resets that key only, unknown keys do no harm, the first of two counts, in any order', () => {
    expect(parseLink('v=1&zoom=9&c=o,1,2,x,4,5,6,50&t=2&t=7&y=sq&l=4,2&h=rainbow&q=200&k=1,-2&r=2&f=1.5')).toEqual({ version: 1, timeSecs: 2, rate: 2 });
    expect(parseLink('#t=x&t=3')).toEqual({ version: 1 });
    expect(parseLink('#l=0&a=0&n=min&b=14161A&u=cm&f=12&v=3&c=s')).toEqual({ version: 3, loop: null, autoplay: false, ui: 'min', background: '14161a', unit: 'cm', frame: 12, view: { kind: 'source' } });
  });

  it('takes addresses of the web and of the own host, nothing else', () => {
    expect(parseLink('#src=https%3A%2F%2Fexample.org%2Fa.npz').src).toBe('https://example.org/a.npz');
    expect(parseLink('#src=./scene.foursight').src).toBe('./scene.foursight');
    for (const bad of ['javascript:alert(1)', 'data:text/html,x', '//evil.example/x', 'file:///etc/passwd']) expect(parseLink(`#src=${encodeURIComponent(bad)}`).src).toBeUndefined();
  });

  it('never throws, whatever the link', () => {
    fc.assert(fc.property(fc.string({ maxLength: 2000 }), (text) => { parseLink(text); }));
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom(...'vtfrlackyhqznbux'), fc.string({ maxLength: 30 }))), (fields) => { parseLink(`#${fields.map(([k, v]) => `${k}=${v}`).join('&')}`); }));
  });

  const n = fc.double({ min: -999, max: 999, noNaN: true });
  const around = { azimuth: fc.double({ min: -180, max: 180, noNaN: true }), elevation: fc.double({ min: -89, max: 89, noNaN: true }), distance: fc.double({ min: 0.01, max: 1000, noNaN: true }), fov: fc.double({ min: 5, max: 120, noNaN: true }) };
  const view: fc.Arbitrary<LinkView> = fc.oneof(
    fc.record({ kind: fc.constant('orbit' as const), target: fc.tuple(n, n, n), ...around }), fc.record({ kind: fc.constant('track' as const), track: fc.nat(19_999), ...around }),
    fc.record({ kind: fc.constant('fly' as const), position: fc.tuple(n, n, n), quaternion: fc.constantFrom([0, 0, 0, 1], [0.5, -0.5, 0.5, 0.5], [0.1234567, 0.2, -0.3, 0.9]) as fc.Arbitrary<[number, number, number, number]>, fov: around.fov }),
    fc.constant({ kind: 'source' as const }));
  /** Every key there is, but `f`, which is only read. */
  const state = fc.record({
    timeSecs: fc.double({ min: 0, max: 3600, noNaN: true }), rate: fc.constantFrom(0.1, 0.25, 1.5, 2), loop: fc.constantFrom(null, [2.1, 4] as const), autoplay: fc.boolean(), view,
    tracks: fc.uniqueArray(fc.nat(19_999), { minLength: 1, maxLength: 12 }), layers: fc.subarray([...LAYER_LETTERS]).map((l) => l.join('')), colour: fc.constantFrom(...COLOUR_NAMES),
    dropPercent: fc.integer({ min: 0, max: 95 }), pointPx: fc.constantFrom(0.4, 1.4, 4), ui: fc.constantFrom('none' as const, 'min' as const, 'full' as const),
    background: fc.constantFrom('dark', 'light', '1a2b3c'), unit: fc.constantFrom('u' as const, 'm' as const, 'cm' as const, 'ft' as const), key: fc.constant('A'.repeat(22)),
  }, { requiredKeys: [] }) as fc.Arbitrary<Omit<LinkState, 'version'>>;
  const near = (a: number, b: number) => Math.abs(a - b) <= 5.1e-4 * Math.abs(b) + 1e-12;

  it('what is written is read again, to four digits, in at most 600 characters, ending in a digit', () => {
    fc.assert(fc.property(state, (given) => {
      const text = formatLink(given);
      expect(text.length).toBeLessThanOrEqual(600);
      if (Object.keys(given).length === 0) return expect(text).toBe('');
      expect(text).toMatch(/&v=1$|^#v=1$/);
      const { version: _, timeSecs, view: seen, ...back } = parseLink(text);
      const { timeSecs: wantedSecs, view: wantedView, ...rest } = given;
      expect(back).toEqual(rest);
      if (wantedSecs === undefined) expect(timeSecs).toBeUndefined();
      else expect(Math.abs(timeSecs! - wantedSecs)).toBeLessThanOrEqual(5.01e-4);
      expect(seen?.kind).toBe(wantedView?.kind);
      const numbers = (of: LinkView | undefined) => Object.values(of ?? {}).flat().filter((v): v is number => typeof v === 'number');
      numbers(seen).forEach((v, i) => expect(near(v, numbers(wantedView)[i]), text).toBe(true));
    }));
  });

  it('names every key of its grammar', () => {
    const all = formatLink({ timeSecs: 1, rate: 2, loop: [1, 2], autoplay: true, view: { kind: 'source' }, tracks: [1], layers: 's', colour: 'depth', dropPercent: 5, pointPx: 2, ui: 'min', background: 'dark', unit: 'cm', key: 'A'.repeat(22), src: './x.npz' });
    expect([...new URLSearchParams(all.slice(1)).keys()].sort().join(' ')).toBe('a b c h k l n q r src t u v x y z');
  });
});
