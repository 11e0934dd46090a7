import { expect, test } from './lab.ts';

test('an error keeps its code, hint and stage across threads', async ({ page }) => {
  const error = await page.evaluate(() => window.lab.startService().service.fail().catch((e) => ({ ...e, message: e.message, name: e.name })));
  expect(error).toMatchObject({ name: 'FoursightError', code: 'solve/diverged', message: 'It went astray.', hint: 'Try less.', stage: 'solve' });
});

test('running out of memory is said in plain words', async ({ page }) => {
  const code = await page.evaluate(() => window.lab.startService().service.exhaust().then(() => '', (e) => e.code));
  expect(code).toBe('plan/too-large');
});

test('a crashed worker rejects what waits, and what is asked later', async ({ page }) => {
  const codes = await page.evaluate(async () => {
    const { service } = window.lab.startService();
    const first = await service.crash().then(() => '', (e) => e.code);
    return [first, await service.fail().then(() => '', (e) => e.code)];
  });
  expect(codes).toEqual(['job/crashed', 'job/crashed']);
});

test('cancel stops a loop that never pauses', async ({ page }) => {
  const { code, stopMs, rounds } = await page.evaluate(async () => {
    const controller = new AbortController();
    let rounds = 0;
    const running = window.lab.startService().service.spin(controller.signal, () => { rounds++; }).then(() => '', (e) => e.code);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const asked = performance.now();
    controller.abort();
    return { code: await running, stopMs: performance.now() - asked, rounds };
  });
  expect(code).toBe('job/cancelled');
  expect(rounds).toBeGreaterThan(0);
  expect(stopMs).toBeLessThan(2000);
});
