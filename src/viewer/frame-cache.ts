// What was worked out per frame, kept for as long as the data it was made from.

/** Frames kept at once: of a longer clip the oldest are worked out anew as it plays. */
const MOST_KEPT = 64;

/** `make` again only if one of `sources` is another one; `key` decides how long all of it lives. */
export class FrameCache<T> {
  private readonly kept = new WeakMap<object, { sources: readonly unknown[]; frames: Map<number, T> }>();

  get(key: object, sources: readonly unknown[], frame: number, make: () => T): T {
    let known = this.kept.get(key);
    if (!known || sources.some((source, k) => source !== known!.sources[k])) this.kept.set(key, (known = { sources, frames: new Map() }));
    const before = known.frames.get(frame);
    if (before !== undefined) return before;
    const made = make();
    if (known.frames.size >= MOST_KEPT) known.frames.delete(known.frames.keys().next().value!);
    known.frames.set(frame, made);
    return made;
  }
}
