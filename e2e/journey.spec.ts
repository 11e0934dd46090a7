// The main job, as a person does it: a clip is dropped, a scene comes out, and it is right.

import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { readSceneNpz } from '../src/scene/npz.ts';
import { drop, fileAt, fillPlan, silentWav } from './app.ts';
import { fixture, readTruth, SAMPLE } from './support.ts';
import { scoreAgainstTruth } from './truth.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });
const state = () => window.foursight.getState();

test('a dropped clip becomes a scene that agrees with its truth', async ({ page }, info) => {
  test.setTimeout(900_000);
  await page.goto('/');
  await drop(page, fileAt(SAMPLE));
  await expect(page.getByTestId('plan')).toBeVisible();
  await expect(page.getByTestId('estimate')).toContainText('24 frames of 256 × 144 px');
  await fillPlan(page, { frames: 12, tracks: 256 });
  await page.getByTestId('plan-start').click();
  await expect(page.getByTestId('stage-flow')).toHaveClass('active');
  await page.waitForFunction(() => window.foursight.getState().ready, null, { timeout: 840_000 });

  const saving = page.waitForEvent('download');
  await page.getByTestId('save').click();
  const path = info.outputPath('room.npz');
  await (await saving).saveAs(path);
  const scene = readSceneNpz(readFileSync(path));
  const scores = scoreAgainstTruth(scene, readTruth());
  // Room for the rounding of other machines above what was measured here: 0.2 %, 0.03°, 0.03, 0.84, 0.3 px, 1.01.
  expect(scores.atePathShare, 'camera path').toBeLessThan(0.01);
  expect(scores.rotationDeg, 'turn between frames, degrees').toBeLessThan(0.1);
  expect(scores.depthAbsRel, 'depth, AbsRel').toBeLessThan(0.06);
  expect(scores.maskIou, 'mask, IoU').toBeGreaterThan(0.6);
  expect(scores.tracksPx, 'static tracks, px').toBeLessThan(0.6);
  expect(scores.focalRatio, 'focal length').toBeGreaterThan(0.93);
  expect(scores.focalRatio, 'focal length').toBeLessThan(1.07);
  expect(scene.frameCount).toBe(12);
});

test('a run can be cancelled, and its plan is still there', async ({ page }) => {
  await page.goto('/');
  await drop(page, fileAt(SAMPLE));
  await page.getByTestId('plan-start').click();
  await expect(page.getByTestId('stage-flow')).toHaveClass('active', { timeout: 60_000 });
  const asked = Date.now();
  await page.getByTestId('run-cancel').click();
  await expect(page.getByTestId('plan')).toBeVisible();
  expect(Date.now() - asked).toBeLessThan(5000);
  expect(await page.evaluate(state)).toMatchObject({ phase: 'plan', title: null });
});

test('a file that is no clip is refused in one sentence, and the open scene stays', async ({ page }) => {
  await page.goto('/');
  await page.getByTestId('file-input').setInputFiles(SAMPLE.replace('room.mp4', 'room-truth.npz'));
  await page.waitForFunction(() => window.foursight.getState().ready);
  const { title } = await page.evaluate(state);
  const sample = readFileSync(SAMPLE);
  const bad = {
    'part2.mp4': { file: fileAt(fixture('mpeg4-part2.mp4')), says: /MPEG-4 part 2.*convert it to H\.264/ },
    'notes.txt': { file: { name: 'notes.txt', bytes: Buffer.from('not a video') }, says: /not a video that can be read/ },
    'sound': { file: silentWav(), says: /sound but no picture/ },
    'empty': { file: { name: 'empty.mp4', bytes: Buffer.alloc(0) }, says: /is empty/ },
    'one frame': { file: fileAt(fixture('one-frame.mp4')), says: /only one frame/ },
    'cut off': { file: { name: 'cut.mp4', bytes: sample.subarray(0, 2000) }, says: /cut off|damaged|not a video/ },
  };
  for (const [name, { file, says }] of Object.entries(bad)) {
    await drop(page, file);
    const message = page.getByRole('alert').last();
    await expect(message, name).toContainText(says);
    expect(await page.evaluate(state), name).toMatchObject({ phase: 'idle', title });
    await message.getByRole('button', { name: /close|dismiss/i }).click();
  }
});
