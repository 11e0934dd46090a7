// What the journeys of the viewer share: the sample's finished scene, and what the page says about itself.

import { expect, type Page } from '@playwright/test';
import { npzFile, readHalfTruth } from '../support.ts';
import type { Automation } from '../../src/ui/automation.ts';

const TRUTH = npzFile(readHalfTruth(), 'room-truth.npz');
export type State = ReturnType<Automation['getState']>;

export const state = (page: Page): Promise<State> => page.evaluate(() => window.foursight.getState());

export async function openTruth(page: Page): Promise<void> {
  await page.goto('/');
  await chooseTruth(page);
}

export async function chooseTruth(page: Page): Promise<void> {
  await page.getByTestId('file-input').setInputFiles(TRUTH);
  await expect.poll(async () => (await state(page)).ready).toBe(true);
}

interface Trail { readonly track: number; readonly x: number; readonly y: number }

/** A moving track whose head lies open in view, where a pointer can hit it; page px, once panels and picture have come to rest. */
export async function findTrail(page: Page): Promise<Trail> {
  let found: Trail | undefined;
  await expect(async () => {
    const before = found;
    found = await trailNow(page);
    expect(found).toEqual(before);
  }).toPass({ intervals: [0, 200], timeout: 15_000 });
  return found!;
}

const trailNow = (page: Page): Promise<Trail> => page.evaluate(() => {
  const { foursight } = window;
  const canvas = document.querySelector('main canvas')!.getBoundingClientRect();
  const scene = foursight.getScene()!;
  for (const track of foursight.shownTracks()) {
    const spot = foursight.trackSpot(track);
    const inside = spot && spot.x > 40 && spot.y > 80 && spot.x < canvas.width - 40 && spot.y < canvas.height - 40;
    if (inside && scene.tracks.visible[track * scene.frameCount + foursight.getState().frame]) return { track, x: canvas.left + spot.x, y: canvas.top + spot.y };
  }
  throw new Error('no trail in view');
});

/** Page px and world place of what a pixel of the present frame shows, given as shares of the picture's sides. */
export async function spotOfPixel(page: Page, across: number, down: number): Promise<{ x: number; y: number; point: [number, number, number] }> {
  return page.evaluate(([a, d]) => {
    const { foursight } = window;
    const { width: W, height: H, depth, cameras } = foursight.getScene()!;
    const { frame } = foursight.getState();
    const [u, v] = [Math.floor(a * W), Math.floor(d * H)];
    const { fx, fy, cx, cy, camToWorld: m } = cameras[frame];
    const z = depth[(frame * H + v) * W + u];
    const [x, y] = [((u + 0.5 - cx) / fx) * z, ((v + 0.5 - cy) / fy) * z];
    const point: [number, number, number] = [m[0] * x + m[1] * y + m[2] * z + m[3], m[4] * x + m[5] * y + m[6] * z + m[7], m[8] * x + m[9] * y + m[10] * z + m[11]];
    const spot = foursight.spotOf(point)!;
    const canvas = document.querySelector('main canvas')!.getBoundingClientRect();
    return { x: canvas.left + spot.x, y: canvas.top + spot.y, point };
  }, [across, down] as const);
}
