// Pictures and videos of the view, drawn frame by frame: never a recording of the screen.

import { createVideoWriter, type VideoFormat } from '../platform/browser/video-writer.ts';
import { frameAt } from '../viewer/clock.ts';
import { moveView, viewAlongKeys, type Move } from '../viewer/moves.ts';
import type { App } from './app.ts';
import { download } from './files.ts';
import { formatTime, sceneName } from './format.ts';
import type { Quantity } from './panels/curves.ts';
import { paintFrame } from './pictures.ts';
import { drawLabels, writeCurve, type WrittenCurve } from './written.ts';

export interface VideoWish {
  readonly move: Move;
  readonly format: VideoFormat;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Length of a move around a frozen moment; the others last as long as the clip or its loop. */
  readonly frozenSecs: number;
  /** The rest of a longer one is left out. */
  readonly mostSecs?: number;
  /** The view alone, the video on its left, or the video that is wiped off the view from the same place, there and back. */
  readonly layout: 'view' | 'beside' | 'wipe';
  /** Measures and tracks with their names and numbers. */
  readonly labels?: boolean;
  /** Curves of the selected tracks in a corner. */
  readonly curve?: Quantity | null;
}

export interface StillWish {
  /** Multiple of the view's size, or px of the longer side's fitting frame. */
  readonly size: { readonly times: number } | { readonly width: number; readonly height: number };
  readonly background: boolean;
  /** Measures and tracks with their names and numbers. */
  readonly labels: boolean;
}

export const PLAIN_STILL: StillWish = { size: { times: 1 }, background: true, labels: false };

/** The view as a PNG. */
export async function takeStill(app: App, { size, background, labels }: StillWish): Promise<Blob> {
  const { viewer: { stage } } = app;
  const [width, height] = 'times' in size ? [stage.width * size.times, stage.height * size.times] : [size.width, size.height];
  let picture: Blob | null = null;
  await stage.capture(width, height, background, async (shoot) => {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d')!;
    context.drawImage(shoot(), 0, 0);
    if (labels) drawLabels(app, context);
    picture = await canvas.convertToBlob({ type: 'image/png' });
  });
  if (!picture) throw new Error('The picture could not be made; try a smaller size.');
  return picture;
}

export const stillName = ({ clock, store }: App): string => `${sceneName(store.state.open!.scene)} ${formatTime(clock.timeSecs).replace(':', '.')}.png`;

/** Saves the view as it is. */
export async function saveStill(app: App, wish = PLAIN_STILL): Promise<void> {
  if (!app.store.state.open) return;
  try {
    download(await takeStill(app, wish), stillName(app));
    app.announce('The picture is saved');
  } catch (error) {
    app.fail(error);
  }
}

/** Puts the view on the clipboard. */
export async function copyStill(app: App, wish: StillWish): Promise<void> {
  try {
    // Some browsers want the promise at once, or the click counts no more.
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': takeStill(app, wish) })]);
    app.announce('The picture is on the clipboard');
  } catch {
    app.say({ message: 'This browser does not allow copying pictures; save it instead.', action: null });
  }
}

/** Where the system can pass pictures on: phones, mostly. */
export function canPassOn(): boolean {
  return typeof navigator.canShare === 'function' && navigator.canShare({ files: [new File([], 'a.png', { type: 'image/png' })] });
}

export async function passOnStill(app: App, wish: StillWish): Promise<void> {
  try {
    await navigator.share({ files: [new File([await takeStill(app, wish)], stillName(app), { type: 'image/png' })] });
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) app.fail(error);
  }
}

/** Seconds that a video will last. */
export function videoSecs({ clock, store }: App, { move, frozenSecs }: Pick<VideoWish, 'move' | 'frozenSecs'>): number {
  const times = store.state.open?.scene.times;
  if (move === 'bullet' || !times) return frozenSecs;
  const span = times[clock.last] - times[clock.first];
  // The last frame is shown as long as the others.
  return Math.max(0.1, (span + span / Math.max(1, clock.last - clock.first)) / clock.rate);
}

const evenHalf = (width: number): number => 2 * Math.round(width / 4);

/** The whole picture in the left part, on black. */
function drawFitting(context: OffscreenCanvasRenderingContext2D, picture: HTMLCanvasElement, width: number, height: number): void {
  const scale = Math.min(width / picture.width, height / picture.height);
  const [w, h] = [picture.width * scale, picture.height * scale];
  context.fillStyle = '#000';
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
}

/** Draws the whole video; null when it was cancelled. */
export async function makeVideo(app: App, wish: VideoWish, onProgress: (done: number, total: number) => void, signal: AbortSignal): Promise<Blob | null> {
  const { viewer, clock, store } = app;
  const { stage, navigation } = viewer;
  const { scene } = store.state.open!;
  const before = { mode: navigation.mode, view: navigation.view, frame: clock.frame, playing: clock.playing };
  const total = Math.max(1, Math.round(Math.min(wish.mostSecs ?? Infinity, videoSecs(app, wish)) * wish.fps));
  const canvas = new OffscreenCanvas(wish.width, wish.height);
  const context = canvas.getContext('2d', { willReadFrequently: wish.format !== 'recorded' && wish.format !== 'png' })!;
  const writer = await createVideoWriter(wish.format, canvas, wish.fps);
  const start = scene.times[clock.first];
  clock.pause();
  const through = wish.move === 'through' || wish.layout === 'wipe';
  if (through) navigation.setMode('through');
  let finished = false;
  let curve: WrittenCurve | null = null;
  try {
    const keyed = !through && (wish.move === 'keys' || wish.move === 'keys-straight');
    const beside = wish.layout === 'beside';
    const left = beside ? evenHalf(wish.width) : 0;
    curve = wish.curve ? await writeCurve(app, wish.curve, wish.width - left, wish.height) : null;
    await stage.capture(wish.width - left, wish.height, true, async (shoot) => {
      for (let i = 0; i < total && !signal.aborted; i++) {
        const share = i / total;
        if (wish.move !== 'bullet') clock.seek(Math.min(clock.last, frameAt(scene.times, start + (i / wish.fps) * clock.rate)));
        if (keyed) {
          const { view, fov } = viewAlongKeys(store.state.keys, scene.times, start + (i / wish.fps) * clock.rate, wish.move === 'keys-straight');
          navigation.stand(view, fov);
        } else if (!through) navigation.stand(moveView(navigation.mode === 'follow' ? navigation.view : before.view, wish.move, share));
        if (wish.layout === 'wipe') viewer.layImage((1 + Math.cos(2 * Math.PI * share)) / 2);
        context.drawImage(shoot(), left, 0);
        if (wish.labels) drawLabels(app, context, left);
        curve?.draw(context, left);
        if (beside) drawFitting(context, paintFrame(scene, clock.frame), left, wish.height);
        await writer.add(canvas);
        onProgress(i + 1, total);
        // The page has to hear of a cancel.
        await new Promise((resolve) => setTimeout(resolve));
      }
    });
    finished = !signal.aborted;
    if (finished) return await writer.finish();
    return null;
  } finally {
    if (!finished) await writer.cancel().catch(() => {});
    curve?.dispose();
    viewer.layImage(null);
    clock.seek(before.frame);
    if (before.mode !== 'through') {
      navigation.look(before.view);
      navigation.setMode(before.mode);
    }
    if (before.playing) clock.play();
  }
}
