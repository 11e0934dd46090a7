import { readFile } from 'node:fs/promises';
import { scorePoses } from '../../eval/metrics.ts';
import { guessTrajectory } from '../../exporters/index.ts';
import { readSceneNpz } from '../../scene/npz.ts';
import type { Scene } from '../../scene/scene.ts';
import { moves } from '../../scene/tracks.ts';
import { presentationOf } from '../../share/presentation.ts';
import type { ParsedArgs } from '../args.ts';
import { unreadable } from '../exit.ts';
import { cannotRead } from '../inputs.ts';

/** What a scene.npz holds, in words. */
export async function info({ inputs, flags }: ParsedArgs): Promise<void> {
  const [path] = inputs as [string];
  const read = (file: string) => readFile(file).catch((error: NodeJS.ErrnoException) => { throw cannotRead(file, error); });
  const scene = readSceneNpz(await read(path));
  const lines = describeScene(scene);
  if (flags.trajectory !== undefined) lines.push(compareTrajectory(scene, (await read(String(flags.trajectory))).toString('utf8')));
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** How far another program's camera path lies from the scene's; says how its quaternions were read. */
function compareTrajectory({ cameras }: Scene, text: string): string {
  const own = cameras.map((c) => c.camToWorld);
  const { poses, scalar, sure } = guessTrajectory(text, own);
  if (poses.length !== own.length) throw unreadable(`The trajectory has ${poses.length} poses and the scene ${own.length} frames; they have to be of the same frames.`);
  const { atePathShare, rotationDeg } = scorePoses(poses, own);
  return `Trajectory: ${poses.length} poses, quaternions with the scalar ${scalar}${sure ? ', as the cameras show' : ' (the cameras turn too little to tell)'}; ${percent(atePathShare)} of the path apart after scale, turn and shift; ${rotationDeg.toFixed(2)}° between frames.`;
}

export function describeScene(scene: Scene): string[] {
  const { meta, frameCount, width, height, times } = scene;
  const lines = [
    `"${meta.title}" from ${meta.source.name || 'an unknown source'}: ${frameCount} frames of ${width}×${height} pixels, ${times[0]!.toFixed(2)} s to ${times.at(-1)!.toFixed(2)} s.`,
    describeScale(scene), describeCamera(scene), describeDepth(scene), describeMotion(scene), describeTracks(scene),
  ];
  if (meta.summary) lines.push(`Trust: ${meta.summary.sentence}`);
  const entries = (title: string, values: Readonly<Record<string, unknown>>, show: (value: unknown) => string = String) => {
    const list = Object.entries(values).map(([name, value]) => `${name} ${show(value)}`);
    if (list.length) lines.push(`${title}: ${list.join(', ')}.`);
  };
  entries('Networks', meta.networks);
  const { text, notes } = presentationOf(scene);
  if (text) lines.push(`About: ${text}`);
  notes.forEach((note, i) => lines.push(`Note ${i + 1} of its author: ${note.text}`));
  entries('Settings', Object.fromEntries(Object.entries(meta.settings).filter(([, value]) => value === null || typeof value !== 'object' || Array.isArray(value))), (value) => (value === null ? 'automatic' : String(value)));
  entries('Seconds', meta.timings, (value) => (value as number).toFixed(1));
  if (meta.peakMemoryBytes !== null) lines.push(`Memory of the page at most: ${(meta.peakMemoryBytes / 2 ** 30).toFixed(2)} GB.`);
  return [...lines, ...meta.warnings.map((warning) => `Note: ${warning}`)];
}

const describeScale = ({ metresPerUnit }: Scene): string =>
  (metresPerUnit === null ? 'Lengths are in scene units; the scale is not known.' : `One scene unit is ${metresPerUnit.toPrecision(3)} m.`);

function describeCamera({ cameras }: Scene): string {
  const centre = (i: number) => [3, 7, 11].map((k) => cameras[i]!.camToWorld[k]!);
  let path = 0;
  for (let i = 1; i < cameras.length; i++) path += Math.hypot(...centre(i).map((v, k) => v - centre(i - 1)[k]!));
  const { fx, cx } = cameras[0]!;
  const degrees = (2 * Math.atan(cx / fx) * 180) / Math.PI;
  return `Camera: its path is ${path.toPrecision(3)} units long; focal length ${fx.toFixed(1)} px (${degrees.toFixed(0)}° across).`;
}

function describeDepth({ depth }: Scene): string {
  const known = depth.filter((z) => z > 0).sort();
  if (known.length === 0) return 'Depth: unknown everywhere.';
  const at = (share: number) => known[Math.floor(share * (known.length - 1))]!.toPrecision(3);
  return `Depth: ${at(0.05)} to ${at(0.95)} units for most pixels, median ${at(0.5)}; unknown for ${percent(1 - known.length / depth.length)}.`;
}

function describeMotion({ mask, maskNow }: Scene): string {
  return `Motion: ${percent(shareOf(mask))} of the pixels belong to something that moves, ${percent(shareOf(maskNow))} move at their frame.`;
}

function describeTracks({ tracks }: Scene): string {
  if (tracks.count === 0) return 'Tracks: none.';
  const moving = tracks.mobility.filter(moves).length;
  return `Tracks: ${tracks.count}, of which ${moving} move; a point is visible in ${percent(shareOf(tracks.visible))} of the frames.`;
}

const shareOf = (flags: Uint8Array): number => flags.reduce((n, v) => n + (v ? 1 : 0), 0) / Math.max(1, flags.length);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
