// A clip becomes a scene, the scene a link; it opens on somebody's phone at the same moment and view, and goes away again.

import { writeFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import type { Automation } from '../../src/ui/automation.ts';
import { leaveDialog } from '../app.ts';
import { arrived, onPhone, reconstruct, share } from './share.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' }, permissions: ['clipboard-read', 'clipboard-write'] });

type OrbitView = Extract<ReturnType<Automation['getLinkView']>, { kind: 'orbit' }>;
const look = (page: Page) => page.evaluate(() => {
  const { times } = window.foursight.getScene()!;
  const { frame } = window.foursight.getState();
  return { frame, secs: times[frame], view: window.foursight.getLinkView() as OrbitView };
});

test('reconstruct, share, open on a phone at the same moment and view, delete, gone', async ({ page, browser, request }) => {
  test.setTimeout(600_000);
  await reconstruct(page);
  await page.evaluate(() => window.foursight.seek(4));
  for (const key of ['j', 'j', 'i', 'z']) await page.keyboard.press(key);
  await page.keyboard.press('g');
  const here = await look(page);

  // Nothing leaves before the button is pressed.
  const sent: string[] = [];
  page.on('request', (r) => { if (r.method() !== 'GET') sent.push(r.url()); });
  await page.keyboard.press('Shift+S');
  await expect(page.getByTestId('share')).toBeVisible();
  await expect(page.getByTestId('share-size')).toContainText('5 frames');
  await leaveDialog(page);
  expect(sent).toEqual([]);
  const link = await share(page, 'thumbnails', async () => {
    await page.getByTestId('share-title').fill('Room & "friends"');
    await page.getByTestId('share-text').fill('A room, and <what> moves in it.');
    await page.screenshot({ path: test.info().outputPath('choices.png') });
  });
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
  await page.screenshot({ path: test.info().outputPath('dialog.png') });

  await page.getByTestId('share-moment').click();
  const moment = await page.getByTestId('share-moment-link').inputValue();
  const start = /foursight:start" content="#t=([\d.]+)&#38;c=o/.exec(await (await request.get(moment)).text());
  expect(Number(start![1])).toBeCloseTo(here.secs, 3);

  await onPhone(browser, async (phone) => {
    await phone.goto(link);
    await expect(phone.getByTestId('title')).toHaveText('Room & "friends"', { timeout: 30_000 });
    await arrived(phone);
    const there = await look(phone);
    expect(there.frame).toBe(here.frame);
    expect(there.secs).toBe(here.secs);
    expect(Math.abs(there.view.azimuth - here.view.azimuth)).toBeLessThan(0.5);
    expect(Math.abs(there.view.elevation - here.view.elevation)).toBeLessThan(0.5);
    expect(there.view.distance / here.view.distance).toBeCloseTo(1, 2);
    there.view.target.forEach((v, i) => expect(v).toBeCloseTo(here.view.target[i], 2));
    const [known, points] = await phone.evaluate(() => [window.foursight.getScene()!.depth.filter((z) => z > 0).length, window.foursight.getState().points]);
    expect(known).toBeGreaterThan(1000);
    expect(points).toBeGreaterThan(1000);
    await phone.screenshot({ path: test.info().outputPath('phone.png') });
    await phone.goto(moment);
    await arrived(phone);
    expect((await look(phone)).frame).toBe(4);
  });

  // What chats and crawlers read: they run no script.
  const html = await (await request.get(link.replace(/#.*/, ''))).text();
  expect(html).toContain('<meta property="og:title" content="Room &#38; &#34;friends&#34;">');
  expect(html).toContain('<meta property="og:description" content="A room, and &#60;what&#62; moves in it.">');
  const image = await request.get(/og:image" content="([^"]*)"/.exec(html)![1]);
  expect(image.headers()['content-type']).toBe('image/jpeg');
  writeFileSync(test.info().outputPath('card.jpg'), await image.body());
  expect((await image.body()).length).toBeLessThanOrEqual(100_000);
  expect((await request.get(/json\+oembed" href="([^"]*)"/.exec(html)![1].replaceAll('&#38;', '&'))).status()).toBe(200);

  await page.getByTestId('my-links').locator('summary').click();
  await page.getByTestId('link-rename').first().click();
  await page.getByTestId('link-title').fill('Another name');
  await page.getByTestId('link-title').press('Enter');
  await expect(page.getByTestId('my-links')).toContainText('Another name');
  await page.getByTestId('link-delete').first().click();
  await page.getByTestId('link-delete').first().click();
  await expect(page.getByTestId('my-links')).toContainText('Nothing has been shared');
  expect((await request.get(link)).status()).toBe(410);
  await onPhone(browser, async (phone) => {
    await phone.goto(link);
    await expect(phone.getByTestId('arrival')).toContainText('no longer here');
    await phone.screenshot({ path: test.info().outputPath('gone.png') });
  });
});
