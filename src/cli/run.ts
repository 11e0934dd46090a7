import { ProgressLine } from './progress.ts';
import { runInPage, type JobOutcome, type PageJob } from './session.ts';

/** Runs a job with its progress on stderr. */
export async function runWithProgress(job: Omit<PageJob, 'onProgress'>): Promise<JobOutcome> {
  const line = new ProgressLine();
  try {
    return await runInPage({ ...job, onProgress: (progress) => line.show(progress) });
  } finally {
    line.clear();
  }
}
