// Markdown tables for people and for notes.

import { mean } from './metrics.ts';

export type Cell = string | number | null;

/** Numbers get three digits, shares and errors alike; null is a dash. */
export function formatTable(headers: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const show = (cell: Cell) => (cell === null || (typeof cell === 'number' && !Number.isFinite(cell)) ? '–' : typeof cell === 'number' ? formatNumber(cell) : cell);
  const texts = [headers, ...rows.map((row) => row.map(show))];
  const widths = headers.map((_, c) => Math.max(3, ...texts.map((row) => row[c]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((text, c) => (c === 0 ? text.padEnd(widths[c]!) : text.padStart(widths[c]!))).join(' | ')} |`;
  const rule = `|${widths.map((w, c) => (c === 0 ? '-'.repeat(w + 2) : `${'-'.repeat(w + 1)}:`)).join('|')}|`;
  return [line(headers), rule, ...texts.slice(1).map(line)].join('\n');
}

/** The rows, and below them the mean of each column's numbers. */
export function withMeans(rows: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] {
  if (rows.length === 0) return rows;
  const means = rows[0]!.slice(1).map((_, c) => {
    const values = rows.map((row) => row[c + 1]).filter((v): v is number => typeof v === 'number' && Number.isFinite(v));
    return values.length > 0 ? mean(values) : null;
  });
  return [...rows, ['mean', ...means]];
}

function formatNumber(value: number): string {
  const size = Math.abs(value);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 0.1 || size === 0 ? value.toFixed(3).replace(/0$/, '') : value.toPrecision(2);
}
