// A link carries everything that its grammar names, and whoever opens it sees the same, whatever they had set before.

import { expect, test, type Page } from '@playwright/test';
import { openTruth } from '../viewer/scene.ts';
import { arrived, onPhone, share } from './share.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const everything = (page: Page) => page.evaluate(() => {
  const { foursight } = window;
  const { frame, selected, navigation } = foursight.getState();
  const { layers, colour, dropStatic, style, pointPx } = foursight.getLook();
  return { frame, selected, navigation, layers, colour, dropStatic, style, pointPx, bare: document.body.classList.contains('bare'), rate: document.querySelector<HTMLSelectElement>('[data-testid=rate]')?.value };
});

test('a link gives back view, time, loop, tracks, layers, colours, points and unit', async ({ page, browser }) => {
  await openTruth(page);
  // A scale, so that there is a unit to choose.
  await page.evaluate(() => window.foursight.seek(9));
  await page.keyboard.press('m');
  const box = (await page.locator('main canvas').boundingBox())!;
  for (const share of [0.4, 0.6]) await page.mouse.click(box.x + share * box.width, box.y + 0.6 * box.height);
  await page.getByTestId('true-length').fill('2');
  await page.getByTestId('set-scale').click();
  await page.getByTestId('unit').selectOption('cm');
  await expect(page.getByTestId('length')).toContainText('200 ± ');
  await expect(page.getByTestId('length')).toContainText('cm');
  await page.keyboard.press('Escape');
  // A track that is seen at this frame, so that the view can move along with it.
  const seenNow = () => page.evaluate(() => {
    const { tracks, frameCount } = window.foursight.getScene()!;
    const { selected: [track], frame } = window.foursight.getState();
    return track !== undefined && tracks.visible[track * frameCount + frame] === 1 && !Number.isNaN(tracks.xyz![3 * (track * frameCount + frame)]);
  });
  do await page.keyboard.press('PageDown'); while (!(await seenNow()));
  for (const key of ['x', 'g', 'o', 'Shift+B', '+', '>', '[']) await page.keyboard.press(key);
  await page.getByTestId('tab-look').click();
  await page.getByTestId('dropStatic').fill('35');
  await page.keyboard.press('Shift+C');
  await page.keyboard.press('h');
  const here = await everything(page);
  expect(here).toMatchObject({ navigation: 'follow', style: 'points', colour: 'depth', dropStatic: 35, bare: true, frame: 9 });
  const seen = await page.evaluate(() => window.foursight.getLinkView());
  expect(seen.kind).toBe('track');
  const link = await share(page);
  for (const key of ['t', 'c', 'k', 'y', 'l', 'r', 'h', 'q', 'z', 'n', 'u', 'v']) expect(link, key).toMatch(new RegExp(`[#&]${key}=`));

  await onPhone(browser, async (phone) => {
    // Somebody who likes it otherwise.
    await phone.addInitScript(() => localStorage.setItem('foursight.settings', JSON.stringify({ rate: 2, look: { colour: 'time', style: 'surface', dropStatic: 0 } })));
    await phone.goto(link);
    await arrived(phone);
    expect(await everything(phone)).toEqual(here);
    const there = await phone.evaluate(() => window.foursight.getLinkView());
    expect(there.kind).toBe('track');
    if (there.kind !== 'track' || seen.kind !== 'track') return;
    expect(there.track).toBe(seen.track);
    expect(Math.abs(there.azimuth - seen.azimuth)).toBeLessThan(0.5);
    expect(Math.abs(there.elevation - seen.elevation)).toBeLessThan(0.5);
    expect(there.distance / seen.distance).toBeCloseTo(1, 2);
    await phone.keyboard.press('Escape');
    await phone.keyboard.press('Shift+C');
    await phone.screenshot({ path: test.info().outputPath('opened.png') });
  });

  // Flight, a ground of its own, and what makes no sense, in a link written by hand.
  await page.goto('about:blank');
  await page.goto(`${link.replace(/#.*/, '')}#c=f,0.1,0.2,-0.5,0,0.1,0,1,60&b=203040&q=500&z=99&k=99999&v=7`);
  await arrived(page);
  const flown = await page.evaluate(() => window.foursight.getLinkView());
  expect(flown).toMatchObject({ kind: 'fly', fov: expect.closeTo(60, 1), position: [expect.closeTo(0.1, 2), expect.closeTo(0.2, 2), expect.closeTo(-0.5, 2)] });
  expect(await page.evaluate(() => window.foursight.getLook())).toMatchObject({ ground: '203040', dropStatic: 35 });
  await expect(page.getByRole('alert').last()).toContainText('newer version');
});

test('notes lead from moment to moment, in the app, through a link and in an embed', async ({ page, browser }) => {
  await openTruth(page);
  for (const [frame, text] of [[5, 'It begins'], [17, 'It <ends>']] as const) {
    await page.evaluate((f) => window.foursight.seek(f), frame);
    await page.keyboard.press('j');
    await page.keyboard.press('Shift+N');
    await page.getByTestId('note-input').fill(text);
    await page.getByTestId('note-save').click();
  }
  await page.evaluate(() => window.foursight.seek(0));
  await page.getByTestId('note-next').click();
  await expect(page.getByTestId('note-text')).toHaveText('1 / 2  It begins');
  expect(await page.evaluate(() => window.foursight.getState().frame)).toBe(5);
  await page.screenshot({ path: test.info().outputPath('note.png') });
  const link = await share(page);
  await onPhone(browser, async (phone) => {
    await phone.goto(link);
    await arrived(phone);
    // The link was made at the first note's moment.
    await expect(phone.getByTestId('note-text')).toHaveText('1 / 2  It begins');
    await phone.getByTestId('note-next').tap();
    await expect(phone.getByTestId('note-text')).toHaveText('2 / 2  It <ends>');
    expect(await phone.evaluate(() => window.foursight.getState().frame)).toBe(17);
    await phone.screenshot({ path: test.info().outputPath('note-phone.png') });
    await phone.goto(link.replace('/s/', '/e/'));
    await expect(phone.getByTestId('embed-bar')).toBeVisible({ timeout: 30_000 });
    await phone.getByTestId('note-next').tap();
    await expect(phone.getByTestId('note-text')).toHaveText('1 / 2  It begins');
    await phone.screenshot({ path: test.info().outputPath('note-embed.png') });
  });
});

test('a link shows its first moment at once, and on the bar what is still to come', async ({ page, browser }) => {
  await openTruth(page);
  const link = await share(page, 'pictures');
  await onPhone(browser, async (phone) => {
    // A line that brings little at a time.
    await phone.addInitScript(() => {
      const real = window.fetch;
      window.fetch = async (...request) => {
        const response = await real(...request);
        if (!/\/data\//.test(String(request[0] instanceof Request ? request[0].url : request[0]))) return response;
        const bytes = new Uint8Array(await response.arrayBuffer());
        const step = Math.ceil(bytes.length / 30);
        let at = 0;
        return new Response(new ReadableStream({
          async pull(controller) {
            if (at >= bytes.length) return controller.close();
            await new Promise((resolve) => setTimeout(resolve, 150));
            controller.enqueue(bytes.slice(at, (at += step)));
          },
        }), { status: response.status, headers: response.headers });
      };
    });
    await phone.goto(link);
    const missing = phone.getByTestId('missing');
    await expect(missing).toBeVisible();
    const first = (await missing.boundingBox())!;
    await expect.poll(async () => (await missing.boundingBox())?.width ?? 0).toBeLessThan(0.8 * first.width);
    await arrived(phone);
    await expect(missing).toBeHidden();
    expect(await phone.evaluate(() => window.foursight.getState().frameCount)).toBe(24);
  });
});
