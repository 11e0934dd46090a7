import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCatalogue } from './catalogue.ts';
import { NETWORK_NAMES } from './runtime.ts';

const entry = (name: string) => ({ file: `${name}.onnx`, version: '1', bytes: 3 });
const whole = { networks: { flow: entry('flow'), track: entry('track'), pointmap: entry('pointmap'), motion: entry('motion') } };

describe('parseCatalogue', () => {
  it('reads the one that the app carries', () => {
    const catalogue = parseCatalogue(readFileSync(new URL('../../public/models/catalog.json', import.meta.url), 'utf8'));
    for (const name of NETWORK_NAMES) expect(catalogue[name].file).toMatch(/\.onnx$/);
  });

  it.each([
    ['is not JSON', '<html>'],
    ['has no "networks"', '{}'],
    ['lacks the track network', JSON.stringify({ networks: { ...whole.networks, track: undefined } })],
    ['names no .onnx file', JSON.stringify({ networks: { ...whole.networks, flow: { ...entry('flow'), file: '../../elsewhere.onnx' } } })],
    ['gives no version', JSON.stringify({ networks: { ...whole.networks, flow: { ...entry('flow'), version: 1 } } })],
  ])('says that it %s', (words, text) => {
    expect(() => parseCatalogue(text)).toThrow(expect.objectContaining({ code: 'network/load-failed', message: expect.stringContaining(words) }));
  });
});
