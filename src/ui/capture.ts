// Pictures and videos of the view, drawn frame by frame: never a recording of the screen.

import { createVideoWriter, type VideoFormat } from '../platform/browser/video-writer.ts';
import { frameAt } from '../viewer/clock.ts';
import { moveView, type Move } from '../viewer/moves.ts';
import type { App } from './app.ts';
import { download } from './files.ts';
import { formatTime, sceneName } from './format.ts';

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
}

/** PNG of the view at a multiple of its size. */
export async function saveStill({ viewer, store, clock, fail, announce }: App, times = 1, background = true): Promise<void> {
  const { open } = store.state;
  if (!open) return;
  const { width, height, canvas } = viewer.stage;
  try {
    let picture: Blob | null = null;
    await viewer.stage.capture(width * times, height * times, background, async (shoot) => {
      shoot();
      picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
    });
    if (!picture) throw new Error('The picture could not be made; try a smaller size.');
    download(picture, `${sceneName(open.scene)} ${formatTime(clock.timeSecs).replace(':', '.')}.png`);
    announce('The picture is saved');
  } catch (error) {
    fail(error);
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

/** Draws the whole video; null when it was cancelled. */
export async function makeVideo(app: App, wish: VideoWish, onProgress: (done: number, total: number) => void, signal: AbortSignal): Promise<Blob | null> {
  const { viewer, clock, store } = app;
  const { stage, navigation } = viewer;
  const { scene } = store.state.open!;
  const before = { mode: navigation.mode, view: navigation.view, frame: clock.frame, playing: clock.playing };
  const total = Math.max(1, Math.round(Math.min(wish.mostSecs ?? Infinity, videoSecs(app, wish)) * wish.fps));
  const canvas = new OffscreenCanvas(wish.width, wish.height);
  const context = canvas.getContext('2d')!;
  const writer = await createVideoWriter(wish.format, canvas, wish.fps);
  const start = scene.times[clock.first];
  clock.pause();
  if (wish.move === 'through') navigation.setMode('through');
  let finished = false;
  try {
    await stage.capture(wish.width, wish.height, true, async (shoot) => {
      for (let i = 0; i < total && !signal.aborted; i++) {
        const share = i / total;
        if (wish.move !== 'bullet') clock.seek(Math.min(clock.last, frameAt(scene.times, start + (i / wish.fps) * clock.rate)));
        if (wish.move !== 'through') navigation.stand(moveView(navigation.mode === 'follow' ? navigation.view : before.view, wish.move, share));
        context.drawImage(shoot(), 0, 0);
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
    clock.seek(before.frame);
    if (before.mode !== 'through') {
      navigation.look(before.view);
      navigation.setMode(before.mode);
    }
    if (before.playing) clock.play();
  }
}
