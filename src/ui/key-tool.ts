// A camera move of one's own: views set for moments, and the view that follows them.

import { viewAlongKeys, type ViewKey } from '../viewer/moves.ts';
import type { App, KeyTool } from './app.ts';

export function createKeyTool(app: () => App): KeyTool {
  const change = (title: string, after: readonly ViewKey[]) => {
    const { store, history } = app();
    const before = store.state.keys;
    history.take({ title, redo: () => store.set({ keys: after }), undo: () => store.set({ keys: before }) });
  };
  const others = () => app().store.state.keys.filter(({ frame }) => frame !== app().clock.frame);
  return {
    set() {
      const { store, clock, viewer, announce } = app();
      if (!store.state.open) return;
      const key: ViewKey = { frame: clock.frame, view: viewer.navigation.view, fov: viewer.navigation.fov };
      change('the key', [...others(), key].sort((a, b) => a.frame - b.frame));
      announce(`Key ${store.state.keys.length} set at frame ${clock.frame}`);
    },
    remove() {
      if (others().length < app().store.state.keys.length) change('the key', others());
      else app().announce('There is no key at this frame');
    },
    clear() {
      if (app().store.state.keys.length > 0) change('the keys', []);
    },
    follow(on) {
      const { store, say } = app();
      if (on && store.state.keys.length < 2) return say({ message: 'Set at least two keys first: go to a frame, turn the view, press Shift+K.', action: null });
      store.set({ alongKeys: on });
    },
  };
}

/** Moves the view along the keys while that is on. */
export function followKeys({ store, clock, viewer }: App): void {
  const show = () => {
    const { open, keys, alongKeys } = store.state;
    if (!open || !alongKeys || keys.length < 2) return;
    const { times } = open.scene;
    const next = times[clock.frame + 1] ?? times[clock.frame];
    viewer.navigation.look(viewAlongKeys(keys, times, clock.timeSecs + clock.between * (next - clock.timeSecs), false).view);
  };
  clock.subscribe(show);
  clock.subscribeBetween(show);
  store.watch((s) => s.alongKeys, show);
  store.watch((s) => s.keys, (keys) => { if (keys.length < 2 && store.state.alongKeys) store.set({ alongKeys: false }); });
}
