import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLink, LAYER_LETTERS, parseLink, type LinkState } from './fragment.ts';

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

  it('what is written is read again, to four digits, in at most 600 characters, ending in a digit', () => {
    const n = fc.double({ min: -999, max: 999, noNaN: true });
    const view = fc.record({ kind: fc.constant('orbit' as const), target: fc.tuple(n, n, n), azimuth: fc.double({ min: -180, max: 180, noNaN: true }), elevation: fc.double({ min: -89, max: 89, noNaN: true }), distance: fc.double({ min: 0.01, max: 1000, noNaN: true }), fov: fc.double({ min: 5, max: 120, noNaN: true }) });
    const state = fc.record({ timeSecs: fc.double({ min: 0, max: 3600, noNaN: true }), view, tracks: fc.uniqueArray(fc.nat(19_999), { minLength: 1, maxLength: 12 }), layers: fc.subarray([...LAYER_LETTERS]).map((l) => l.join('')), autoplay: fc.boolean(), colour: fc.constantFrom('depth' as const, 'speed' as const), dropPercent: fc.integer({ min: 0, max: 95 }), key: fc.constant('A'.repeat(22)) }, { requiredKeys: [] });
    fc.assert(fc.property(state, (given) => {
      const text = formatLink(given as Omit<LinkState, 'version'>);
      expect(text.length).toBeLessThanOrEqual(600);
      if (Object.keys(given).length === 0) return expect(text).toBe('');
      expect(text).toMatch(/&v=1$|^#v=1$/);
      const back = parseLink(text);
      if (given.timeSecs !== undefined) expect(back.timeSecs).toBeCloseTo(given.timeSecs, 3);
      for (const key of ['tracks', 'layers', 'autoplay', 'colour', 'dropPercent', 'key'] as const) expect(back[key]).toEqual(given[key]);
      if (given.view) {
        const found = back.view as typeof given.view;
        expect(found.azimuth).toBeCloseTo(given.view.azimuth, 0);
        found.target.forEach((v, i) => expect(Math.abs(v - given.view!.target[i])).toBeLessThanOrEqual(5e-4 * Math.abs(given.view!.target[i]) + 1e-12));
      }
    }));
  });
});
