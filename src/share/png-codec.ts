// A lossless codec for places without a browser: tests and scripts.

import { decode, encode } from 'fast-png';
import { damaged } from './planes.ts';
import type { PictureCodec } from './pictures.ts';

export const PNG_CODEC: PictureCodec = {
  encode: (rgb, width, height) => Promise.resolve(encode({ width, height, channels: 3, depth: 8, data: rgb })),
  async decode(bytes, type) {
    if (type !== 'image/png') throw damaged('one of its pictures needs a browser to decode');
    const { data, channels } = decode(bytes);
    if (channels !== 3 || !(data instanceof Uint8Array)) throw damaged('one of its pictures is not what it claims to be');
    return data;
  },
};
