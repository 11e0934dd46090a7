import { expect, it } from 'vitest';
import { DEFAULT_LOOK } from '../look.ts';
import { makeScene } from '../test-scene.ts';
import { CloudLayer } from './cloud.ts';

it('a change while the background is put together is for all of it', async () => {
  const [early, late] = [0, 1].map(() => new CloudLayer(makeScene({ frames: 6 }), DEFAULT_LOOK, 100_000));
  const fusing = early!.fuse();
  await new Promise((resolve) => setTimeout(resolve));
  early!.setBudget(500);
  await fusing;
  await late!.fuse();
  const before = late!.pointCount;
  late!.setBudget(500);
  expect(late!.pointCount).toBeLessThan(before / 2);
  expect(early!.pointCount).toBe(late!.pointCount);
});
