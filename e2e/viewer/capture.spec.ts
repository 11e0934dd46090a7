// Files made of the view: a picture and a video, drawn frame by frame.

import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { unzipSync } from 'fflate';
import { PNG } from 'pngjs';
import { leaveDialog } from '../app.ts';
import { readHalfTruth } from '../support.ts';
import { openTruth, state } from './scene.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' }, viewport: { width: 900, height: 600 } });

test.beforeEach(({ page }) => openTruth(page));

test('saves a picture at twice the size of the view, without its background', async ({ page }) => {
  const view = (await page.locator('main canvas').first().boundingBox())!;
  await page.getByTestId('show-capture').click();
  await page.getByTestId('still-size-2').click();
  await page.getByTestId('still-background').uncheck();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('still-save').click()]);
  expect(download.suggestedFilename()).toMatch(/room.*00\.00\.000\.png$/);
  const png = PNG.sync.read(readFileSync(await download.path()));
  expect(png.width).toBe(2 * Math.round(view.width));
  const alpha = Array.from({ length: png.width * png.height }, (_, i) => png.data[4 * i + 3]);
  expect(alpha.filter((a) => a === 0).length).toBeGreaterThan(0.1 * alpha.length);
  expect(alpha.filter((a) => a === 255).length).toBeGreaterThan(0.2 * alpha.length);
});

test('saves a picture of the view by its key alone', async ({ page }) => {
  const view = (await page.locator('main canvas').first().boundingBox())!;
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Shift+P')]);
  const png = PNG.sync.read(readFileSync(await download.path()));
  expect([png.width, png.height]).toEqual([Math.round(view.width), Math.round(view.height)]);
});

test('makes a video of the right length, and leaves the view as it was; a cancelled one leaves no file', async ({ page }) => {
  const before = await page.evaluate(() => window.foursight.getView());
  await page.getByTestId('show-capture').click();
  await page.getByTestId('capture-size').selectOption('640x360');
  await page.getByTestId('capture-fps').selectOption('12');
  await page.getByTestId('capture-move').selectOption('turntable');
  await expect(page.getByTestId('capture-note')).toContainText('frames');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('capture-start').click()]);
  expect(download.suggestedFilename()).toMatch(/\.(mp4|webm)$/);
  const bytes = readFileSync(await download.path());
  const played = await page.evaluate(async (base64) => {
    const video = document.createElement('video');
    video.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]));
    await new Promise((resolve, reject) => { video.onloadeddata = resolve; video.onerror = reject; });
    return { duration: video.duration, width: video.videoWidth };
  }, bytes.toString('base64'));
  const { times } = await page.evaluate(() => ({ times: [...window.foursight.getScene()!.times] }));
  const span = times[times.length - 1] - times[0];
  expect(played.width).toBe(640);
  expect(played.duration).toBeCloseTo(span + span / (times.length - 1), 1);
  expect((await page.evaluate(() => window.foursight.getView())).eye.map((v) => v.toFixed(3))).toEqual(before.eye.map((v) => v.toFixed(3)));

  await page.getByTestId('show-capture').click();
  await page.getByTestId('capture-start').click();
  await page.getByTestId('capture-cancel').click();
  await expect(page.getByTestId('capture-start')).toBeEnabled();
  expect((await state(page)).frame).toBe(0);
});

test('saves a picture of 1080p with its names and numbers, and copies it', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.keyboard.press('PageDown');
  await page.getByTestId('show-capture').click();
  await page.getByTestId('still-size-1080p').click();
  const save = async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('still-save').click()]);
    return PNG.sync.read(readFileSync(await download.path()));
  };
  const plain = await save();
  expect([plain.width, plain.height]).toEqual([1920, 1080]);
  await page.getByTestId('still-labels').check();
  const labelled = await save();
  expect(Buffer.compare(plain.data, labelled.data)).not.toBe(0);
  await page.getByTestId('still-size-1').click();
  await page.getByTestId('still-copy').click();
  await expect.poll(() => page.evaluate(async () => (await navigator.clipboard.read())[0].types)).toEqual(['image/png']);
});

test('a video along keys begins and ends with what the viewer shows, in true colours', async ({ page }) => {
  await page.keyboard.press('Shift+K');
  await page.keyboard.press('End');
  for (let k = 0; k < 3; k++) await page.keyboard.press('k');
  await page.keyboard.press('Shift+K');
  await page.keyboard.press('Home');
  const make = async (format: string): Promise<Buffer> => {
    await page.getByTestId('show-capture').click();
    await page.getByTestId('capture-move').selectOption('keys');
    await page.getByTestId('capture-size').selectOption('640x360');
    await page.getByTestId('capture-fps').selectOption('12');
    await page.getByTestId('capture-format').selectOption(format);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('capture-start').click()]);
    return readFileSync(await download.path());
  };
  // The pictures are the viewer's own, one by one.
  const pictures = Object.values(unzipSync(await make('png'))).map((bytes) => PNG.sync.read(Buffer.from(bytes)));
  await page.getByTestId('show-capture').click();
  const format = await page.locator('[data-testid=capture-format] option[value=mp4]').isDisabled() ? 'webm' : 'mp4';
  await leaveDialog(page);
  const video = await make(format);
  // Colour tag of an MP4: primaries, transfer and matrix of BT.709, not the full range.
  if (format === 'mp4') {
    const at = video.indexOf('colrnclx') + 8;
    expect([...video.subarray(at, at + 7)]).toEqual([0, 1, 0, 1, 0, 1, 0]);
  }
  for (const [index, secs] of [[0, 0.01], [pictures.length - 1, (pictures.length - 0.5) / 12]] as const) {
    const shown = await page.evaluate(async ([base64, at]) => {
      const element = document.createElement('video');
      element.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]));
      await new Promise((resolve, reject) => { element.onloadeddata = resolve; element.onerror = reject; });
      element.currentTime = at;
      await new Promise((resolve) => { element.onseeked = resolve; });
      const canvas = new OffscreenCanvas(element.videoWidth, element.videoHeight);
      const drawing = canvas.getContext('2d')!;
      // On a busy machine the frame may come to the screen only after the seek is said to be over; until then nothing is drawn.
      do {
        await new Promise(requestAnimationFrame);
        drawing.drawImage(element, 0, 0);
      } while (drawing.getImageData(0, 0, 1, 1).data[3] === 0);
      return [...drawing.getImageData(0, 0, canvas.width, canvas.height).data];
    }, [video.toString('base64'), secs] as const);
    const off = shown.reduce((sum, v, k) => sum + (k % 4 === 3 ? 0 : Math.abs(v - pictures[index].data[k])), 0) / (shown.length * 0.75);
    expect(off, `mean difference of frame ${index}, of 255`).toBeLessThan(3);
  }
});

test('without an encoder a video is recorded in real time, says so, and leaves nothing when cancelled', async ({ page }) => {
  await page.addInitScript(() => { delete (globalThis as { VideoEncoder?: unknown }).VideoEncoder; });
  await openTruth(page);
  const plan = async () => {
    await page.getByTestId('capture-size').selectOption('640x360');
    await page.getByTestId('capture-fps').selectOption('12');
  };
  await page.getByTestId('show-capture').click();
  await plan();
  const format = page.getByTestId('capture-format');
  await expect(format).toHaveValue('recorded');
  await expect(format.locator('option:checked')).toHaveText('WebM, recorded in real time');
  await expect(page.getByTestId('capture-note')).toContainText('records the frames one by one in real time');

  const saved: string[] = [];
  page.on('download', (download) => saved.push(download.suggestedFilename()));
  await page.getByTestId('capture-start').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('capture-note')).toContainText(/Frame \d+ of \d+, about .* left/);
  await page.getByTestId('capture-cancel').click();
  await expect(page.getByTestId('capture-start')).toBeEnabled();
  expect(saved).toEqual([]);

  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 120_000 }), page.getByTestId('capture-start').click()]);
  expect(download.suggestedFilename()).toMatch(/\.webm$/);
  const bytes = readFileSync(await download.path());
  const played = await page.evaluate(async (base64) => {
    const video = document.createElement('video');
    video.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]));
    await new Promise((resolve, reject) => { video.onloadeddata = resolve; video.onerror = reject; });
    return { duration: video.duration, width: video.videoWidth, span: window.foursight.getScene()!.times.at(-1)! };
  }, bytes.toString('base64'));
  expect(played.width).toBe(640);
  expect(played.duration).toBeGreaterThan(0.8 * played.span);
  expect(played.duration).toBeLessThan(1.5 * played.span + 0.5);

  // Without a recorder either there are pictures.
  await page.addInitScript(() => { delete (globalThis as { MediaRecorder?: unknown }).MediaRecorder; });
  await openTruth(page);
  await page.getByTestId('show-capture').click();
  await expect(format).toHaveValue('png');
});

/** Makes a video as the choices say and gives back its bytes. */
async function make(page: Page, choices: Readonly<Record<string, string>>): Promise<Buffer> {
  await page.getByTestId('show-capture').click();
  for (const [name, value] of Object.entries(choices)) await page.getByTestId(`capture-${name}`).selectOption(value);
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 200_000 }), page.getByTestId('capture-start').click()]);
  await expect(page.getByTestId('capture')).toBeHidden();
  return readFileSync(await download.path());
}

/** A looping picture as a browser plays it. */
const played = (page: Page, bytes: Buffer, type: string) => page.evaluate(async ([base64, kind]) => {
  const decoder = new ImageDecoder({ data: Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)), type: kind });
  await decoder.tracks.ready;
  await decoder.completed;
  const { frameCount, repetitionCount } = decoder.tracks.selectedTrack!;
  const delays: number[] = [];
  let [width, height] = [0, 0];
  let last: number[] = [];
  for (let frameIndex = 0; frameIndex < frameCount; frameIndex++) {
    const { image } = await decoder.decode({ frameIndex });
    [width, height] = [image.displayWidth, image.displayHeight];
    delays.push((image.duration ?? 0) / 1000);
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    context.drawImage(image, 0, 0);
    last = [...context.getImageData(0, 0, width, height).data];
    image.close();
  }
  return { frameCount, endless: repetitionCount === Infinity, delays, width, height, last };
}, [bytes.toString('base64'), type] as const);

const meanOff = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) if (k % 4 < 3) sum += Math.abs(a[k] - b[k]);
  return sum / (0.75 * a.length);
};

test('makes small loops for chats that look like the view and never end', async ({ page }) => {
  await page.evaluate(() => window.foursight.seek(5));
  const first = page.getByTestId('capture-size');
  await page.getByTestId('show-capture').click();
  // By keys: the first letter of a choice chooses it.
  await page.getByTestId('capture-format').focus();
  await page.keyboard.press('l');
  await expect(page.getByTestId('capture-format')).toHaveValue('gif');
  await expect(first).toHaveValue('480x270');
  await expect(page.getByTestId('capture-fps')).toHaveValue('15');
  await expect(page.getByTestId('capture-note')).toContainText('At most 8 MB');
  await expect(first.locator('option[value="1920x1080"]')).toBeDisabled();
  await leaveDialog(page);
  const span = await page.evaluate(() => { const { times } = window.foursight.getScene()!; return (1000 * (times[times.length - 1] - times[0]) * times.length) / (times.length - 1); });
  const pictures = Object.values(unzipSync(await make(page, { format: 'png', size: '480x270', fps: '12' }))).map((bytes) => PNG.sync.read(Buffer.from(bytes)));
  for (const [format, bound] of [['gif', 6], ['webp', 4]] as const) {
    const bytes = await make(page, { format, size: '480x270', fps: '12' });
    expect(bytes.length).toBeLessThan(8e6);
    const loop = await played(page, bytes, `image/${format}`);
    expect(loop).toMatchObject({ frameCount: pictures.length, endless: true, width: 480, height: 270 });
    expect(loop.delays.reduce((a, b) => a + b)).toBeGreaterThan(span - 50);
    expect(loop.delays.reduce((a, b) => a + b)).toBeLessThan(span + 50);
    expect(meanOff(loop.last, pictures.at(-1)!.data), `${format}: mean difference, of 255`).toBeLessThan(bound);
  }
});

test('puts the video beside the view, wipes it off the view, and writes names and curves', async ({ page }) => {
  const scene = readHalfTruth();
  /** The mean difference between a part of a picture (shares of its sides) and the video's frame, laid whole into it. */
  const offVideo = async (png: PNG, frame: number, [left, top, right, bottom]: readonly number[], within: readonly number[]) => {
    const [x0, y0, x1, y1] = within;
    let [sum, n] = [0, 0];
    for (let y = Math.ceil(top * png.height); y < bottom * png.height; y++) {
      for (let x = Math.ceil(left * png.width); x < right * png.width; x++) {
        const u = Math.floor(((x + 0.5 - x0) / (x1 - x0)) * scene.width);
        const v = Math.floor(((y + 0.5 - y0) / (y1 - y0)) * scene.height);
        for (let c = 0; c < 3; c++) sum += Math.abs(png.data[4 * (y * png.width + x) + c] - scene.rgb[3 * ((frame * scene.height + v) * scene.width + u) + c]);
        n += 3;
      }
    }
    return sum / n;
  };
  const { width: W, height: H } = scene;
  const unzip = (bytes: Buffer) => Object.values(unzipSync(bytes)).map((b) => PNG.sync.read(Buffer.from(b)));
  const plan = { format: 'png', size: '640x360', fps: '12' };

  const beside = unzip(await make(page, { ...plan, layout: 'beside' }));
  const high = (320 * H) / W;
  expect(await offVideo(beside[0], 0, [0.02, 0.5 - 0.4 * (high / 360), 0.48, 0.5 + 0.4 * (high / 360)], [0, 180 - high / 2, 320, 180 + high / 2])).toBeLessThan(8);

  const wiped = unzip(await make(page, { ...plan, layout: 'wipe' }));
  const wide = (360 * W) / H;
  const whole = [320 - wide / 2, 0, 320 + wide / 2, 360];
  const middle = [0.3, 0.2, 0.7, 0.8];
  const half = wiped.length >> 1;
  expect(await offVideo(wiped[0], 0, middle, whole)).toBeLessThan(8);
  const shown = await offVideo(wiped[half], Math.round(half * (24 / wiped.length)), middle, whole);
  expect(shown).toBeGreaterThan(await offVideo(wiped[0], 0, middle, whole));
  expect((await state(page)).through).toBe(false);

  await page.getByTestId('show-capture').click();
  await expect(page.getByTestId('capture-curve')).toBeDisabled();
  await leaveDialog(page);
  await page.keyboard.press('PageDown');
  const plain = unzip(await make(page, { ...plan, layout: 'view' }));
  await page.getByTestId('show-capture').click();
  await page.getByTestId('capture-labels').check();
  await leaveDialog(page);
  const written = unzip(await make(page, { ...plan, curve: 'speed' }));
  const corner = (png: PNG) => Buffer.concat(Array.from({ length: 100 }, (_, k) => png.data.subarray(((240 + k) * 640 + 10) * 4, ((240 + k) * 640 + 290) * 4)));
  expect(meanOff(corner(plain[0]), corner(written[0]))).toBeGreaterThan(5);
  // The mark of the moment moves on while nothing else of the plot does.
  const moved = meanOff(corner(written[2]), corner(written[10]));
  expect(moved).toBeGreaterThan(0.2);
  expect(moved).toBeLessThan(15);
});
