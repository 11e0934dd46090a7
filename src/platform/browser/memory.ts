declare global {
  interface Performance {
    /** Chromium, on cross-origin isolated pages; counts the workers too. */
    measureUserAgentSpecificMemory?(): Promise<{ bytes: number }>;
  }
}

const PAUSE_MS = 1000;

/** Keeps measuring in the background: one measurement may take many seconds, and nobody should wait for it. */
export function watchMemory(): { latest(): Promise<number | null>; stop(): void } {
  let bytes: number | null = null;
  let stopped = false;
  void (async () => {
    while (!stopped && performance.measureUserAgentSpecificMemory) {
      try {
        ({ bytes } = await performance.measureUserAgentSpecificMemory());
      } catch {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  })();
  return { latest: async () => bytes, stop: () => { stopped = true; } };
}
