// The page as a person uses it: what is dropped, pressed and read.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, type Page } from '@playwright/test';

export interface DroppedFile { readonly name: string; readonly bytes: Buffer }

export const fileAt = (path: string): DroppedFile => ({ name: basename(path), bytes: readFileSync(path) });

/** Drags files from outside onto the middle of the page and lets go. */
export async function drop(page: Page, ...files: readonly DroppedFile[]): Promise<void> {
  const transfer = await page.evaluateHandle(async (given) => {
    const data = new DataTransfer();
    for (const { name, base64 } of given) {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      data.items.add(new File([bytes], name));
    }
    return data;
  }, files.map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') })));
  for (const type of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('body', type, { dataTransfer: transfer });
}

/** Fills in the plan on show, so that a test has time for it. */
export async function fillPlan(page: Page, plan: { frames: number; tracks: number }): Promise<void> {
  await page.getByTestId('maxFrames').fill(String(plan.frames));
  await page.getByText('Advanced').click();
  await page.getByTestId('backend').selectOption('wasm');
  await page.getByTestId('tracks').fill(String(plan.tracks));
  await expect(page.getByTestId('estimate')).toContainText(`${plan.frames} frames`);
}

/** Closes the open dialog as Escape does: browsers take a moment for it, and until then the page's own keys are silent. */
export async function leaveDialog(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.locator('dialog[open]')).toHaveCount(0);
}

/** A second of silence: sound without a picture. */
export function silentWav(): DroppedFile {
  const rate = 8000;
  const bytes = Buffer.alloc(44 + rate);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + rate, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate, 28);
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(8, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(rate, 40);
  bytes.fill(128, 44);
  return { name: 'silence.wav', bytes };
}
