// What crawlers, chats and hosts of embeds see of a scene: they run no script, so it stands in the page's head.

import { POSTER, paths, type Moment, type SceneInfo } from '../share/protocol.ts';

/** Text for HTML, in elements and in quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

const cut = (text: string, most: number): string => ([...text].length <= most ? text : `${[...text].slice(0, most - 1).join('')}…`);

export function describe(scene: SceneInfo): string {
  if (scene.encrypted) return 'A private 4D scene: only people with the whole link can open it.';
  if (scene.text) return scene.text;
  return `A moving 3D scene of ${scene.durationSecs.toFixed(1)} s, made from an ordinary video. Turn it, play it, look around.`;
}

/** Tags for the head of /s/ID, /e/ID and a moment's page. `origin` is the address that people see. */
export function previewTags(scene: SceneInfo, origin: string, moment: Moment | null = null): string {
  // An encrypted scene's card tells nothing of it.
  const title = scene.encrypted ? 'A private 4D scene' : cut(scene.title, 70);
  const url = origin + (moment ? paths.momentPage(scene.id, moment.moment) : paths.page(scene.id));
  const shows = scene.poster && !scene.encrypted;
  const image = moment ? origin + paths.momentPicture(scene.id, moment.moment) : shows ? origin + paths.picture(scene.id) : `${origin}/icons/card.png`;
  // A moment's card is its own picture; the moving one begins at the start.
  const clip = moment || scene.encrypted ? null : scene.clip;
  const tags: readonly (readonly ['property' | 'name', string, string | number])[] = [
    ['property', 'og:site_name', 'Foursight'], ['property', 'og:type', clip ? 'video.other' : 'website'], ['property', 'og:url', url], ['property', 'og:title', title],
    ['property', 'og:description', cut(describe(scene), 200)], ['property', 'og:image', image], ['property', 'og:image:width', POSTER.width], ['property', 'og:image:height', POSTER.height],
    ['property', 'og:image:alt', cut(shows ? `Preview of ${title}` : 'Foursight', 420)],
    ...(clip ? clipTags(origin + paths.video(scene.id), clip) : []),
    ['name', 'description', cut(describe(scene), 200)], ['name', 'robots', 'noindex'],
    ['name', 'twitter:card', 'summary_large_image'], ['name', 'twitter:title', title], ['name', 'twitter:description', cut(describe(scene), 200)], ['name', 'twitter:image', image], ['name', 'twitter:image:alt', cut(shows ? `Preview of ${title}` : 'Foursight', 420)],
  ];
  const discovery = `${origin}/oembed?format=json&url=${encodeURIComponent(url)}`;
  return [
    `<title>${escapeHtml(title)} · Foursight</title>`,
    ...tags.map(([kind, name, value]) => `<meta ${kind}="${name}" content="${escapeHtml(String(value))}">`),
    ...(moment ? [`<meta name="foursight:start" content="${escapeHtml(moment.start)}">`] : []),
    ...(scene.encrypted ? [] : [`<link rel="alternate" type="application/json+oembed" href="${escapeHtml(discovery)}" title="${escapeHtml(title)}">`]),
  ].join('\n    ');
}

function clipTags(address: string, { width, height }: NonNullable<SceneInfo['clip']>): (readonly ['property', string, string | number])[] {
  return [
    ['property', 'og:video', address], ...(address.startsWith('https:') ? [['property', 'og:video:secure_url', address] as const] : []),
    ['property', 'og:video:type', 'video/mp4'], ['property', 'og:video:width', width], ['property', 'og:video:height', height],
  ];
}

/** For a scene that is not, or no longer, there. */
export function neutralTags(words: string): string {
  return [`<title>${escapeHtml(words)} · Foursight</title>`, '<meta property="og:site_name" content="Foursight">', `<meta property="og:title" content="${escapeHtml(words)}">`, '<meta name="robots" content="noindex">'].join('\n    ');
}

/** Puts the tags in place of the page's own title and description. */
export function withTags(page: string, tags: string): string {
  return page.replace(/\s*<title>[^<]*<\/title>/, '').replace(/\s*<meta name="description"[^>]*>/, '').replace('</head>', () => `  ${tags}\n  </head>`);
}

export interface OEmbed {
  readonly version: '1.0';
  readonly type: 'rich';
  readonly html: string;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly author_name: string;
  readonly provider_name: string;
  readonly provider_url: string;
  readonly cache_age: number;
  readonly thumbnail_url?: string;
  readonly thumbnail_width?: number;
  readonly thumbnail_height?: number;
}

/** 16:9, as wide as the host allows. */
export function oembed(scene: SceneInfo, origin: string, maxWidth: number, maxHeight: number, moment: Moment | null = null): OEmbed {
  const width = Math.max(1, Math.floor(Math.min(960, maxWidth, (maxHeight * 16) / 9)));
  const height = Math.max(1, Math.min(Math.floor(maxHeight), Math.round((width * 9) / 16)));
  const fits = (scene.poster || moment) && POSTER.width <= maxWidth && POSTER.height <= maxHeight;
  return {
    version: '1.0', type: 'rich', html: embedHtml(scene, origin + paths.embed(scene.id) + (moment?.start ?? ''), width, height), width, height, title: scene.title, author_name: '', provider_name: 'Foursight', provider_url: origin, cache_age: 3600,
    ...(fits ? { thumbnail_url: origin + (moment ? paths.momentPicture(scene.id, moment.moment) : paths.picture(scene.id)), thumbnail_width: POSTER.width, thumbnail_height: POSTER.height } : {}),
  };
}

function embedHtml(scene: SceneInfo, address: string, width: number, height: number): string {
  return `<iframe src="${escapeHtml(address)}" title="${escapeHtml(scene.title)}" width="${width}" height="${height}" loading="lazy" allow="fullscreen; web-share; clipboard-write; xr-spatial-tracking" style="border:0"></iframe>`;
}
