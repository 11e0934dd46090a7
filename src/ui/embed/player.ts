// Poster, then the scene with play, scrub and full screen. Leaves scrolling and keys to the host page until it is used.

import type { Scene } from '../../scene/scene.ts';
import { isColourless } from '../../share/compact.ts';
import { formatLink, type LinkState } from '../../share/fragment.ts';
import { Clock, driveClock } from '../../viewer/clock.ts';
import { DEFAULT_LOOK, type Look } from '../../viewer/look.ts';
import { applyView, readView } from '../../viewer/view-state.ts';
import { upOf } from '../../viewer/up.ts';
import { Viewer } from '../../viewer/viewer.ts';
import { h, icon, put } from '../dom.ts';
import { formatTime } from '../format.ts';
import { applyMoment, lookOf } from '../sharing/link-state.ts';
import { explainFailure, type Arrival } from '../sharing/open-link.ts';

export interface PlayerOptions {
  readonly framed: boolean;
  readonly start: LinkState;
  /** Null: there is nothing to load until the host page says what. */
  readonly load: (arrival: Arrival) => Promise<Scene> | null;
  readonly poster: string | null;
  /** Address of the scene's own page. */
  readonly page: string | null;
}

export type PlayerEvent = 'progress' | 'loaded' | 'play' | 'pause' | 'time' | 'view' | 'select' | 'error' | 'ended' | 'context';

const calm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

export class Player {
  readonly clock = new Clock();
  viewer: Viewer | null = null;
  scene: Scene | null = null;
  look: Look;
  selected: readonly number[] = [];
  /** The host page gave the scene itself, so it may read it too. */
  loadedByHost = false;
  private readonly stage = h('main', { class: 'stage', 'aria-label': '3D scene' });
  private readonly words = h('p', { class: 'words', role: 'status' });
  private readonly cover: HTMLElement;
  private readonly bar: HTMLElement;
  private readonly listeners = new Set<(event: PlayerEvent, fields: Record<string, unknown>) => void>();
  private started = false;
  private wasPlaying = false;

  constructor(body: HTMLElement, private readonly options: PlayerOptions) {
    this.look = { ...DEFAULT_LOOK, ...lookOf(options.start, DEFAULT_LOOK) };
    document.documentElement.dataset.theme = this.look.theme;
    document.documentElement.dataset.ui = options.start.ui ?? 'full';
    this.cover = h('div', { class: 'cover' }, options.poster && h('img', { src: options.poster, alt: '', onerror: (event: Event) => (event.target as HTMLElement).remove() }),
      h('button', { type: 'button', class: 'start', 'aria-label': 'Show the scene', onclick: () => void this.begin(true) }, icon('play')), this.words);
    this.bar = this.createBar();
    body.append(this.stage, this.cover, this.bar);
    driveClock(this.clock);
    this.clock.subscribe(() => this.emit('time', { t: this.clock.timeSecs, f: this.clock.frame }));
    new IntersectionObserver(([entry]) => this.setVisible(entry.isIntersecting)).observe(body);
  }

  listen(listener: (event: PlayerEvent, fields: Record<string, unknown>) => void): void {
    this.listeners.add(listener);
  }

  /** Loads what the address names; by a tap, by coming into view, or by the host's "play". */
  async begin(tapped = false): Promise<void> {
    if (this.started) return;
    const loading = this.options.load(this.arrival());
    if (!loading) return;
    this.started = true;
    await this.follow(loading, tapped);
  }

  /** A scene from the host page. */
  async open(loading: Promise<Scene>): Promise<void> {
    this.started = this.loadedByHost = true;
    await this.follow(loading, false);
  }

  private async follow(loading: Promise<Scene>, tapped: boolean): Promise<void> {
    this.cover.querySelector('.start')?.remove();
    this.words.textContent = 'Loading …';
    try {
      this.show(await loading);
      this.arrive(tapped);
    } catch (error) {
      const { title, text } = explainFailure(error);
      this.words.textContent = `${title}. ${text}`;
      this.emit('error', { error });
    }
  }

  setLook(change: Partial<Look>): void {
    this.look = { ...this.look, ...change };
    this.viewer?.setLook(this.look);
  }

  select(tracks: readonly number[]): void {
    this.selected = tracks;
    this.viewer?.select(tracks);
    this.emit('select', { tracks });
  }

  /** The present moment and view; never with a key in it. */
  hash(): string {
    return formatLink({ timeSecs: this.clock.timeSecs, view: this.viewer ? readView(this.viewer) : undefined, tracks: this.selected });
  }

  private arrival(): Arrival {
    return {
      frames: (scene) => { if (!this.scene) this.show(scene); },
      progress: (done) => {
        this.words.textContent = `Loading … ${Math.round(100 * done)} %`;
        this.emit('progress', { phase: 'download', loaded: done, total: 1 });
      },
    };
  }

  private show(scene: Scene): void {
    const view = this.scene && this.viewer ? readView(this.viewer) : null;
    this.scene = scene;
    this.viewer ??= this.createViewer();
    this.clock.setTimes(scene.times);
    this.viewer.setLook(this.look);
    this.viewer.show(scene, upOf(scene));
    if (view) applyView(this.viewer, view);
    else if (this.options.start.view && this.options.start.view.kind !== 'track') applyView(this.viewer, this.options.start.view);
    document.title = scene.meta.title;
    const scrub = this.bar.querySelector('input')!;
    scrub.max = String(scene.frameCount - 1);
  }

  /** Everything is there. */
  private arrive(tapped: boolean): void {
    const { start } = this.options;
    const { scene, viewer } = this as { scene: Scene; viewer: Viewer };
    this.cover.remove();
    this.bar.hidden = false;
    // Without colours, depth tells the shapes apart.
    if (start.colour === undefined && isColourless(scene)) this.setLook({ colour: 'depth' });
    applyMoment(viewer, this.clock, scene.times, start);
    const tracks = (start.tracks ?? []).filter((k) => k < scene.tracks.count);
    if (tracks.length > 0) this.select(tracks);
    this.emit('loaded', this.describe());
    const still = start.timeSecs !== undefined || start.autoplay === false || calm();
    if (start.autoplay === true || !still || tapped) this.clock.play();
  }

  describe(): Record<string, unknown> {
    const scene = this.scene!;
    const duration = scene.times[scene.frameCount - 1] - scene.times[0];
    return {
      duration, frames: scene.frameCount, fps: duration > 0 ? (scene.frameCount - 1) / duration : 0, tracks: scene.tracks.count,
      units: scene.metresPerUnit === null ? 'u' : 'm', scaled: scene.metresPerUnit !== null, title: scene.meta.title,
    };
  }

  private createViewer(): Viewer {
    const viewer = new Viewer(this.stage, this.clock, {
      pick: (track) => this.select(track === null ? [] : [track]), hover: (track) => { this.stage.classList.toggle('on-trail', track !== null); },
      camera: (frame) => this.clock.seek(frame), centre: (hit) => viewer.centreOn(hit.point),
      // An embedded scene has no tools.
      point: () => {}, lasso: () => {}, navigated: () => {}, changed: () => {}, drawn: () => {},
    });
    const { canvas, controls } = viewer.stage;
    canvas.setAttribute('role', 'img');
    canvas.ariaLabel = 'Moving 3D scene; drag to turn it';
    canvas.addEventListener('webglcontextlost', () => this.emit('context', { state: 'lost' }));
    canvas.addEventListener('webglcontextrestored', () => this.emit('context', { state: 'restored' }));
    controls.addEventListener('controlend', () => this.emit('view', { hash: this.hash(), source: 'user' }));
    if (!this.options.framed) return viewer;
    // The wheel and a finger's drag belong to the host page until somebody uses the scene, and again once they leave it.
    const use = (on: boolean) => {
      controls.enabled = on;
      canvas.style.touchAction = on ? 'none' : 'pan-y';
    };
    use(false);
    canvas.addEventListener('pointerdown', (event) => { if (event.pointerType === 'mouse') use(true); }, { capture: true });
    canvas.addEventListener('click', () => use(true));
    window.addEventListener('blur', () => use(false));
    window.addEventListener('keydown', (event) => { if (event.key === 'Escape') use(false); });
    return viewer;
  }

  private createBar(): HTMLElement {
    const { clock } = this;
    const play = h('button', { type: 'button', 'data-testid': 'embed-play', onclick: () => clock.toggle() });
    const scrub = h('input', { type: 'range', min: 0, max: 0, step: 1, value: '0', 'aria-label': 'Frame', oninput: () => { clock.pause(); clock.seek(scrub.valueAsNumber); } });
    const time = h('output', {});
    let playing: boolean | null = null;
    const update = () => {
      scrub.value = String(clock.frame);
      time.textContent = formatTime(clock.timeSecs);
      if (playing === clock.playing) return;
      const ended = playing === true && clock.loop === 'once' && clock.frame === clock.last;
      if (playing !== null) this.emit(clock.playing ? 'play' : ended ? 'ended' : 'pause', {});
      playing = clock.playing;
      put(play, icon(playing ? 'pause' : 'play'));
      play.ariaLabel = playing ? 'Pause' : 'Play';
    };
    clock.subscribe(update);
    const bar = h('div', { class: 'bar', hidden: true, 'data-testid': 'embed-bar' }, play, scrub, time,
      document.fullscreenEnabled ? h('button', { type: 'button', 'aria-label': 'Full screen', onclick: () => void this.fullscreen() }, icon('fit')) : null,
      this.options.page ? h('a', { href: this.options.page, target: '_blank', rel: 'noopener', onclick: (event: Event) => { (event.currentTarget as HTMLAnchorElement).href = this.options.page + location.hash; } }, 'Foursight') : null);
    update();
    return bar;
  }

  async fullscreen(): Promise<void> {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen();
  }

  private setVisible(visible: boolean): void {
    if (!visible) {
      this.wasPlaying = this.clock.playing;
      if (this.wasPlaying) this.clock.pause();
    } else if (!this.started && this.options.start.autoplay !== false) void this.begin();
    else if (this.wasPlaying) this.clock.play();
  }

  private emit(event: PlayerEvent, fields: Record<string, unknown>): void {
    for (const listener of this.listeners) listener(event, fields);
  }
}
