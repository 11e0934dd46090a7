import { FoursightError } from '../../scene/errors.ts';
import { NEVER_CANCELLED } from '../../scene/job.ts';
import { chooseFrames, workingSize } from '../../video/sampling.ts';
import type { FrameSource } from '../../video/frame-source.ts';
import { toJpeg } from './canvas.ts';
import { openImages } from './image-source.ts';
import { openVideo } from './video-source.ts';

const IMAGE = /\.(png|jpe?g|webp|avif|bmp|gif)$/i;
/** What systems leave in folders beside the pictures. */
const CLUTTER = /^(\.|thumbs\.db$|desktop\.ini$)/i;

export interface Thumbnail {
  readonly timeSecs: number;
  /** JPEG, upright. */
  readonly image: Blob;
}

/** One video, or the pictures of one sequence. */
export async function openSource(given: readonly File[], fps?: number): Promise<FrameSource> {
  const files = given.filter((file) => !CLUTTER.test(file.name));
  if (files.length === 0) throw new FoursightError('decode/empty', 'There is no file to open; choose a video or a folder of pictures.');
  const images = files.filter((file) => IMAGE.test(file.name));
  if (images.length === files.length || images.length > 1) return openImages(images, fps);
  if (files.length > 1) throw new FoursightError('decode/not-a-video', `${files.length} files were given; choose one video, or the pictures of one sequence.`);
  return openVideo(files[0]!);
}

/** Small pictures spread evenly over the whole source, for the plan screen. */
export async function makeThumbnails(source: FrameSource, count = 8, size = 160): Promise<Thumbnail[]> {
  const chosen = chooseFrames(source.frames, { maxFrames: count, startSecs: null, endSecs: null });
  const { width, height } = workingSize(source.info.width, source.info.height, size);
  const frames = await source.read(chosen, width, height, NEVER_CANCELLED, () => {});
  return Promise.all(frames.map(async (frame) => ({ timeSecs: frame.timeSecs, image: await toJpeg(frame) })));
}
