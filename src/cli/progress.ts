import { STAGE_WEIGHTS, type StageName, type StageProgress } from '../scene/job.ts';

const STAGES = Object.keys(STAGE_WEIGHTS) as StageName[];

/** 0…1 over the whole run. */
export function overallFraction({ stage, fraction }: StageProgress): number {
  const before = STAGES.slice(0, STAGES.indexOf(stage)).reduce((sum, name) => sum + STAGE_WEIGHTS[name], 0);
  return before + STAGE_WEIGHTS[stage] * fraction;
}

/** One line on stderr that is updated; plain lines now and then where stderr is no terminal. */
export class ProgressLine {
  private printed = '';
  private readonly stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.stream = stream;
  }

  show(progress: StageProgress): void {
    const percent = Math.floor(overallFraction(progress) * 100);
    const objective = progress.objective === undefined ? '' : `, objective ${progress.objective.toPrecision(4)}`;
    const line = `${String(percent).padStart(3)} % ${progress.stage}${progress.note ? `: ${progress.note}` : ''}${objective}`;
    if (this.stream.isTTY) {
      this.stream.write(`\r\x1b[K${line.slice(0, (this.stream.columns ?? 80) - 1)}`);
      this.printed = line;
      return;
    }
    const step = `${progress.stage} ${Math.floor(progress.fraction * 4)}`;
    if (step !== this.printed) this.stream.write(`${line}\n`);
    this.printed = step;
  }

  /** Leaves the terminal on a fresh line. */
  clear(): void {
    if (this.stream.isTTY && this.printed) this.stream.write('\r\x1b[K');
    this.printed = '';
  }
}
