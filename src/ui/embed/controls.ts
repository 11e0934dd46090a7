// Play, scrub, time, full screen and the way to the scene's own page.

import { h, icon, put } from '../dom.ts';
import { formatTime } from '../format.ts';
import type { Clock } from '../../viewer/clock.ts';

export interface ControlsOptions {
  readonly clock: Clock;
  /** Address of the scene's own page. */
  readonly page: string | null;
  readonly fullscreen: () => Promise<void>;
  readonly emit: (event: 'play' | 'pause' | 'ended') => void;
}

export function createControls({ clock, page, fullscreen, emit }: ControlsOptions): { element: HTMLElement; setFrameCount(count: number): void } {
  const play = h('button', { type: 'button', 'data-testid': 'embed-play', onclick: () => clock.toggle() });
  const scrub = h('input', { type: 'range', min: 0, max: 0, step: 1, value: '0', 'aria-label': 'Frame', oninput: () => { clock.pause(); clock.seek(scrub.valueAsNumber); } });
  const time = h('output', {});
  let playing: boolean | null = null;
  const update = () => {
    scrub.value = String(clock.frame);
    time.textContent = formatTime(clock.timeSecs);
    if (playing === clock.playing) return;
    const ended = playing === true && clock.loop === 'once' && clock.frame === clock.last;
    if (playing !== null) emit(clock.playing ? 'play' : ended ? 'ended' : 'pause');
    playing = clock.playing;
    put(play, icon(playing ? 'pause' : 'play'));
    play.ariaLabel = playing ? 'Pause' : 'Play';
  };
  clock.subscribe(update);
  const element = h('div', { class: 'bar', hidden: true, 'data-testid': 'embed-bar' }, play, scrub, time,
    document.fullscreenEnabled ? h('button', { type: 'button', 'aria-label': 'Full screen', onclick: () => void fullscreen() }, icon('fit')) : null,
    page ? h('a', { href: page, target: '_blank', rel: 'noopener', onclick: (event: Event) => { (event.currentTarget as HTMLAnchorElement).href = page + location.hash; } }, 'Foursight') : null);
  update();
  return { element, setFrameCount: (count) => { scrub.max = String(count - 1); } };
}
