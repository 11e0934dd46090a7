// A scene in other people's pages: private links, the host's commands, what it may read, and several on one page.

import { expect, test, type Page } from '@playwright/test';
import { openTruth } from '../viewer/scene.ts';
import { onPhone, servePage, share } from './share.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

interface Heard { readonly type: string; readonly [field: string]: unknown }

/** The element with the script from the server, and what it tells. */
const hostPage = (link: string, attributes = 'controls="min"') => `<!doctype html><body style="height:3000px"><script type="module" src="${new URL(link).origin}/view.js"></script>
  <foursight-view src="${link.replaceAll('&', '&amp;')}" ${attributes}></foursight-view>
  <script>window.heard = []; for (const type of ['ready', 'loaded', 'time', 'view', 'error', 'context', 'select']) document.querySelector('foursight-view').addEventListener(type, ({ detail }) => heard.push(detail));</script>`;
const heard = (page: Page, type: string) => page.evaluate((t) => (window as unknown as { heard: Heard[] }).heard.filter((m) => m.type === t), type);
/** The answer, or the code of the refusal. */
const ask = (page: Page, type: string, fields: object = {}) => page.evaluate(async ([t, f]) => {
  const value = await (document.querySelector('foursight-view') as unknown as { request(type: string, fields: object): Promise<unknown> }).request(t as string, f as object).catch((e: { code: string }) => e.code);
  return value instanceof Blob ? { size: value.size, type: value.type } : value;
}, [type, fields] as const);

test('a private link opens with its whole address only, and embeds as its host commands', async ({ page, browser }) => {
  await openTruth(page);
  const link = await share(page, 'geometry', () => page.getByTestId('share-encrypted').check());
  expect(link).toMatch(/#x=[\w-]{22}&/);
  await onPhone(browser, async (phone) => {
    await phone.goto(link.replace(/x=[\w-]+&/, ''));
    await expect(phone.getByTestId('arrival')).toContainText('private');
  });
  const host = await servePage(hostPage(link));
  await page.goto(host.url);
  await expect.poll(() => heard(page, 'loaded'), { timeout: 30_000 }).toMatchObject([{ frames: 24, fps: 12, units: 'u', scaled: false, title: expect.any(String), bounds: { min: [expect.any(Number), expect.any(Number), expect.any(Number)] } }]);
  const { min, max } = (await heard(page, 'loaded'))[0].bounds as Record<'min' | 'max', number[]>;
  min.forEach((low, i) => expect(low).toBeLessThan(max[i]));
  await ask(page, 'seek', { f: 7 });
  await ask(page, 'view', { hash: '#c=o,0,0,-3,40,20,4,50&h=confidence&k=3&v=1' });
  const state = await ask(page, 'get', { what: 'state' }) as { f: number; hash: string };
  expect(state).toMatchObject({ f: 7, tracks: [3], units: 'u', hash: expect.stringMatching(/c=o,0,0,-3,40,20,4,50.*h=confidence/) });
  expect(state.hash).not.toContain('x=');
  expect([await ask(page, 'still'), await ask(page, 'get', { what: 'track', track: 1 }), await ask(page, 'seek', { f: 99 }), await ask(page, 'units', { u: 'cm' }), await ask(page, 'dance')])
    .toEqual(['not-allowed', 'not-allowed', 'bad-request', 'bad-request', 'unknown-type']);
  // A scene that the host page fails to give opens no door to the one on show.
  expect([await ask(page, 'load', { url: `${host.url}nothing` }), await ask(page, 'get', { what: 'track', track: 1 })]).toEqual(['cors', 'not-allowed']);
  // The wheel scrolls the host page, not the scene.
  const box = (await page.locator('foursight-view').boundingBox())!;
  await page.mouse.move(box.x + 50, box.y + 50);
  await page.mouse.wheel(0, 300);
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(100);
  // What it gives itself it may read.
  expect(await ask(page, 'load', { url: new URL('/samples/room-truth.npz', link).href })).toBeUndefined();
  expect(await ask(page, 'get', { what: 'track', track: 1 })).toMatchObject({ units: 'u' });
  host.close();
});

test('where its author allows it, the host page takes pictures and reads tracks', async ({ page }) => {
  await openTruth(page);
  const link = await share(page, 'thumbnails', () => page.getByTestId('share-readable').check());
  const host = await servePage(hostPage(link));
  await page.goto(host.url);
  await expect.poll(() => heard(page, 'loaded'), { timeout: 30_000 }).toHaveLength(1);
  expect(await ask(page, 'still', { w: 320, h: 200, format: 'png' })).toMatchObject({ type: 'image/png', size: expect.any(Number) });
  const track = await ask(page, 'get', { what: 'track', track: 1 }) as { units: string; visible: unknown; uv: Record<string, number> };
  expect(track.units).toBe('u');
  expect(Object.keys(track.uv)).toHaveLength(48);
  // Out of sight it rests, and goes on when it comes back.
  const playing = async () => (await ask(page, 'get', { what: 'state' }) as { playing: boolean }).playing;
  await ask(page, 'play');
  await expect.poll(playing).toBe(true);
  await page.evaluate(() => scrollTo(0, 2400));
  await expect.poll(playing).toBe(false);
  await page.evaluate(() => scrollTo(0, 0));
  await expect.poll(playing).toBe(true);
  // Options ride in the fragment: another one loads nothing again.
  await page.evaluate(() => { const frame = document.querySelector('iframe')!; frame.src = frame.src.replace(/#.*/, '#t=0.5&h=time&n=none&v=1'); });
  await expect.poll(async () => (await ask(page, 'get', { what: 'state' }) as { hash: string; f: number })).toMatchObject({ f: 6, playing: false, hash: expect.stringContaining('h=time') });
  expect(await heard(page, 'loaded')).toHaveLength(1);
  host.close();
});

test('of several embeds on a page two draw; the others show a picture until they are tapped', async ({ page }) => {
  await openTruth(page);
  const link = await share(page);
  await page.getByTestId('embed-starts').selectOption('plays');
  const code = await page.getByTestId('share-embed').inputValue();
  expect(code).toMatch(/a=1.*b=(dark|light)/);
  const host = await servePage(`<!doctype html><body style="margin:0">${code.replace(/aspect-ratio:16\/9/, 'height:200px;display:block').repeat(3)}`);
  await page.goto(host.url);
  const frames = [0, 1, 2].map((i) => page.frameLocator('iframe').nth(i));
  const drawing = () => Promise.all(frames.map((frame) => frame.locator('main canvas').count()));
  await expect.poll(async () => (await drawing()).reduce((a, b) => a + b, 0), { timeout: 60_000 }).toBe(2);
  await expect.poll(async () => Promise.all(frames.map((frame) => frame.getByRole('button', { name: 'Show the scene' }).isVisible().then(Number)))).toEqual((await drawing()).map((n) => 1 - n));
  await page.screenshot({ path: test.info().outputPath('three.png') });
  // One that gives way before its scene is there has nothing of its own to show.
  for (const [i, n] of (await drawing()).entries()) if (n > 0) await expect(frames[i].getByTestId('embed-bar')).toBeVisible({ timeout: 60_000 });
  const waiting = (await drawing()).indexOf(0);
  await frames[waiting].getByRole('button', { name: 'Show the scene' }).click();
  await expect(frames[waiting].getByTestId('embed-bar')).toBeVisible({ timeout: 60_000 });
  await expect.poll(async () => (await drawing()).reduce((a, b) => a + b, 0)).toBe(2);
  expect((await drawing())[waiting]).toBe(1);
  // The one that gave way shows what it showed, and comes back by a tap.
  const resting = (await drawing()).indexOf(0);
  await expect(frames[resting].locator('.cover img')).toHaveAttribute('src', /^blob:/);
  await page.screenshot({ path: test.info().outputPath('rested.png') });
  await frames[resting].getByRole('button', { name: 'Show the scene' }).click();
  await expect(frames[resting].locator('main canvas')).toBeVisible({ timeout: 30_000 });
  expect(code).toContain(new URL(link).pathname.replace('/s/', '/e/'));
  host.close();
});
