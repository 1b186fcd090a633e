// The remembered look of the app; no signals here, since boot.ts is loaded before everything else.
export type Theme = 'system' | 'light' | 'dark';
export type Density = 'compact' | 'comfortable';
export interface Appearance {
  theme: Theme;
  density: Density;
}

const kKey = 'flawless.appearance';

export function readAppearance(): Appearance {
  let stored: Partial<Appearance> = {};
  try {
    stored = JSON.parse(localStorage.getItem(kKey) ?? '{}');
  } catch {
    // Storage may be blocked or hold something else: then the defaults do.
  }
  return {
    theme: stored.theme === 'light' || stored.theme === 'dark' ? stored.theme : 'system',
    density: stored.density === 'comfortable' ? 'comfortable' : 'compact',
  };
}

export function writeAppearance(appearance: Appearance): void {
  try {
    localStorage.setItem(kKey, JSON.stringify(appearance));
  } catch {
    // Not remembered, but still applied.
  }
}

export function applyAppearance({ theme, density }: Appearance): void {
  const root = document.documentElement;
  if (theme === 'system') root.removeAttribute('data-theme');
  else root.setAttribute('data-theme', theme);
  root.setAttribute('data-density', density);
}
