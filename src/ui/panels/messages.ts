// What the app has to say: toasts with one action, and words for screen readers only.

import type { Problem } from '../app.ts';
import { h, iconButton } from '../dom.ts';

const SHOWN_MS = 20_000;
const MOST = 3;

export function createMessages(): { element: HTMLElement; say(problem: Problem): void; announce(text: string): void } {
  // A popover lies above open dialogs too.
  const toasts = h('div', { class: 'toasts', popover: 'manual', role: 'alert', 'data-testid': 'toasts' });
  const live = h('div', { class: 'unseen', 'aria-live': 'polite' });
  const element = h('div', {}, toasts, live);
  const lift = () => {
    if (toasts.matches(':popover-open')) toasts.hidePopover();
    if (toasts.childElementCount > 0) toasts.showPopover();
  };
  return {
    element,
    say({ message, action }) {
      const close = () => {
        toast.remove();
        if (toasts.childElementCount === 0) toasts.hidePopover();
      };
      const toast = h('div', { class: 'toast', 'data-testid': 'toast' }, h('span', {}, message),
        action && h('button', { type: 'button', onclick: () => { close(); action.run(); } }, action.label), iconButton('close', 'Close', close));
      toasts.append(toast);
      while (toasts.childElementCount > MOST) toasts.firstElementChild!.remove();
      lift();
      setTimeout(() => { if (toast.isConnected) close(); }, SHOWN_MS);
    },
    announce: (text) => { live.textContent = text; },
  };
}
