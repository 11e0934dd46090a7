// The part of a link behind #: time, view, layers and the like. Short, tolerant, never throws; it never reaches a server.

export const LINK_VERSION = 1;
const MAX_LENGTH = 600;
const MAX_TRACKS = 12;
/** s static, d moving, c cameras, t trails, m measures, g grid, y sky. */
export const LAYER_LETTERS = 'sdctmgy';
export const COLOUR_NAMES = ['picture', 'depth', 'confidence', 'motion', 'time', 'speed'] as const;
export type ColourName = typeof COLOUR_NAMES[number];

type Vec3 = readonly [number, number, number];
/** Lengths in scene units before scaling, angles in degrees. */
export type LinkView =
  | { readonly kind: 'orbit'; readonly target: Vec3; readonly azimuth: number; readonly elevation: number; readonly distance: number; readonly fov: number }
  | { readonly kind: 'fly'; readonly position: Vec3; readonly quaternion: readonly [number, number, number, number]; readonly fov: number }
  | { readonly kind: 'source' }
  | { readonly kind: 'track'; readonly track: number; readonly azimuth: number; readonly elevation: number; readonly distance: number; readonly fov: number };

/** What is absent stays as its author left it. */
export interface LinkState {
  readonly version: number;
  readonly timeSecs?: number;
  /** Read from older links, never written. */
  readonly frame?: number;
  readonly rate?: number;
  /** Seconds from and to; null = no loop. */
  readonly loop?: readonly [number, number] | null;
  readonly autoplay?: boolean;
  readonly view?: LinkView;
  readonly tracks?: readonly number[];
  /** A choice of LAYER_LETTERS. */
  readonly layers?: string;
  readonly colour?: ColourName;
  readonly dropPercent?: number;
  /** px of the recorded picture; the points are drawn as such. */
  readonly pointPx?: number;
  readonly ui?: 'none' | 'min' | 'full';
  /** dark, light or six hex digits. */
  readonly background?: string;
  readonly unit?: 'u' | 'm' | 'cm' | 'ft';
  /** Decryption key, base64url of 128 bits. */
  readonly key?: string;
  /** A scene file on any host that allows it. */
  readonly src?: string;
}

const NUMBER = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const numberOf = (text: string | null | undefined, least = -Infinity, most = Infinity): number | undefined => {
  if (!text || !NUMBER.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= least && value <= most ? value : undefined;
};
const oneOf = <T extends string>(text: string | null, choices: readonly T[]): T | undefined => choices.find((c) => c === text);
const numbersOf = (texts: readonly string[]): number[] | undefined => {
  const values = texts.map((t) => numberOf(t));
  return values.every((v) => v !== undefined) ? (values as number[]) : undefined;
};

/** `hash` with or without its #. A bad value is as if its key were absent; of two, the first counts. */
export function parseLink(hash: string): LinkState {
  // The address of a scene may be long; the rest may not.
  const fields = new URLSearchParams(hash.replace(/^#/, '').slice(0, MAX_LENGTH + 2000));
  const get = (key: string) => fields.get(key);
  const state: Record<keyof LinkState, unknown> = {
    version: numberOf(get('v'), 1, 1e6) ?? LINK_VERSION,
    timeSecs: numberOf(get('t'), 0, 1e6), frame: wholeOf(get('f'), 1e6), rate: numberOf(get('r'), 0.01, 16), loop: loopOf(get('l')),
    autoplay: get('a') === '1' ? true : get('a') === '0' ? false : undefined,
    view: viewOf(get('c')), tracks: tracksOf(get('k')), layers: layersOf(get('y')), colour: oneOf(get('h'), COLOUR_NAMES),
    dropPercent: numberOf(get('q'), 0, 95), pointPx: numberOf(get('z'), 0.1, 12), ui: oneOf(get('n'), ['none', 'min', 'full'] as const),
    background: /^(dark|light|[0-9a-f]{6})$/i.test(get('b') ?? '') ? get('b')!.toLowerCase() : undefined, unit: oneOf(get('u'), ['u', 'm', 'cm', 'ft'] as const),
    key: /^[\w-]{22}$/.test(get('x') ?? '') ? get('x')! : undefined, src: /^(https?:\/\/|\/(?!\/)|\.\/)/.test(get('src') ?? '') ? get('src')! : undefined,
  };
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined)) as unknown as LinkState;
}

const wholeOf = (text: string | null, most: number): number | undefined => (/^\d{1,7}$/.test(text ?? '') && Number(text) <= most ? Number(text) : undefined);

function loopOf(text: string | null): readonly [number, number] | null | undefined {
  if (text === '0') return null;
  const values = text?.split(',').map((t) => numberOf(t, 0, 1e6)) ?? [];
  return values.length === 2 && values[0] !== undefined && values[1] !== undefined && values[0] < values[1] ? [values[0], values[1]] : undefined;
}

function tracksOf(text: string | null): readonly number[] | undefined {
  const ids = text?.split(',').map((t) => wholeOf(t, 1e6)) ?? [];
  return ids.length > 0 && ids.length <= MAX_TRACKS && ids.every((id) => id !== undefined) ? [...new Set(ids as number[])] : undefined;
}

function layersOf(text: string | null): string | undefined {
  if (text === null || [...text].some((letter) => !LAYER_LETTERS.includes(letter))) return undefined;
  return [...LAYER_LETTERS].filter((letter) => text.includes(letter)).join('');
}

function viewOf(text: string | null): LinkView | undefined {
  const [kind, ...rest] = text?.split(',') ?? [];
  if (kind === 's' && rest.length === 0) return { kind: 'source' };
  const n = numbersOf(rest);
  const lens = (fov: number) => fov >= 1 && fov <= 150;
  if (!n) return undefined;
  if (kind === 'o' && n.length === 7 && n[5] > 0 && lens(n[6]) && Math.abs(n[4]) <= 90) return { kind: 'orbit', target: [n[0], n[1], n[2]], azimuth: n[3], elevation: n[4], distance: n[5], fov: n[6] };
  if (kind === 'f' && n.length === 8 && lens(n[7]) && Math.hypot(n[3], n[4], n[5], n[6]) > 0.5) return { kind: 'fly', position: [n[0], n[1], n[2]], quaternion: [n[3], n[4], n[5], n[6]], fov: n[7] };
  if (kind === 'k' && n.length === 5 && Number.isInteger(n[0]) && n[0] >= 0 && n[3] > 0 && lens(n[4]) && Math.abs(n[2]) <= 90) return { kind: 'track', track: n[0], azimuth: n[1], elevation: n[2], distance: n[3], fov: n[4] };
  return undefined;
}

/** With its #; empty when there is nothing to say. `v` stands last, so that the link ends in a digit. */
export function formatLink(state: Omit<LinkState, 'version' | 'frame'>): string {
  const { timeSecs, view, tracks, layers, loop, rate, autoplay, colour, dropPercent, pointPx, ui, background, unit, key, src } = state;
  const fields: [string, string | undefined][] = [
    ['src', src === undefined ? undefined : encodeURIComponent(src)], ['x', key], ['t', timeSecs === undefined ? undefined : String(Number(timeSecs.toFixed(3)))], ['c', view && formatView(view)],
    ['k', tracks?.length ? tracks.slice(0, MAX_TRACKS).join(',') : undefined], ['y', layers], ['l', loop === null ? '0' : loop?.map((t) => Number(t.toFixed(3))).join(',')],
    ['r', shown(rate)], ['a', autoplay === undefined ? undefined : autoplay ? '1' : '0'], ['h', colour], ['q', shown(dropPercent)], ['z', shown(pointPx)], ['n', ui], ['b', background], ['u', unit],
  ];
  const given = fields.filter((field): field is [string, string] => field[1] !== undefined);
  if (given.length === 0) return '';
  return `#${[...given, ['v', String(LINK_VERSION)]].map(([name, value]) => `${name}=${value}`).join('&')}`;
}

/** Four significant digits. */
const digits = (value: number): string => String(Number(value.toPrecision(4)));
const shown = (value: number | undefined): string | undefined => (value === undefined ? undefined : digits(value));

function formatView(view: LinkView): string {
  if (view.kind === 'source') return 's';
  const values = view.kind === 'orbit' ? ['o', ...view.target, view.azimuth, view.elevation, view.distance, view.fov]
    : view.kind === 'fly' ? ['f', ...view.position, ...view.quaternion, view.fov] : ['k', view.track, view.azimuth, view.elevation, view.distance, view.fov];
  return values.map((v) => (typeof v === 'number' ? digits(v) : v)).join(',');
}
