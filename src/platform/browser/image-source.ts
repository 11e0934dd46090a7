import { FoursightError } from '../../scene/errors.ts';
import { throwIfCancelled } from '../../scene/job.ts';
import type { FrameSource } from '../../video/frame-source.ts';
import { compareNatural } from '../../video/sampling.ts';
import { FramePainter } from './canvas.ts';
import { hashFiles } from './hash.ts';

/** Pictures carry no times; this many are taken per second unless stated. */
export const ASSUMED_FPS = 12;

/** A folder or a selection of numbered pictures, in the order of their numbers. */
export async function openImages(files: readonly File[], fps = ASSUMED_FPS): Promise<FrameSource> {
  const sorted = [...files].sort((a, b) => compareNatural(pathOf(a), pathOf(b)));
  if (sorted.length < 2) {
    throw new FoursightError('decode/too-few-frames', `"${sorted[0]?.name ?? ''}" is a single picture; a 4D scene needs a video or at least two pictures.`);
  }
  const first = await sizeOf(sorted[0]!);
  for (const file of sorted.slice(1)) {
    const size = await sizeOf(file);
    if (size.width !== first.width || size.height !== first.height) {
      throw new FoursightError('decode/image-sizes',
        `The pictures differ in size: "${sorted[0]!.name}" is ${first.width}×${first.height}, "${file.name}" is ${size.width}×${size.height}; choose pictures of one sequence.`);
    }
  }
  return {
    info: { name: nameOf(sorted), ...first, durationSecs: sorted.length / fps },
    sha256: await hashFiles(sorted),
    frames: sorted.map((_, index) => ({ index, timeSecs: index / fps })),
    async read(chosen, width, height, signal, onFrame) {
      const painter = new FramePainter(width, height);
      const frames = [];
      for (const { index, timeSecs } of chosen) {
        throwIfCancelled(signal);
        const picture = await decode(sorted[index]!);
        frames.push(painter.paint(index, timeSecs, (context, w, h) => context.drawImage(picture, 0, 0, w, h)));
        picture.close();
        onFrame(frames.length);
      }
      return frames;
    },
    dispose: () => {},
  };
}

/** Pictures as shown: the turn that a camera wrote into the file is applied. */
export async function decode(file: File): Promise<ImageBitmap> {
  if (file.size === 0) throw new FoursightError('decode/empty', `"${file.name}" is empty (0 bytes).`);
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch {
    throw new FoursightError('decode/damaged', `"${file.name}" cannot be read as a picture; it is damaged or of a kind that the browser does not know.`);
  }
}

async function sizeOf(file: File): Promise<{ width: number; height: number }> {
  const picture = await decode(file);
  const size = { width: picture.width, height: picture.height };
  picture.close();
  return size;
}

function pathOf(file: File): string {
  return file.webkitRelativePath || file.name;
}

/** The folder's name, or what the first picture is called without its number. */
function nameOf(sorted: readonly File[]): string {
  const folder = sorted[0]!.webkitRelativePath.split('/').at(-2);
  return folder ?? (sorted[0]!.name.replace(/[\W_]*\d*\.\w+$/, '') || 'pictures');
}
