// Dark or light: the system's wish until the person has one of their own.

export type Theme = 'dark' | 'light';
const KEY = 'foursight.theme';

export function createTheme(apply: (theme: Theme) => void): { next(): void } {
  const system = matchMedia('(prefers-color-scheme: light)');
  let own = read();
  const current = (): Theme => own ?? (system.matches ? 'light' : 'dark');
  const show = () => {
    document.documentElement.dataset.theme = current();
    apply(current());
  };
  system.addEventListener('change', show);
  show();
  return {
    next: () => {
      own = current() === 'dark' ? 'light' : 'dark';
      write(own);
      show();
    },
  };
}

// Storage may be forbidden; then the choice lasts until the page is left.
function read(): Theme | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'dark' || value === 'light' ? value : null;
  } catch {
    return null;
  }
}

function write(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch { /* see above */ }
}
