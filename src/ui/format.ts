// Numbers and names as people read them.

import type { Scene } from '../scene/scene.ts';
import type { MeasureKind } from '../viewer/measure.ts';

const numberFormats = new Map<string, Intl.NumberFormat>();

/** A number on screen, with the decimal sign of the reader's language. Files have dots: they do not come through here. */
export function formatFixed(value: number, digits: number, locale?: string): string {
  const key = `${locale ?? ''}/${digits}`;
  let format = numberFormats.get(key);
  if (!format) numberFormats.set(key, (format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false })));
  // Nobody wants to read −0.
  return format.format(value === 0 ? 0 : value);
}

/** As few digits as say it, five at most, with the decimal sign of the reader's language. */
export const formatShort = (value: number, locale?: string): string => value.toLocaleString(locale, { maximumSignificantDigits: 5, useGrouping: false });

/** mm:ss.mmm: a clock reads the same everywhere, and so do the names of files. */
export function formatTime(secs: number): string {
  const ms = Math.max(0, Math.round(secs * 1000));
  const pad = (value: number, digits: number) => String(value).padStart(digits, '0');
  return `${pad(Math.floor(ms / 60_000), 2)}:${pad(Math.floor(ms / 1000) % 60, 2)}.${pad(ms % 1000, 3)}`;
}

/** "8 s", "2 min 10 s", "1 h 5 min". */
export function formatDuration(secs: number): string {
  const s = Math.max(0, Math.round(secs));
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 === 0 || s > 600 ? `${Math.round(s / 60)} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min`;
}

export function formatBytes(bytes: number): string {
  return bytes >= 1e9 ? `${formatFixed(bytes / 1e9, 1)} GB` : bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`;
}

/** Three significant digits without an exponent; an en dash for what is unknown. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  return formatFixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

export const formatPercent = (share: number): string => `${Math.round(100 * share)} %`;

/** "1.23 ± 0.02 m": never without its unit, and with its spread where that is known (scene units). */
export function formatLength(units: number, scene: Measured, noise = NaN): string {
  const { name, factor } = unitOf(scene);
  if (!Number.isFinite(units)) return '–';
  return `${formatNumber(units * factor)}${noise > 0 ? ` ± ${formatNumber(noise * factor)}` : ''} ${name}`;
}

export type LengthUnit = 'u' | 'm' | 'cm' | 'ft';
type Measured = Pick<Scene, 'metresPerUnit'> & { readonly meta: Pick<Scene['meta'], 'settings'> };
const METRES: Readonly<Record<Exclude<LengthUnit, 'u'>, number>> = { m: 1, cm: 0.01, ft: 0.3048 };
/** Under this name the unit that lengths are shown in is kept in a scene's settings; files hold metres all the same. */
export const UNIT_SETTING = 'shown_unit';

/** Lengths stay "units" until somebody measures one; then they are metres unless another unit was chosen. */
export function unitOf({ metresPerUnit, meta }: Measured): { name: LengthUnit; factor: number } {
  const chosen = meta.settings[UNIT_SETTING];
  if (metresPerUnit === null || chosen === 'u') return { name: 'u', factor: 1 };
  const name = chosen === 'cm' || chosen === 'ft' ? chosen : 'm';
  return { name, factor: metresPerUnit / METRES[name] };
}

/** "43.2 ± 0.8°" for an angle, a length for the rest. */
export function formatMeasure(value: number, kind: MeasureKind, scene: Measured, noise: number): string {
  if (kind !== 'angle') return formatLength(value, scene, noise);
  return Number.isFinite(value) ? `${formatNumber(value)}${noise > 0 ? ` ± ${formatNumber(noise)}` : ''}°` : '–';
}

/** A scene's title as a file name. */
export const sceneName = ({ meta }: Scene): string => meta.title.replace(/[^\p{L}\p{N} ._-]+/gu, '').trim() || 'scene';
