// Counters in Prometheus' text form. They belong to one process; whoever scrapes adds them up.

export class Metrics {
  private readonly counters = new Map<string, number>();

  add(name: string, labels: Readonly<Record<string, string | number>> = {}, amount = 1): void {
    const list = Object.entries(labels).map(([k, v]) => `${k}="${v}"`).join(',');
    const key = list ? `${name}{${list}}` : name;
    this.counters.set(key, (this.counters.get(key) ?? 0) + amount);
  }

  text(): string {
    const memory = process.memoryUsage();
    const lines = [...this.counters].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key} ${value}`);
    return `${[...lines, `process_resident_memory_bytes ${memory.rss}`, `nodejs_heap_used_bytes ${memory.heapUsed}`, `process_uptime_seconds ${Math.round(process.uptime())}`].join('\n')}\n`;
  }
}
