// A video file as a source of frames: mediabunny reads the container, WebCodecs decodes.

import { ALL_FORMATS, BlobSource, EncodedPacketSink, Input, MatroskaInputFormat, VideoSampleSink, type InputVideoTrack, type VideoSample } from 'mediabunny';
import { FoursightError } from '../../scene/errors.ts';
import type { Frame } from '../../scene/frame.ts';
import { throwIfCancelled, type CancelSignal, type JobWarning } from '../../scene/job.ts';
import type { FrameSource, FrameTime } from '../../video/frame-source.ts';
import { FramePainter } from './canvas.ts';
import { hashFiles } from './hash.ts';

/** What people call the codecs that files name by four letters. */
const CODEC_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^mp4v|^V_MPEG4\/ISO/i, 'MPEG-4 part 2'], [/^hvc1|^hev1|^hevc|MPEGH/i, 'HEVC (H.265)'], [/^ap[ch4]|prores/i, 'ProRes'],
  [/^dvh|^dvav/i, 'Dolby Vision'], [/^avc/i, 'H.264'], [/^av0?1/i, 'AV1'], [/^vp0?9/i, 'VP9'], [/^vp0?8/i, 'VP8'], [/^mjp|^jpeg/i, 'Motion JPEG'],
];

/** Opens a video; throws one clear sentence for everything that is no video or cannot be decoded here. */
export async function openVideo(file: File): Promise<FrameSource> {
  if (file.size === 0) throw new FoursightError('decode/empty', `"${file.name}" is empty (0 bytes); choose another file.`);
  const input = new Input({ source: new BlobSource(file), formats: ALL_FORMATS });
  try {
    const track = await findTrack(input, file.name);
    const [width, height, { times, hidden }, sha256] = await Promise.all([track.getDisplayWidth(), track.getDisplayHeight(), listTimes(track), hashFiles([file])]);
    const readable = await dropUnreadable(track, times);
    const warnings: JobWarning[] = [];
    if (readable.length < 2) throw tooFewFrames(file.name, readable.length, times.length);
    const promisedSecs = await readPromisedLength(input);
    if (readable.length < times.length) {
      warnings.push({ code: 'decode/damaged', message: `"${file.name}" was cut off: ${readable.length} of its ${times.length} frames are there and are used.` });
    } else if (promisedSecs > 1.2 * readable.at(-1)!) {
      warnings.push({ code: 'decode/damaged', message: `"${file.name}" was probably cut off: ${lengthOf(readable).toFixed(1)} of its ${promisedSecs.toFixed(1)} seconds are there and are used.` });
    }
    const info = { name: file.name, width: Math.round(width), height: Math.round(height), durationSecs: lengthOf(readable) };
    return new VideoSource(input, track, readable, hidden, warnings, sha256, info);
  } catch (error) {
    input.dispose();
    throw error instanceof FoursightError ? error : new FoursightError('decode/damaged', `"${file.name}" is damaged and cannot be read as a video.`);
  }
}

class VideoSource implements FrameSource {
  readonly frames: readonly FrameTime[];

  /** @param rawTimes seconds as the file counts them; they need not begin at 0. */
  constructor(
    private readonly input: Input, private readonly track: InputVideoTrack, private readonly rawTimes: readonly number[], private readonly hidden: boolean,
    readonly warnings: JobWarning[], readonly sha256: string, readonly info: FrameSource['info'],
  ) {
    this.frames = rawTimes.map((time, index) => ({ index, timeSecs: time - rawTimes[0]! }));
  }

  /** Decodes from the key frame before each chosen frame at the earliest; what lies between far choices is skipped. */
  async read(chosen: readonly FrameTime[], width: number, height: number, signal: CancelSignal, onFrame: (done: number) => void): Promise<Frame[]> {
    const painter = new FramePainter(width, height);
    const frames: Frame[] = [];
    const sink = new VideoSampleSink(this.track);
    const samples = this.hidden ? countSamples(sink, chosen) : sink.samplesAtTimestamps(chosen.map(({ index }) => this.rawTimes[index]!));
    try {
      let k = 0;
      for await (const sample of samples) {
        const place = chosen[k++]!;
        try {
          throwIfCancelled(signal);
          if (sample) frames.push(painter.paint(place.index, place.timeSecs, (context, w, h) => sample.draw(context, 0, 0, w, h)));
        } finally {
          sample?.close();
        }
        onFrame(k);
      }
    } catch (error) {
      if (error instanceof FoursightError) throw error;
      // What was decoded before the damage is used below.
    }
    if (frames.length < Math.min(2, chosen.length)) {
      throw new FoursightError('decode/damaged', `"${this.info.name}" is damaged: fewer than two of its frames can be decoded.`);
    }
    if (frames.length < chosen.length) {
      this.warnings.push({ code: 'decode/damaged', message: `"${this.info.name}" is damaged: ${frames.length} of the ${chosen.length} chosen frames could be decoded and are used.` });
    }
    return frames;
  }

  dispose(): void {
    this.input.dispose();
  }
}

async function findTrack(input: Input, name: string): Promise<InputVideoTrack> {
  if (!(await input.canRead())) {
    throw new FoursightError('decode/not-a-video', `"${name}" is not a video that can be read here; choose an MP4, MOV, WebM or MKV file.`);
  }
  const track = await input.getPrimaryVideoTrack();
  if (!track) {
    throw (await input.getTracks()).length > 0
      ? new FoursightError('decode/no-video', `"${name}" holds sound but no picture; choose a file with a video.`)
      : new FoursightError('decode/damaged', `"${name}" holds no readable video; it was probably cut off while it was copied or recorded.`);
  }
  if (!(await track.canDecode())) {
    const id = (await track.getInternalCodecId()) ?? (await track.getCodec()) ?? 'unknown';
    const codec = CODEC_NAMES.find(([pattern]) => pattern.test(String(id)))?.[1] ?? `"${String(id)}"`;
    throw new FoursightError('decode/unsupported-codec', `"${name}" is coded as ${codec}, which this browser cannot decode; convert it to H.264 (MP4) and try again.`);
  }
  return track;
}

/**
 * Times of all frames that are shown, seconds, ascending; from the packets alone, nothing is decoded.
 * VP8 has packets that only help to decode others: `hidden` tells whether there are any.
 */
async function listTimes(track: InputVideoTrack): Promise<{ times: number[]; hidden: boolean }> {
  const times: number[] = [];
  let hidden = false;
  const isVp8 = (await track.getCodec()) === 'vp8';
  try {
    for await (const { timestamp, duration, data } of new EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: !isVp8 })) {
      // RFC 6386, 9.1: bit 4 of a VP8 frame says whether it is shown.
      if (isVp8 && !(data[0]! & 0x10)) hidden = true;
      // Frames that end before 0 only feed the decoder too; an edit list cut them off.
      else if (timestamp + duration > 0 || timestamp >= 0) times.push(timestamp);
    }
  } catch {
    // A file that ends in the middle of its index: the frames listed so far may be readable.
  }
  return { times: times.sort((a, b) => a - b).filter((time, i, all) => i === 0 || time > all[i - 1]!), hidden };
}

/**
 * Decodes everything from the beginning and counts. mediabunny deals out the packets' times in order to the frames that
 * come back, so hidden packets shift its times; the order of the frames stays right.
 */
async function* countSamples(sink: VideoSampleSink, chosen: readonly FrameTime[]): AsyncGenerator<VideoSample> {
  let wanted = 0;
  let count = 0;
  for await (const sample of sink.samples()) {
    if (count++ === chosen[wanted]?.index) {
      wanted++;
      yield sample;
    } else sample.close();
    if (wanted === chosen.length) return;
  }
}

/**
 * An index at the front may promise frames that a cut-off file no longer holds. Bytes follow time closely enough to look
 * for the border by halving.
 */
async function dropUnreadable(track: InputVideoTrack, times: readonly number[]): Promise<readonly number[]> {
  const sink = new EncodedPacketSink(track);
  const isReadable = async (i: number) => {
    try {
      const packet = await sink.getPacket(times[i]!);
      return packet !== null && packet.data.byteLength > 0 && packet.data.byteLength >= packet.byteLength;
    } catch {
      return false;
    }
  };
  if (times.length === 0 || (await isReadable(times.length - 1))) return times;
  let good = 0;
  let bad = times.length - 1;
  while (good < bad) {
    const middle = (good + bad) >> 1;
    if (await isReadable(middle)) good = middle + 1;
    else bad = middle;
  }
  return times.slice(0, good);
}

function tooFewFrames(name: string, there: number, promised: number): FoursightError {
  if (promised === 0) return new FoursightError('decode/damaged', `"${name}" holds no readable frame; it was probably cut off while it was copied or recorded.`);
  if (there < promised) return new FoursightError('decode/damaged', `"${name}" was cut off: ${there === 1 ? 'only one' : 'none'} of its ${promised} frames can be read.`);
  return new FoursightError('decode/too-few-frames', `"${name}" has only one frame; a 4D scene needs at least two.`);
}

/** Seconds that a Matroska or WebM file says it lasts: it has no index that would show a missing end. 0 for other files. */
async function readPromisedLength(input: Input): Promise<number> {
  if (!((await input.getFormat()) instanceof MatroskaInputFormat)) return 0;
  return (await input.getDurationFromMetadata()) ?? 0;
}

/** From the first frame's beginning to the last one's end, which is shown as long as the mean frame. */
function lengthOf(times: readonly number[]): number {
  return ((times.at(-1)! - times[0]!) * times.length) / (times.length - 1);
}
