import type { Refusal } from '../share/protocol.ts';

const STATUS: Readonly<Record<Refusal['code'], number>> = {
  'bad-request': 400, 'not-allowed': 403, 'not-found': 404, incomplete: 409, gone: 410, 'too-large': 413, 'too-many': 429, internal: 500, 'no-space': 507,
};

/** An answer that was foreseen: code for programs, one sentence for people. */
export class Refused extends Error {
  readonly status: number;
  constructor(readonly code: Refusal['code'], message: string) {
    super(message);
    this.status = STATUS[code];
  }
}
