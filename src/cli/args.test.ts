import { describe, expect, it } from 'vitest';
import { FoursightError } from '../scene/errors.ts';
import { DEFAULT_OPTIONS } from '../scene/options.ts';
import { parseCommand, readOptions } from './args.ts';
import { CliError, EXIT, exitStatusOf, sentenceOf } from './exit.ts';

const refusal = (line: string): string => {
  try {
    const args = parseCommand(line.split(' ').filter(Boolean));
    if (args) readOptions(args.flags);
  } catch (error) {
    expect(exitStatusOf(error)).toBe(EXIT.wrongUse);
    return sentenceOf(error);
  }
  return 'accepted';
};

describe('command line', () => {
  it('reads every option of reconstruct', () => {
    const args = parseCommand('reconstruct clip.mp4 --out a.npz --max-frames 24 --size=128 --start 0.5 --end 2 --focal 700 --tracks 64 --backend wasm --engine tfjs --json'.split(' '))!;
    expect(args).toMatchObject({ command: 'reconstruct', inputs: ['clip.mp4'], flags: { out: 'a.npz', json: true } });
    expect(readOptions(args.flags)).toEqual({
      ...DEFAULT_OPTIONS, maxFrames: 24, size: 128, startSecs: 0.5, endSecs: 2, focalPx: 700, tracks: 64, backend: 'wasm', engine: 'tfjs',
    });
  });

  it('takes the defaults of the page when nothing is said', () => {
    expect(readOptions(parseCommand('reconstruct clip.mp4 --out a.npz'.split(' '))!.flags)).toEqual(DEFAULT_OPTIONS);
  });

  it('takes a sequence that the shell has spread', () => {
    expect(parseCommand('reconstruct 1.png 2.png 3.png --out a.npz'.split(' '))!.inputs).toHaveLength(3);
  });

  it('gives help when asked', () => {
    for (const line of ['--help', 'help', 'reconstruct -h']) expect(parseCommand(line.split(' '))).toBeNull();
  });

  it.each([
    ['', 'Which command?'],
    ['reconstuct a.mp4', 'no command "reconstuct"'],
    ['reconstruct --out a.npz', 'needs an input'],
    ['reconstruct a.mp4', 'needs --out'],
    ['reconstruct a.mp4 --out', '--out needs a value'],
    ['reconstruct a.mp4 --out a.npz --frames 3', 'no option --frames'],
    ['reconstruct a.mp4 --out a.npz --size big', '"big"; it must be a number'],
    ['reconstruct a.mp4 --out a.npz --size 5', 'between 64 and 768'],
    ['reconstruct a.mp4 --out a.npz --backend cuda', 'auto, webgpu, wasm'],
    ['reconstruct a.mp4 --out a.npz --start 3 --end 2', 'must come after the start'],
    ['flow a.png --out a.flo', 'needs two images'],
    ['flow a.png b.png c.png --out a.flo', 'two images, not 3'],
    ['track a.mp4 --out t.npz', 'needs --queries'],
    ['info a.npz b.npz', 'one input, not 2'],
    ['export a.npz --out b', 'needs --to'],
  ])('refuses "%s" in one line', (line, why) => {
    const sentence = refusal(line);
    expect(sentence).toContain(why);
    expect(sentence).not.toContain('\n');
  });
});

describe('exit status', () => {
  it.each([
    [new FoursightError('decode/not-a-video', 'x'), EXIT.unreadable],
    [new FoursightError('scene/damaged', 'x'), EXIT.unreadable],
    [new FoursightError('plan/bad-option', 'x'), EXIT.wrongUse],
    [new FoursightError('solve/diverged', 'x'), EXIT.failed],
    [new FoursightError('plan/too-large', 'x'), EXIT.failed],
    [new FoursightError('job/cancelled', 'x'), EXIT.interrupted],
    [new CliError(EXIT.unreadable, 'x'), EXIT.unreadable],
    [new TypeError('x'), EXIT.failed],
  ])('of %s', (error, status) => expect(exitStatusOf(error)).toBe(status));

  it('says everything in one line, with the hint', () => {
    expect(sentenceOf(new FoursightError('decode/damaged', 'Cut\n off.', 'Copy it again.'))).toBe('Cut off. Copy it again.');
  });
});
