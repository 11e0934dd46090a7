/** One value that many look at. Listeners hear of a change only if what they watch has changed. */
export class Store<S extends object> {
  private readonly listeners = new Set<(state: S) => void>();
  constructor(private value: S) {}

  get state(): S { return this.value; }

  set(change: Partial<S>): void {
    this.value = { ...this.value, ...change };
    for (const listener of [...this.listeners]) listener(this.value);
  }

  /** Calls back now and whenever the watched part is another one than before. */
  watch<P>(part: (state: S) => P, react: (part: P, state: S) => void): () => void {
    let before = part(this.value);
    const listener = (state: S) => {
      const next = part(state);
      if (Object.is(next, before)) return;
      before = next;
      react(next, state);
    };
    this.listeners.add(listener);
    react(before, this.value);
    return () => this.listeners.delete(listener);
  }
}
