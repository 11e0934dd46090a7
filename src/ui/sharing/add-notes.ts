// Notes in the app: read one after the other, written for the moment and view on show, taken away again.

import { formatLink, parseLink } from '../../share/fragment.ts';
import { PRESENTATION_LIMITS, presentationOf, withPresentation, type Note } from '../../share/presentation.ts';
import { readView } from '../../viewer/view-state.ts';
import type { App } from '../app.ts';
import { h, iconButton } from '../dom.ts';
import { notesOf } from '../notes.ts';
import { applyMoment } from './link-state.ts';
import { createNoteStrip } from './notes.ts';

const MOVE_MS = 600;

export function addNotes(app: App): { add(): void } {
  const { store, clock, viewer } = app;
  let at = -1;
  const notesNow = (): readonly Note[] => (store.state.open ? presentationOf(store.state.open.scene).notes : []);
  const change = (notes: readonly Note[]) => {
    const { open } = store.state;
    if (open) store.set({ open: { ...open, scene: withPresentation(open.scene, { notes }) }, saved: false });
  };
  const strip = createNoteStrip((note, index) => {
    const { open } = store.state;
    at = index;
    if (!open) return;
    const state = parseLink(note.start);
    store.set({ selected: state.tracks?.filter((track) => track < open.scene.tracks.count) ?? [] });
    applyMoment(viewer, clock, open.scene.times, state, MOVE_MS);
  }, iconButton('close', 'Delete this note', () => {
    const before = notesNow();
    app.history.take({ title: 'the note', redo: () => change(before.filter((_, i) => i !== at)), undo: () => change(before) });
  }, 'note-delete'));
  const text = h('textarea', { rows: 3, maxLength: PRESENTATION_LIMITS.note, 'aria-label': 'Note', 'data-testid': 'note-input', onkeydown: (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    text.form!.requestSubmit();
  } });
  const dialog = h('dialog', { class: 'sheet', 'aria-labelledby': 'note-heading' }, h('form', { method: 'dialog', class: 'stack', onsubmit: () => save() },
    h('header', {}, h('h2', { id: 'note-heading' }, 'A note of this moment')),
    h('p', {}, 'It keeps this frame, this view and the selected tracks. Notes go with the scene: into its file, and into links made from now on.'), text,
    h('footer', {}, h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'), h('button', { type: 'submit', class: 'primary', 'data-testid': 'note-save' }, 'Add'))));
  document.querySelector('main')!.append(strip.element);
  document.body.append(dialog);
  let frames: readonly number[] = [];
  store.watch((s) => s.open, (open) => {
    frames = open ? notesOf(open.scene).map(({ frame }) => frame) : [];
    strip.set(notesNow());
  });
  // Whatever leads to a note's moment shows it.
  const follow = () => {
    const here = frames.indexOf(clock.frame);
    if (here >= 0 && frames[at] !== clock.frame) strip.tell((at = here));
  };
  clock.subscribe(follow);
  // Another scene, not the same one changed.
  store.watch((s) => s.open?.scene.depth, () => {
    at = -1;
    strip.set(notesNow(), true);
  });

  function save(): void {
    const before = notesNow();
    const note: Note = { text: text.value, start: formatLink({ timeSecs: clock.timeSecs, view: readView(viewer), tracks: store.state.selected }) };
    if (note.text.trim() === '') return;
    app.history.take({ title: 'the note', redo: () => change([...before, note]), undo: () => change(before) });
    app.announce('The note is added');
    follow();
  }

  return {
    add() {
      if (!store.state.open) return;
      if (notesNow().length >= PRESENTATION_LIMITS.notes) return app.say({ message: `A scene has ${PRESENTATION_LIMITS.notes} notes at most; delete one first.`, action: null });
      text.value = '';
      clock.pause();
      dialog.showModal();
    },
  };
}
