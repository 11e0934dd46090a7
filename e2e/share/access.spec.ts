// The dialogs of sharing and the embedded scene for everybody: names, contrast, keyboard, a phone's screen.

import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { leaveDialog } from '../app.ts';
import { openTruth } from '../viewer/scene.ts';
import { onPhone, share } from './share.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze();
  return violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
}

test('sharing, notes, export and embeds have no serious fault, and fit a phone', async ({ page, browser }) => {
  // A search for faults in a page of this size takes seconds, and there are six.
  test.setTimeout(480_000);
  await openTruth(page);
  await page.keyboard.press('Shift+N');
  expect(await faults(page)).toEqual([]);
  await page.getByTestId('note-input').fill('A note that is long enough to need two lines on the screen of a phone, perhaps three.');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('notes')).toBeVisible();
  await page.keyboard.press('Shift+E');
  await expect(page.getByTestId('export-size')).toContainText('About');
  expect(await faults(page)).toEqual([]);
  await leaveDialog(page);
  await page.keyboard.press('Shift+S');
  expect(await faults(page)).toEqual([]);
  await leaveDialog(page);
  const link = await share(page);
  expect(await faults(page)).toEqual([]);
  await onPhone(browser, async (phone) => {
    await phone.goto(link.replace('/s/', '/e/'));
    await expect(phone.getByTestId('embed-bar')).toBeVisible({ timeout: 30_000 });
    await phone.getByTestId('note-next').tap();
    expect(await faults(phone)).toEqual([]);
    await phone.goto(link);
    await expect(phone.getByTestId('notes')).toBeVisible({ timeout: 30_000 });
    await phone.getByTestId('note-next').tap();
    await phone.screenshot({ path: test.info().outputPath('note.png') });
    await phone.getByTestId('show-share').tap();
    await phone.getByTestId('share-another').tap();
    await phone.screenshot({ path: test.info().outputPath('share.png') });
    expect(await phone.evaluate(() => [document.documentElement, document.querySelector('dialog[open]')!].every((e) => e.scrollWidth <= e.clientWidth + 1))).toBe(true);
    const small = await phone.locator('dialog[open] :is(button, select, summary, input[type=text])').evaluateAll((all) => all.filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 44).map((e) => e.outerHTML.slice(0, 80)));
    expect(small).toEqual([]);
  });
});
