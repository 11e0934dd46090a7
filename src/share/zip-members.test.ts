import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { readZipMembers } from './zip-members.ts';

const archive = zipSync({ 'a.npy': new Uint8Array(5000), 'meta.json': [new Uint8Array(30), { level: 0 }] });

it('lists what is inside, from the last bytes alone', () => {
  const members = [{ name: 'a.npy', unpackedBytes: 5000 }, { name: 'meta.json', unpackedBytes: 30 }];
  expect(readZipMembers(archive, archive.length)).toEqual(members);
  expect(readZipMembers(archive.subarray(archive.length - 150), archive.length)).toEqual(members);
  expect(Object.keys(unzipSync(archive))).toEqual(members.map((m) => m.name));
});

it('anything else is no archive, and never a crash', () => {
  expect([new Uint8Array(0), archive.subarray(0, 40), archive.subarray(1)].map((bytes) => readZipMembers(bytes, bytes.length))).toEqual([null, null, null]);
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { maxLength: 6 }), (flips) => {
    const bytes = archive.slice();
    for (const [at, value] of flips) bytes[at] = value;
    readZipMembers(bytes, bytes.length);
  }));
});
