import { expect, it } from 'vitest';
import { cleanStart, presentationOf, withPresentation } from './presentation.ts';

const scene = (settings: Record<string, unknown>) => ({ meta: { settings } }) as unknown as Parameters<typeof withPresentation>[0];

it('says nothing where nobody said anything', () => {
  expect(presentationOf(scene({}))).toEqual({ text: '', start: '', notes: [], hostMayRead: false });
});

it('comes back as it was written', () => {
  const said = { text: 'A dog runs.', start: '#c=s&v=1', notes: [{ text: 'Here it turns', start: '#t=1.5&c=o,0,0,1,20,10,3,50&k=4&v=1' }], hostMayRead: true };
  expect(presentationOf(withPresentation(scene({ up: [0, -1, 0] }), said))).toEqual(said);
});

it('trusts nothing: wrong kinds, too much, keys and foreign addresses do not come through', () => {
  const wild = { text: `<b>\n\u202e${'x'.repeat(900)}`, start: '#t=2&x=AAAAAAAAAAAAAAAAAAAAAA&src=https://evil.example/&evil=1', hostMayRead: 'yes', notes: [...Array.from({ length: 30 }, (_, i) => ({ text: `note ${i}`, start: 7 })), null, 'x'] };
  const { text, start, notes, hostMayRead } = presentationOf(scene({ presentation: wild }));
  expect(text).toMatch(/^<b> x{496}$/);
  expect([start, hostMayRead, notes.length, notes[0]]).toEqual(['#t=2&v=1', false, 10, { text: 'note 0', start: '' }]);
  for (const bad of [null, 'text', [1, 2], 5]) expect(presentationOf(scene({ presentation: bad })).notes).toEqual([]);
});

it('a start is a fragment and nothing else', () => {
  expect([cleanStart('"><script>'), cleanStart(undefined), cleanStart('#f=3&y=sd')]).toEqual(['', '', '#y=ds&v=1'.replace('ds', 'sd')]);
});
