// Entry of the command line: signals in, exit status out.

import { runCli } from './cli.ts';
import { EXIT } from './exit.ts';

const stop = new AbortController();

// A signal to npm ends the shell between npm and us, but does not reach us: notice that the shell is gone.
if (process.env.npm_lifecycle_event === 'foursight') {
  const shell = process.ppid;
  setInterval(() => { if (process.ppid !== shell) stop.abort(); }, 300).unref();
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Asked twice: leave at once; Playwright's own exit hook ends the browser.
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort();
  });
}
const status = await runCli(process.argv.slice(2), stop.signal);
// Only after all output has left: a pipe may be slow.
process.stdout.write('', () => process.exit(status));
