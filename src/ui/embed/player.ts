// Poster, then the scene with play, scrub and full screen. Leaves scrolling and keys to the host page until it is used,
// and its drawing context to other embeds when they need it more.

import type { Scene } from '../../scene/scene.ts';
import { isColourless } from '../../share/compact.ts';
import { EmbedError } from '../../share/embed-messages.ts';
import { formatLink, parseLink, type LinkState } from '../../share/fragment.ts';
import { presentationOf } from '../../share/presentation.ts';
import { Clock, driveClock } from '../../viewer/clock.ts';
import { DEFAULT_LOOK, type Look } from '../../viewer/look.ts';
import { calm } from '../../viewer/navigation.ts';
import { upOf } from '../../viewer/up.ts';
import { applyView, grabView, readView, type SavedView } from '../../viewer/view-state.ts';
import { Viewer } from '../../viewer/viewer.ts';
import { h, icon } from '../dom.ts';
import { unitOf } from '../format.ts';
import { applyMoment, fieldsOfClock, fieldsOfLook, lookOf, withUnit } from '../sharing/link-state.ts';
import { createNoteStrip } from '../sharing/notes.ts';
import { explainFailure, type Arrival } from '../sharing/open-link.ts';
import { createControls } from './controls.ts';
import { Places } from './places.ts';

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

const CHANNEL = 'foursight-embeds';
/** Moves between notes take about this long. */
const NOTE_MS = 600;

export class Player {
  readonly clock = new Clock();
  /** Null before anything is on show, and while another embed has the place. */
  viewer: Viewer | null = null;
  scene: Scene | null = null;
  look: Look = DEFAULT_LOOK;
  selected: readonly number[] = [];
  private start: LinkState;
  private readonly stage = h('main', { class: 'stage', 'aria-label': '3D scene' });
  private readonly words = h('p', { class: 'words', role: 'status' });
  private readonly begins = h('button', { type: 'button', class: 'start', 'aria-label': 'Show the scene', onclick: () => void this.begin(true) }, icon('play'));
  private readonly picture: HTMLImageElement;
  private readonly cover: HTMLElement;
  private readonly controls: ReturnType<typeof createControls>;
  private readonly notes = createNoteStrip((note) => this.applyLink(parseLink(note.start), NOTE_MS));
  private readonly listeners = new Set<(event: PlayerEvent, fields: Record<string, unknown>) => void>();
  private readonly places: Places | null;
  private loading = false;
  /** Everything is there, and has been on show. */
  private arrived = false;
  /** Depth of the scenes that the host page gave. */
  private readonly given = new WeakSet<Float32Array>();
  /** What was on show when another embed took the place. */
  private resting: { readonly view: SavedView; readonly playing: boolean } | null = null;
  private wasPlaying = false;

  constructor(body: HTMLElement, private readonly options: PlayerOptions) {
    this.start = options.start;
    this.useLook();
    this.picture = h('img', { alt: '', onerror: () => { this.picture.hidden = true; } });
    this.picture.hidden = options.poster === null;
    if (options.poster !== null) this.picture.src = options.poster;
    this.cover = h('div', { class: 'cover' }, this.picture, this.begins, this.words);
    this.controls = createControls({ clock: this.clock, page: options.page, fullscreen: () => this.fullscreen(), emit: (event) => this.emit(event, {}) });
    body.append(this.stage, this.cover, this.notes.element, this.controls.element);
    driveClock(this.clock);
    this.clock.subscribe(() => this.emit('time', { t: this.clock.timeSecs, f: this.clock.frame }));
    const shares = options.framed && typeof BroadcastChannel === 'function';
    this.places = shares ? new Places({ id: crypto.randomUUID(), channel: new BroadcastChannel(CHANNEL), now: Date.now, onLost: () => void this.rest() }) : null;
    addEventListener('pagehide', () => this.places?.release());
    new IntersectionObserver(([entry]) => void this.setVisible(entry.isIntersecting)).observe(body);
  }

  listen(listener: (event: PlayerEvent, fields: Record<string, unknown>) => void): void {
    this.listeners.add(listener);
  }

  /** Loads what the address names, or wakes up; by a tap, by coming into view, or by the host's "play". */
  async begin(tapped = false): Promise<void> {
    if (this.loading || this.viewer || !(await this.takePlace(tapped)) || this.loading) return;
    if (this.scene) return this.wake(tapped);
    const loading = this.options.load(this.arrival());
    if (loading) await this.follow(loading, tapped);
    else this.places?.release();
  }

  /** A scene from the host page; throws where there is none, and what was on show stays. */
  async open(loading: Promise<Scene>): Promise<void> {
    const scene = await loading;
    this.given.add(scene.depth);
    await this.takePlace(true);
    await this.follow(Promise.resolve(scene), false);
  }

  /** Whether the host page may take pictures of the scene and read its tracks: its author allows it, or the page gave the scene itself. */
  get hostMayRead(): boolean {
    return this.scene !== null && (this.given.has(this.scene.depth) || presentationOf(this.scene).hostMayRead);
  }

  /** For good: nothing is drawn or kept any more. */
  dispose(): void {
    this.clock.pause();
    this.places?.release();
    this.viewer?.dispose();
    this.viewer = this.scene = this.resting = null;
  }

  setLook(change: Partial<Look>): void {
    this.look = { ...this.look, ...change };
    this.viewer?.setLook(this.look);
  }

  select(tracks: readonly number[]): void {
    this.selected = tracks;
    this.viewer?.select(tracks);
    if (this.viewer) this.viewer.followed = tracks.at(-1) ?? null;
    this.emit('select', { tracks });
  }

  /** The present moment and view; never with a key in it. */
  hash(): string {
    const { scene, clock, viewer, resting } = this;
    const unit = scene && unitOf(scene).name;
    return formatLink({
      ...fieldsOfClock(clock, scene?.times ?? [0]), view: viewer ? readView(viewer) : resting?.view, tracks: this.selected, ...fieldsOfLook(this.look),
      unit: unit === null || unit === this.naturalUnit ? undefined : unit,
    });
  }

  /** What a link or a note says of moment, view, tracks and look. */
  applyLink(state: LinkState, ms = 0): void {
    const { scene, viewer } = this;
    if (!scene || !viewer) return;
    this.setLook(lookOf(state, this.look));
    const tracks = state.tracks?.filter((k) => k < scene.tracks.count);
    if (tracks) this.select(tracks);
    if (state.unit) this.setUnit(state.unit);
    applyMoment(viewer, this.clock, scene.times, state, ms);
  }

  /** The address says something else than at first. */
  setOptions(start: LinkState): void {
    this.start = { ...(this.scene ? parseLink(presentationOf(this.scene).start) : {}), ...start };
    document.documentElement.dataset.ui = this.start.ui ?? 'full';
    this.applyLink(this.start);
    document.documentElement.dataset.theme = this.look.theme;
  }

  /** The unit that lengths are told in; the scene itself stays as it is. */
  setUnit(unit: NonNullable<LinkState['unit']>): void {
    if (this.scene) this.scene = withUnit(this.scene, { version: 1, unit });
  }

  describe(): Record<string, unknown> {
    const scene = this.scene!;
    const duration = scene.times[scene.frameCount - 1] - scene.times[0];
    return {
      duration, frames: scene.frameCount, fps: duration > 0 ? (scene.frameCount - 1) / duration : 0, tracks: scene.tracks.count,
      units: unitOf(scene).name, scaled: scene.metresPerUnit !== null, bounds: this.viewer?.bounds ?? null, title: scene.meta.title,
    };
  }

  async fullscreen(): Promise<void> {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen();
  }

  private get naturalUnit(): 'm' | 'u' { return (this.scene?.metresPerUnit ?? null) === null ? 'u' : 'm'; }

  private takePlace(tapped: boolean): Promise<boolean> {
    return this.places?.claim(tapped) ?? Promise.resolve(true);
  }

  private useLook(): void {
    this.look = { ...DEFAULT_LOOK, ...lookOf(this.start, DEFAULT_LOOK) };
    document.documentElement.dataset.theme = this.look.theme;
    document.documentElement.dataset.ui = this.start.ui ?? 'full';
  }

  private async follow(loading: Promise<Scene>, tapped: boolean): Promise<void> {
    this.loading = true;
    this.begins.hidden = true;
    this.words.textContent = 'Loading …';
    try {
      const scene = withUnit(await loading, this.start);
      if (this.mayDraw) {
        this.show(scene);
        this.arrive(tapped);
      } else {
        // The place went to another one meanwhile; a tap takes it back.
        this.scene = scene;
        this.waitForTap();
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.loading = false;
    }
  }

  private fail(error: unknown): void {
    const { title, text } = explainFailure(error);
    this.words.textContent = `${title}. ${text}`;
    this.places?.release();
    this.emit('error', { error });
  }

  private arrival(): Arrival {
    return {
      frames: (scene) => { if (!this.scene && this.mayDraw) this.show(scene); },
      progress: (done) => {
        this.words.textContent = `Loading … ${Math.round(100 * done)} %`;
        this.emit('progress', { phase: 'download', loaded: done, total: 1 });
      },
    };
  }

  private show(scene: Scene): void {
    const view = this.viewer && this.scene ? readView(this.viewer) : null;
    this.scene = scene;
    if (!this.arrived && view === null) {
      // What the author wanted, unless the address says otherwise.
      this.start = { ...parseLink(presentationOf(scene).start), ...this.options.start };
      this.useLook();
    }
    this.viewer ??= this.createViewer();
    this.clock.setTimes(scene.times);
    this.viewer.setLook(this.look);
    this.viewer.show(scene, upOf(scene));
    const wanted = view ?? this.start.view;
    if (wanted && wanted.kind !== 'track') applyView(this.viewer, wanted);
    document.title = scene.meta.title;
    this.controls.setFrameCount(scene.frameCount);
  }

  /** Everything is there. */
  private arrive(tapped: boolean): void {
    const { start } = this;
    const scene = this.scene!;
    this.arrived = true;
    this.uncover();
    this.notes.set(presentationOf(scene).notes);
    // Without colours, depth tells the shapes apart.
    if (isColourless(scene) && (start.colour ?? 'picture') === 'picture') this.start = { ...start, colour: 'depth' };
    this.applyLink(this.start);
    this.emit('loaded', this.describe());
    const still = start.timeSecs !== undefined || start.autoplay === false || calm();
    if (!still || tapped) this.clock.play();
  }

  private uncover(): void {
    this.cover.hidden = true;
    this.controls.element.hidden = false;
  }

  /** Another embed needs the place: a picture of the view stays, the context goes back. */
  private async rest(): Promise<void> {
    const { viewer } = this;
    if (!viewer || !this.scene) return;
    if (!this.arrived) {
      // Still loading: its poster is still there.
      this.viewer = this.scene = null;
      return viewer.dispose();
    }
    this.resting = { view: readView(viewer), playing: this.clock.playing || this.wasPlaying };
    this.clock.pause();
    const { width, height } = viewer.stage;
    const still = await grabView(viewer, Math.max(16, width), Math.max(16, height)).catch(() => null);
    if (this.viewer !== viewer) return;
    if (still) {
      URL.revokeObjectURL(this.picture.src);
      this.picture.src = URL.createObjectURL(new Blob([still], { type: 'image/jpeg' }));
      this.picture.hidden = false;
    }
    this.viewer = null;
    viewer.dispose();
    this.waitForTap();
    this.emit('context', { state: 'lost' });
  }

  private waitForTap(): void {
    this.words.textContent = '';
    this.begins.hidden = this.cover.hidden = false;
    this.controls.element.hidden = true;
  }

  private get mayDraw(): boolean { return this.places?.held ?? true; }

  private wake(tapped: boolean): void {
    const { resting, clock } = this;
    const scene = this.scene!;
    try {
      if (!resting) {
        this.show(scene);
        return this.arrive(tapped);
      }
      this.viewer = this.createViewer();
    } catch (error) {
      return this.fail(error);
    }
    this.resting = null;
    this.viewer.setLook(this.look);
    this.viewer.show(scene, upOf(scene));
    this.viewer.select(this.selected);
    applyView(this.viewer, resting.view);
    this.uncover();
    this.emit('context', { state: 'restored' });
    if (resting.playing || (tapped && !calm())) clock.play();
  }

  private createViewer(): Viewer {
    let viewer: Viewer;
    try {
      viewer = new Viewer(this.stage, this.clock, {
        pick: (track) => this.select(track === null ? [] : [track]), hover: (track) => { this.stage.classList.toggle('on-trail', track !== null); },
        camera: (frame) => this.clock.seek(frame), centre: (hit) => viewer.centreOn(hit.drawn),
        // An embedded scene has no tools.
        point: () => {}, outlined: () => {}, navigated: () => {}, changed: () => {}, drawn: () => {},
      });
    } catch {
      throw new EmbedError('unsupported', 'This browser cannot draw 3D scenes here: WebGL 2 is missing or switched off.');
    }
    const { canvas, controls } = viewer.stage;
    canvas.setAttribute('role', 'img');
    canvas.ariaLabel = 'Moving 3D scene; drag to turn it';
    const tell = (state: 'lost' | 'restored') => () => { if (this.viewer === viewer) this.emit('context', { state }); };
    canvas.addEventListener('webglcontextlost', tell('lost'));
    canvas.addEventListener('webglcontextrestored', tell('restored'));
    controls.addEventListener('controlend', () => this.emit('view', { hash: this.hash(), source: 'user' }));
    if (this.options.framed) leaveToHost(viewer);
    return viewer;
  }

  private async setVisible(visible: boolean): Promise<void> {
    if (!visible) {
      this.wasPlaying = this.clock.playing;
      if (this.wasPlaying) this.clock.pause();
      return this.places?.offer();
    }
    if (!this.viewer) {
      if (this.resting || this.start.autoplay !== false) await this.begin();
      return;
    }
    if (!(await this.takePlace(false))) {
      this.places?.release();
      return this.rest();
    }
    if (this.wasPlaying) this.clock.play();
  }

  private emit(event: PlayerEvent, fields: Record<string, unknown>): void {
    for (const listener of this.listeners) listener(event, fields);
  }
}

/** The wheel and a finger's drag belong to the host page until somebody uses the scene, and again once they leave it. */
function leaveToHost({ stage: { canvas, controls } }: Viewer): void {
  const use = (on: boolean) => {
    controls.enabled = on;
    canvas.style.touchAction = on ? 'none' : 'pan-y';
  };
  use(false);
  canvas.addEventListener('pointerdown', (event) => { if (event.pointerType === 'mouse') use(true); }, { capture: true });
  canvas.addEventListener('click', () => use(true));
  window.addEventListener('blur', () => use(false));
  window.addEventListener('keydown', (event) => { if (event.key === 'Escape') use(false); });
}
