// Where the scene came from, how far to trust it, and what the run cost.

import type { App } from '../app.ts';
import { h, put } from '../dom.ts';
import { formatBytes, formatDuration, formatFixed, formatPercent } from '../format.ts';

export function createAboutPanel({ store }: App): HTMLElement {
  const element = h('div', { class: 'stack', id: 'panel-about', 'data-testid': 'about' });
  store.watch((s) => s.open, (open) => {
    if (!open) return put(element);
    const { scene, report } = open;
    const { meta } = scene;
    const summary = meta.summary;
    const mean = (read: (f: NonNullable<typeof summary>['perFrame'][number]) => number) => (summary && summary.perFrame.length > 0 ? summary.perFrame.reduce((a, f) => a + read(f), 0) / summary.perFrame.length : null);
    const rows: [string, string | null][] = [
      ['Source', meta.source.name || null],
      ['Frames', `${scene.frameCount}, ${scene.width} × ${scene.height} px`],
      ['Lengths', scene.metresPerUnit === null ? 'relative units (u): nothing was measured' : `metres (1 u = ${scene.metresPerUnit} m)`],
      ['Static points land within', shownOrNull(mean((f) => f.staticErrorPx), (v) => `${formatFixed(v, 2)} px`)],
      ['Flow explained by the camera', shownOrNull(mean((f) => f.flowAgreement), formatPercent)],
      ['Depth from parallax', shownOrNull(mean((f) => f.parallaxShare), formatPercent)],
      ['Moving share', shownOrNull(mean((f) => f.movingShare), formatPercent)],
      ...Object.entries(meta.networks).map(([name, text]): [string, string] => [`Network: ${name}`, text]),
      ...Object.entries(meta.timings).map(([stage, secs]): [string, string] => [`Time: ${stage}`, formatDuration(secs)]),
      ['Peak memory', meta.peakMemoryBytes === null ? null : formatBytes(meta.peakMemoryBytes)],
    ];
    const warnings = new Set([...meta.warnings, ...(report?.warnings.map((w) => w.message) ?? [])]);
    put(element, summary && h('p', { class: 'trust' }, summary.sentence),
      ...[...warnings].map((text) => h('p', { class: 'warning' }, text)),
      h('dl', {}, ...rows.filter((row): row is [string, string] => row[1] !== null).flatMap(([term, text]) => [h('dt', {}, term), h('dd', {}, text)])));
  });
  return element;
}

const shownOrNull = (value: number | null, show: (value: number) => string): string | null => (value === null ? null : show(value));
