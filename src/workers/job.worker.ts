import { followPoints } from '../pipeline/follow-points.ts';
import { planJob } from '../pipeline/plan.ts';
import { reconstruct, solveAgain } from '../pipeline/reconstruct.ts';
import { flowBetween } from '../pipeline/stages/flow.ts';
import { createJobService } from '../platform/browser/job-service.ts';
import { serve } from '../platform/rpc.ts';

serve(createJobService({ planJob, reconstruct, solveAgain, flowBetween, followPoints }, () => new Worker(new URL('./network.worker.ts', import.meta.url), { type: 'module' })));
