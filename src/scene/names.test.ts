import { expect, it } from 'vitest';
import { givenNames, nameOfTrack, NAMES_SETTING } from './names.ts';

const withNames = (names: unknown) => ({ meta: { settings: { [NAMES_SETTING]: names } } });

it('names tracks as they were named, else by their number', () => {
  expect(nameOfTrack(withNames({ 3: ' ball ' }), 3)).toBe('ball');
  expect(nameOfTrack(withNames({ 3: 'ball' }), 4)).toBe('track 4');
  expect(nameOfTrack({ meta: { settings: {} } }, 0)).toBe('track 0');
});

it('takes nothing that is no name', () => {
  for (const names of [null, 'ball', [1], { 3: 7, 4: '', 5: '  ' }]) expect(givenNames(withNames(names).meta)).toEqual({});
  expect(nameOfTrack(withNames({ 3: 'x'.repeat(99) }), 3)).toHaveLength(40);
});
