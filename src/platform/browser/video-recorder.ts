// Video without an encoder of one's own: the browser records a canvas in real time, and runs only while a picture is due.

import type { VideoShape, VideoWriter } from './video-file.ts';

const TYPES = ['video/webm;codecs=vp9', 'video/webm;codecs=vp8', 'video/webm'];
const BITS_PER_PIXEL = 0.2;

const typeOf = (): string | undefined => (typeof MediaRecorder === 'function' && 'captureStream' in HTMLCanvasElement.prototype ? TYPES.find((type) => MediaRecorder.isTypeSupported(type)) : undefined);

export const canRecord = (): boolean => typeOf() !== undefined;

/** Every picture is on show for 1 / fps seconds of the clock on the wall; while the next one is drawn the recording rests. */
export function createRecorder({ width, height, fps }: VideoShape): VideoWriter {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d', { alpha: false })!;
  const [track] = canvas.captureStream(0).getVideoTracks() as CanvasCaptureMediaStreamTrack[];
  const recorder = new MediaRecorder(new MediaStream([track]), { mimeType: typeOf(), videoBitsPerSecond: BITS_PER_PIXEL * width * height * fps });
  const parts: Blob[] = [];
  let [count, recordedMs] = [0, 0];
  let failure: unknown = null;
  recorder.ondataavailable = ({ data }) => { if (data.size > 0) parts.push(data); };
  recorder.onerror = (event) => { failure = (event as unknown as { error?: unknown }).error ?? new Error('The browser stopped recording.'); };
  const stop = async () => {
    if (recorder.state !== 'inactive') {
      const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
      recorder.stop();
      await stopped;
    }
    track.stop();
  };
  return {
    add: async (picture) => {
      if (failure) throw failure;
      context.drawImage(picture, 0, 0);
      if (recorder.state === 'inactive') recorder.start();
      else recorder.resume();
      const since = performance.now();
      track.requestFrame();
      // Waits are never exact; what one was too long the next ones are shorter.
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, (++count * 1000) / fps - recordedMs)));
      recorder.pause();
      recordedMs += performance.now() - since;
    },
    finish: async () => {
      await stop();
      if (failure) throw failure;
      return withLength(new Blob(parts, { type: 'video/webm' }));
    },
    cancel: async () => {
      await stop();
      parts.length = 0;
    },
  };
}

/** Recordings do not say how long they are, so players cannot seek in them: the same pictures in a file that does. */
async function withLength(recording: Blob): Promise<Blob> {
  const { BlobSource, BufferTarget, Conversion, Input, Output, WEBM, WebMOutputFormat } = await import('mediabunny');
  const target = new BufferTarget();
  const conversion = await Conversion.init({ input: new Input({ source: new BlobSource(recording), formats: [WEBM] }), output: new Output({ format: new WebMOutputFormat(), target }) });
  if (!conversion.isValid) return recording;
  await conversion.execute();
  return new Blob([target.buffer!], { type: 'video/webm' });
}
