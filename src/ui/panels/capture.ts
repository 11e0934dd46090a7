// The sheet for pictures and videos of the view.

import { findVideoFormats, type VideoFormat } from '../../platform/browser/video-writer.ts';
import type { Move } from '../../viewer/moves.ts';
import type { App } from '../app.ts';
import { canPassOn, copyStill, makeVideo, passOnStill, saveStill, videoSecs, type StillWish, type VideoWish } from '../capture.ts';
import { checkbox, h, segmented } from '../dom.ts';
import { download } from '../files.ts';
import { formatDuration, formatFixed, sceneName } from '../format.ts';
import { QUANTITIES, type Quantity } from './curves.ts';

const MOVES: readonly (readonly [Move, string])[] = [
  ['as-is', 'The view as it is'], ['through', 'Through the recorded camera'], ['turntable', 'Once around'], ['sway', 'Sway from side to side'], ['push-in', 'Slowly closer'], ['bullet', 'Around this frozen moment'], ['keys', 'Along my keys, in curves'], ['keys-straight', 'Along my keys, straight'],
];
const SIZES = [['1280x720', '720p'], ['1920x1080', '1080p'], ['2560x1440', '1440p'], ['3840x2160', '4K'], ['1080x1080', 'Square 1080'], ['1080x1920', 'Upright 9:16'], ['640x360', 'Small 360p'], ['480x270', 'Chat 480 px'], ['480x480', 'Chat, square'], ['360x640', 'Chat, upright']] as const;
const FORMATS: readonly (readonly [VideoFormat, string])[] = [['mp4', 'MP4 (H.264)'], ['webm', 'WebM (VP9)'], ['recorded', 'WebM, recorded in real time'], ['gif', 'Looping GIF for chats'], ['webp', 'Looping WebP for chats (truer colours)'], ['png', 'Pictures (PNG in a ZIP)']];
const REAL_TIME = ' This browser cannot encode videos: it records the frames one by one in real time, so it takes longer than the video lasts.';
const SMALL = ' At most 8 MB: a loop that would be larger is made of smaller pictures.';
const LOOPS: readonly string[] = ['gif', 'webp'];
/** Longer side, px, and frames per second that chats still take as a loop; and what a loop starts with. */
const LOOP_MOST = { px: 640, fps: 30 };
const LOOP_FIRST = { size: '480x270', fps: '15' };
const ENDINGS: Readonly<Record<VideoFormat, string>> = { mp4: 'mp4', webm: 'webm', recorded: 'webm', gif: 'gif', webp: 'webp', png: 'zip' };
const FROZEN_SECS = 4;
const STILLS = { '1': { times: 1 }, '2': { times: 2 }, '4': { times: 4 }, '1080p': { width: 1920, height: 1080 }, '4k': { width: 3840, height: 2160 } } as const;
type StillSize = '1' | '2' | '4' | '1080p' | '4k';

export function createCaptureDialog(app: App): HTMLDialogElement {
  let stop: AbortController | null = null;
  let still: StillWish['size'] = { times: 1 };
  const select = (label: string, choices: readonly (readonly [string, string])[], testId: string, value: string) => {
    const input = h('select', { 'data-testid': testId, onchange: () => void refresh() }, ...choices.map(([key, text]) => h('option', { value: key }, text)));
    input.value = value;
    return { input, element: h('label', { class: 'field' }, h('span', {}, label), input) };
  };
  const move = select('Camera', MOVES, 'capture-move', 'as-is');
  const size = select('Size', SIZES, 'capture-size', '1920x1080');
  const fps = select('Frames per second', [['12', '12'], ['15', '15'], ['24', '24'], ['25', '25'], ['30', '30'], ['60', '60']], 'capture-fps', '30');
  const format = select('File', FORMATS, 'capture-format', 'mp4');
  const note = h('p', { class: 'note', 'data-testid': 'capture-note' });
  const bar = h('progress', { max: 1, value: 0, 'aria-label': 'Video', hidden: true });
  const start = h('button', { type: 'button', class: 'primary', 'data-testid': 'capture-start', onclick: () => void run() }, 'Make the video');
  const close = h('button', { type: 'button', 'data-testid': 'capture-cancel', onclick: () => (stop ? stop.abort() : dialog.close()) }, 'Close');
  const factor = segmented<StillSize>('Size of the picture', [['1', '1×'], ['2', '2×'], ['4', '4×'], ['1080p', '1080p'], ['4k', '4K']], (value) => { still = STILLS[value]; factor.set(value); }, 'still-size');
  factor.set('1');
  let [background, labels] = [true, false];
  const withBackground = checkbox('With background', (on) => { background = on; }, 'still-background');
  withBackground.set(true);
  const withLabels = checkbox('With names and numbers', (on) => { labels = on; }, 'still-labels');
  const picture = (): StillWish => ({ size: still, background, labels });
  const layout = select('Picture', [['view', 'The view'], ['beside', 'Video and view side by side'], ['wipe', 'Video wiped off the view']], 'capture-layout', 'view');
  const curve = select('Curve of the selected tracks', [['', 'none'], ...QUANTITIES.map(([name, text]) => [name, text] as const)], 'capture-curve', '');
  let named = false;
  const videoLabels = checkbox('With names and numbers', (on) => { named = on; }, 'capture-labels');

  const wish = (): VideoWish => {
    const [width, height] = size.input.value.split('x').map(Number);
    return { move: move.input.value as Move, format: format.input.value as VideoFormat, width, height, fps: Number(fps.input.value), frozenSecs: FROZEN_SECS, layout: layout.input.value as VideoWish['layout'], labels: named, curve: (curve.input.value || null) as Quantity | null };
  };
  const refresh = async () => {
    for (const option of move.input.options) option.disabled = option.value.startsWith('keys') && app.store.state.keys.length < 2;
    if (move.input.selectedOptions[0]?.disabled) move.input.value = 'as-is';
    // The video only lies over the view where it was recorded from.
    const wiped = layout.input.value === 'wipe';
    if (wiped) move.input.value = 'through';
    move.input.disabled = wiped;
    const anySelected = app.store.state.selected.length > 0;
    if (!anySelected) curve.input.value = '';
    curve.input.disabled = !anySelected;
    curve.input.options[0].textContent = anySelected ? 'none' : 'select tracks first';
    boundLoop();
    const { width, height, fps: rate } = wish();
    const able = await findVideoFormats({ width, height, fps: rate });
    for (const option of format.input.options) {
      option.hidden = option.value === 'recorded' && !able.includes('recorded');
      option.disabled = !able.includes(option.value as VideoFormat);
      const [, text] = FORMATS.find(([key]) => key === option.value)!;
      option.textContent = option.disabled ? `${text}: not in this browser at this size` : text;
    }
    if (format.input.selectedOptions[0]?.disabled) format.input.value = able[0];
    const secs = videoSecs(app, wish());
    note.textContent = `${formatFixed(secs, 1)} s, ${Math.max(1, Math.round(secs * rate))} frames. Speed and loop range are those of the timeline; every frame is drawn for the file.${wish().format === 'recorded' ? REAL_TIME : LOOPS.includes(wish().format) ? SMALL : ''} Keys of a move of your own: Shift+K.`;
  };
  let wasLoop = false;
  /** Chats take small loops only. */
  const boundLoop = () => {
    const loop = LOOPS.includes(format.input.value);
    for (const option of size.input.options) option.disabled = loop && Math.max(...option.value.split('x').map(Number)) > LOOP_MOST.px;
    for (const option of fps.input.options) option.disabled = loop && Number(option.value) > LOOP_MOST.fps;
    if (loop && !wasLoop) [size.input.value, fps.input.value] = [LOOP_FIRST.size, LOOP_FIRST.fps];
    wasLoop = loop;
  };
  const run = async () => {
    stop = new AbortController();
    const started = performance.now();
    const busy = (on: boolean) => {
      for (const control of [move.input, layout.input, curve.input, size.input, fps.input, format.input, start]) control.disabled = on;
      bar.hidden = !on;
      close.textContent = on ? 'Cancel' : 'Close';
    };
    busy(true);
    try {
      const blob = await makeVideo(app, wish(), (done, total) => {
        bar.value = done / total;
        const secs = (performance.now() - started) / 1000;
        note.textContent = `Frame ${done} of ${total}, about ${formatDuration((secs * (total - done)) / done)} left`;
      }, stop.signal);
      if (blob) {
        download(blob, `${sceneName(app.store.state.open!.scene)}.${ENDINGS[wish().format]}`);
        app.announce('The video is saved');
        dialog.close();
      } else app.announce('The video was cancelled');
    } catch (error) {
      app.fail(error);
    } finally {
      stop = null;
      busy(false);
      void refresh();
    }
  };

  const dialog = h('dialog', {
    class: 'sheet', 'aria-labelledby': 'capture-title', 'data-testid': 'capture',
    oncancel: (event: Event) => { if (stop) { event.preventDefault(); stop.abort(); } }, ontoggle: () => { if (dialog.open) void refresh(); },
  },
  h('header', {}, h('h2', { id: 'capture-title' }, 'Pictures and videos of the view')),
  h('section', { class: 'stack' }, h('h3', {}, 'Picture'), h('div', { class: 'row' }, factor.element, withBackground.element, withLabels.element),
  h('div', { class: 'actions start' },
    h('button', { type: 'button', 'data-testid': 'still-save', onclick: () => void saveStill(app, picture()) }, 'Save the picture'),
    h('button', { type: 'button', 'data-testid': 'still-copy', onclick: () => void copyStill(app, picture()) }, 'Copy it'),
    canPassOn() && h('button', { type: 'button', 'data-testid': 'still-share', onclick: () => void passOnStill(app, picture()) }, 'Pass it on …'))),
  h('section', { class: 'stack' }, h('h3', {}, 'Video'), h('div', { class: 'fields' }, format.element, layout.element, move.element, size.element, fps.element, curve.element), videoLabels.element, note, bar),
  h('footer', {}, close, start));
  return dialog;
}
