import { describe, expect, it } from 'vitest';
import { EmbedBridge, EmbedError, readEnvelope, wanted, writeEnvelope, type Envelope } from './embed-messages.ts';

function setUp() {
  const sent: [string, Envelope][] = [];
  const done: number[] = [];
  const bridge = new EmbedBridge<string>({
    seek: (fields) => { done.push(wanted.number(fields, 'f', 0, 23)); },
    still: () => { throw new EmbedError('not-allowed', 'The author does not allow it.'); },
  }, (peer, message) => sent.push([peer, message]), (a, b) => a === b);
  return { bridge, sent, done };
}
const ask = (type: string, fields: Record<string, unknown> = {}) => writeEnvelope(type, fields);

describe('the embed\'s messages', () => {
  it('nobody hears anything before a hello, and only who said it first afterwards', async () => {
    const { bridge, sent, done } = setUp();
    bridge.send('loaded', { frames: 24 });
    await bridge.receive(ask('seek', { f: 3 }), 'host');
    expect([sent, done]).toEqual([[], []]);
    await bridge.receive(ask('hello', { id: 1 }), 'host');
    await bridge.receive(ask('hello'), 'stranger');
    await bridge.receive(ask('seek', { f: 5 }), 'stranger');
    await bridge.receive(ask('seek', { f: 4, id: 'a' }), 'host');
    expect(done).toEqual([4]);
    expect(sent).toEqual([['host', ask('loaded', { frames: 24 })], ['host', ask('reply', { re: 1, ok: true })], ['host', ask('reply', { re: 'a', ok: true, value: undefined })]]);
  });

  it('a request that makes no sense gets a code, never an exception', async () => {
    const { bridge, sent } = setUp();
    await bridge.receive(ask('hello'), 'host');
    for (const fields of [{ f: 99 }, { f: 'x' }, {}, { f: NaN }]) await bridge.receive(ask('seek', { id: 1, ...fields }), 'host');
    await bridge.receive(ask('explode', { id: 2 }), 'host');
    await bridge.receive(ask('constructor', { id: 3 }), 'host');
    await bridge.receive(ask('still', { id: 4 }), 'host');
    expect(sent.map(([, m]) => m.code)).toEqual(['bad-request', 'bad-request', 'bad-request', 'bad-request', 'unknown-type', 'unknown-type', 'not-allowed']);
  });

  it('other pages\' messages are ignored', () => {
    expect([null, 'hi', { ns: 'other', v: 1, type: 'play' }, { ns: 'foursight', v: 2, type: 'play' }, { ns: 'foursight', v: 1, type: 7 }, { ns: 'foursight', v: 1, type: 'play', id: {} }].map(readEnvelope)).toEqual([null, null, null, null, null, null]);
  });
});
