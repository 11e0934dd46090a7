// The embed's contract with its host page: one envelope, requests in, events and replies out. Anything else is ignored.

const NAMESPACE = 'foursight';
const PROTOCOL = 1;

export type EmbedErrorCode = 'unsupported' | 'network' | 'cors' | 'format' | 'too-new' | 'memory' | 'context-lost' | 'not-allowed' | 'bad-request' | 'unknown-type';

/** Thrown by an action to refuse a request. */
export class EmbedError extends Error {
  constructor(readonly code: EmbedErrorCode, message: string) {
    super(message);
  }
}

export interface Envelope {
  readonly ns: typeof NAMESPACE;
  readonly v: typeof PROTOCOL;
  readonly type: string;
  readonly id?: string | number;
  readonly [field: string]: unknown;
}

/** Null for everything that is not meant for us. */
export function readEnvelope(data: unknown): Envelope | null {
  if (typeof data !== 'object' || data === null) return null;
  const { ns, v, type, id } = data as Record<string, unknown>;
  if (ns !== NAMESPACE || v !== PROTOCOL || typeof type !== 'string' || type.length > 40) return null;
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number') return null;
  return data as Envelope;
}

export const writeEnvelope = (type: string, fields: Readonly<Record<string, unknown>> = {}): Envelope => ({ ...fields, ns: NAMESPACE, v: PROTOCOL, type });

type Fields = Readonly<Record<string, unknown>>;

export const wanted = {
  number(fields: Fields, name: string, least: number, most: number): number {
    const value = fields[name];
    if (typeof value !== 'number' || !Number.isFinite(value) || value < least || value > most) throw new EmbedError('bad-request', `${name} has to be a number from ${least} to ${most}.`);
    return value;
  },
  text(fields: Fields, name: string, most: number): string {
    const value = fields[name];
    if (typeof value !== 'string' || value.length > most) throw new EmbedError('bad-request', `${name} has to be a text of at most ${most} characters.`);
    return value;
  },
  choice<T extends string>(fields: Fields, name: string, choices: readonly T[]): T {
    const found = choices.find((choice) => choice === fields[name]);
    if (found === undefined) throw new EmbedError('bad-request', `${name} has to be one of ${choices.join(', ')}.`);
    return found;
  },
  whole(fields: Fields, name: string, most: number): readonly number[] {
    const value = fields[name];
    if (!Array.isArray(value) || value.length > 12 || !value.every((n) => Number.isInteger(n) && n >= 0 && n < most)) throw new EmbedError('bad-request', `${name} has to be a list of at most 12 numbers under ${most}.`);
    return value as number[];
  },
} as const;

/** Answers requests by the table of actions; speaks to the one page that said hello, and to nobody before. */
export class EmbedBridge<Peer> {
  private peer: Peer | null = null;
  private readonly waiting = new Map<string, Envelope>();

  constructor(private readonly actions: Readonly<Record<string, (fields: Fields) => unknown>>, private readonly post: (peer: Peer, message: Envelope) => void, private readonly samePeer: (a: Peer, b: Peer) => boolean) {}

  /** Of events before the hello the last of each kind is kept. */
  send(type: string, fields: Fields = {}): void {
    const message = writeEnvelope(type, fields);
    if (this.peer) return this.post(this.peer, message);
    this.waiting.set(type, message);
  }

  async receive(data: unknown, from: Peer): Promise<void> {
    const envelope = readEnvelope(data);
    if (!envelope || (this.peer && !this.samePeer(this.peer, from))) return;
    if (envelope.type === 'hello') {
      if (!this.peer) {
        this.peer = from;
        for (const message of this.waiting.values()) this.post(from, message);
        this.waiting.clear();
      }
      return this.reply(envelope, { ok: true });
    }
    if (!this.peer) return;
    const action = Object.hasOwn(this.actions, envelope.type) ? this.actions[envelope.type] : null;
    if (!action) return this.reply(envelope, { ok: false, code: 'unknown-type', message: `There is no request "${envelope.type}".` });
    try {
      this.reply(envelope, { ok: true, value: await action(envelope) });
    } catch (error) {
      this.reply(envelope, { ok: false, code: error instanceof EmbedError ? error.code : 'bad-request', message: error instanceof Error ? error.message : String(error) });
    }
  }

  private reply({ id }: Envelope, answer: Fields): void {
    if (id !== undefined && this.peer) this.post(this.peer, writeEnvelope('reply', { re: id, ...answer }));
  }
}
