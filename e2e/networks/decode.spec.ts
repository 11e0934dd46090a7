import { readFileSync, statSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { PNG } from 'pngjs';
import { clip, expect, ROOT, test } from './lab.ts';

interface Given { readonly name: string; readonly mimeType: string; readonly buffer: Buffer }
const file = (path: string, name = path.split('/').at(-1)!): Given => ({ name, mimeType: '', buffer: readFileSync(path) });
const bytes = (name: string, buffer: Buffer): Given => ({ name, mimeType: '', buffer });

/** Opens what was given and reads up to `count` frames; an error comes back as its code and message. */
async function open(page: Page, files: Given | Given[], { count = 4, size = 96 } = {}) {
  await page.setInputFiles('input', files);
  return page.evaluate(async ({ count, size }) => {
    try {
      const source = await window.lab.openSource(window.lab.files());
      const { width, height } = window.lab.workingSize(source.info.width, source.info.height, size);
      const chosen = window.lab.chooseFrames(source.frames, { maxFrames: count, startSecs: null, endSecs: null });
      const frames = await source.read(chosen, width, height, { aborted: false }, () => {});
      return {
        error: null, info: source.info, sha256: source.sha256, warnings: (source.warnings ?? []).map((w) => w.message), times: source.frames.map((f) => f.timeSecs),
        frames: frames.map((f) => ({ index: f.index, width: f.width, height: f.height, rgba: [...f.rgba] })),
      };
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return { error: { code, message }, info: null, sha256: '', warnings: [], times: [], frames: [] };
    }
  }, { count, size });
}

const meanDifference = (a: number[], b: number[]) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]!), 0) / a.length;

test.describe('development clips', () => {
  test.skip(clip('bear.mp4') === null, 'the clips are not at hand');

  test('a turned video stands upright', async ({ page }) => {
    const upright = await open(page, file(clip('backpack-portrait.mp4')!));
    const turned = await open(page, file(clip('backpack-rotated.mov')!));
    expect(turned.info).toMatchObject({ width: 368, height: 480 });
    expect(turned.frames).toHaveLength(4);
    for (const [i, frame] of turned.frames.entries()) expect(meanDifference(frame.rgba, upright.frames[i]!.rgba)).toBeLessThan(8);
  });

  test('a variable frame rate keeps its times', async ({ page }) => {
    const { times, info } = await open(page, file(clip('kitten-vfr.mp4')!));
    const gaps = times.slice(1).map((t, i) => t - times[i]!);
    expect(times).toHaveLength(149);
    expect(times[0]).toBe(0);
    expect(Math.min(...gaps)).toBeCloseTo(0.0333, 3);
    expect(Math.max(...gaps)).toBeCloseTo(0.0667, 3);
    expect(info!.durationSecs).toBeCloseTo(5.04, 1);
  });

  test('WebM is read, with times rounded to milliseconds', async ({ page }) => {
    // Five of its 95 VP8 packets are hidden.
    const { times, frames, warnings } = await open(page, file(clip('stream-of-water.webm')!));
    expect(times).toHaveLength(90);
    expect(times.at(-1)).toBeCloseTo(2.97, 3);
    expect(frames.map((f) => f.index)).toEqual([0, expect.any(Number), expect.any(Number), 89]);
    expect(warnings).toEqual([]);
  });

  test('chosen frames are those that were asked for', async ({ page }) => {
    const all = await open(page, file(clip('bear.mp4')!), { count: 82, size: 64 });
    const few = await open(page, file(clip('bear.mp4')!), { count: 5, size: 64 });
    expect(few.frames.map((f) => f.index)).toEqual([0, 20, 41, 61, 81].map((n) => expect.closeTo(n, -0.4)));
    for (const frame of few.frames) expect(meanDifference(frame.rgba, all.frames[frame.index]!.rgba)).toBeLessThan(0.5);
  });

  test('a codec that the browser lacks is named', async ({ page }) => {
    const { error } = await open(page, file(clip('lady-running.mpeg4-part2.mp4')!));
    expect(error).toMatchObject({ code: 'decode/unsupported-codec', message: expect.stringMatching(/MPEG-4 part 2.*H\.264/) });
  });

  test('a cut-off file gives what is there, or says so', async ({ page }) => {
    for (const name of ['bear.mp4', 'stream-of-water.webm', 'kitten-vfr.mp4']) {
      const path = clip(name)!;
      const half = readFileSync(path).subarray(0, statSync(path).size >> 1);
      const { error, frames, warnings, times } = await open(page, bytes(name, half));
      if (error) expect(error, name).toMatchObject({ code: 'decode/damaged', message: expect.stringContaining('cut off') });
      else {
        expect(frames.length, name).toBeGreaterThanOrEqual(2);
        if (!name.endsWith('.webm')) expect(warnings[0], name).toMatch(new RegExp(`cut off: ${times.length} of its`));
      }
    }
  });
});

test('bad input gets one clear sentence', async ({ page }) => {
  const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251));
  const tone = Buffer.concat([Buffer.from('RIFF'), Buffer.from([36 + 8000, 31, 0, 0]), Buffer.from('WAVEfmt '), Buffer.from([16, 0, 0, 0, 1, 0, 1, 0, 64, 31, 0, 0, 64, 31, 0, 0, 1, 0, 8, 0]), Buffer.from('data'), Buffer.from([64, 31, 0, 0]), Buffer.alloc(8000, 128)]);
  const cases: [Given | Given[], string][] = [
    [bytes('empty.mp4', Buffer.alloc(0)), 'decode/empty'],
    [bytes('noise.mp4', noise), 'decode/not-a-video'],
    [bytes('letter.txt', Buffer.from('Dear reader')), 'decode/not-a-video'],
    [bytes('tone.wav', tone), 'decode/no-video'],
    [bytes('one.png', picture(8, 6, 0)), 'decode/too-few-frames'],
    [[bytes('a1.png', picture(8, 6, 0)), bytes('a2.png', picture(8, 8, 0))], 'decode/image-sizes'],
    [[bytes('a1.png', picture(8, 6, 0)), bytes('a2.png', noise)], 'decode/damaged'],
    [file(`${ROOT}e2e/fixtures/mpeg4-part2.mp4`), 'decode/unsupported-codec'],
    [file(`${ROOT}e2e/fixtures/one-frame.mp4`), 'decode/too-few-frames'],
  ];
  for (const [given, code] of cases) {
    const { error } = await open(page, given);
    expect(error, JSON.stringify(error)).toMatchObject({ code });
    // One sentence: a capital or a quote at the front, one full stop, at the end.
    expect(error!.message).toMatch(/^["A-Z].*[^.]\.$/);
  }
});

test('pictures are put in the order of their numbers', async ({ page }) => {
  const given = [10, 2, 1].map((n) => bytes(`frame${n}.png`, picture(30, 21, n * 20)));
  const { frames, times, info, sha256 } = await open(page, given);
  expect(frames.map((f) => f.rgba[0])).toEqual([20, 40, 200]);
  expect(frames[0]).toMatchObject({ width: 30, height: 22 });
  expect(times[1]).toBeCloseTo(1 / 12);
  expect(info!.name).toBe('frame');
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
});

test('thumbnails come upright with their times', async ({ page }) => {
  await page.setInputFiles('input', [1, 2, 3].map((n) => bytes(`frame${n}.png`, picture(640, 360, n * 20))));
  const thumbnails = await page.evaluate(async () => {
    const made = await window.lab.makeThumbnails(await window.lab.openSource(window.lab.files()));
    return Promise.all(made.map(async ({ timeSecs, image }) => {
      const { width, height } = await createImageBitmap(image);
      return { timeSecs, width, height };
    }));
  });
  expect(thumbnails).toEqual([0, 1, 2].map((i) => ({ timeSecs: i / 12, width: 160, height: 90 })));
});

/** A PNG of one grey. */
function picture(width: number, height: number, grey: number): Buffer {
  const png = new PNG({ width, height });
  png.data.fill(grey);
  for (let i = 3; i < png.data.length; i += 4) png.data[i] = 255;
  return PNG.sync.write(png);
}
