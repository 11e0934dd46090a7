// Embeds on one page share few drawing contexts: browsers take the oldest away when there are too many, and phones run out of memory.
// They tell each other by a channel of their origin who draws; whoever was used longest ago gives way.

/** Drawn at once; the others show a picture of themselves. */
const MOST = 2;
/** Long enough for the others to answer. */
const ANSWER_MS = 120;
/** Of one that is out of sight and may be taken away first. */
const OUT_OF_SIGHT = 0;

type Message = { readonly kind: 'who' } | { readonly kind: 'live'; readonly id: string; readonly usedMs: number } | { readonly kind: 'rest'; readonly id: string };

export interface PlacesOptions {
  readonly id: string;
  readonly channel: Pick<BroadcastChannel, 'postMessage' | 'onmessage'>;
  readonly now: () => number;
  /** The place is needed elsewhere. */
  readonly onLost: () => void;
}

export class Places {
  private readonly others = new Map<string, number>();
  /** When this one was last used; null while it does not draw. */
  private usedMs: number | null = null;

  constructor(private readonly options: PlacesOptions) {
    options.channel.onmessage = ({ data }) => this.hear(data as Message);
  }

  get held(): boolean { return this.usedMs !== null; }

  /** True once this one may draw. Without a tap it takes only a place that nobody in sight needs. */
  async claim(tapped: boolean): Promise<boolean> {
    // Those that went away without a word do not answer.
    this.others.clear();
    this.post({ kind: 'who' });
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    const inSight = [...this.others.values()].filter((usedMs) => usedMs > OUT_OF_SIGHT).length;
    if (!tapped && inSight >= MOST) return false;
    this.tell(this.options.now());
    return true;
  }

  /** Out of sight: it stays as it is until somebody else needs its place. */
  offer(): void {
    if (this.usedMs !== null) this.tell(OUT_OF_SIGHT);
  }

  release(): void {
    if (this.usedMs === null) return;
    this.usedMs = null;
    this.post({ kind: 'rest', id: this.options.id });
  }

  private tell(usedMs: number): void {
    this.usedMs = usedMs;
    this.post({ kind: 'live', id: this.options.id, usedMs });
  }

  private hear(message: Message): void {
    if (message.kind === 'who') {
      if (this.usedMs !== null) this.tell(this.usedMs);
    } else if (message.kind === 'rest') this.others.delete(message.id);
    else {
      this.others.set(message.id, message.usedMs);
      const { usedMs } = this;
      if (usedMs === null) return;
      const before = [...this.others].filter(([id, used]) => used > usedMs || (used === usedMs && id > this.options.id)).length;
      if (before < MOST) return;
      this.release();
      this.options.onLost();
    }
  }

  private post(message: Message): void {
    this.options.channel.postMessage(message);
  }
}
