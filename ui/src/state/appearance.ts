import { computed, signal } from '@preact/signals';

import { applyAppearance, readAppearance, writeAppearance, type Density, type Theme } from './appearance-store';

const chosen = signal(readAppearance());
const systemDark = signal(false);

export const theme = computed(() => chosen.value.theme);
export const density = computed(() => chosen.value.density);
export const dark = computed(() =>
  theme.value === 'system' ? systemDark.value : theme.value === 'dark');

function change(part: { theme?: Theme; density?: Density }): void {
  chosen.value = { ...chosen.value, ...part };
  writeAppearance(chosen.value);
  applyAppearance(chosen.value);
}

export const setTheme = (value: Theme): void => change({ theme: value });
export const setDensity = (value: Density): void => change({ density: value });
export const toggleTheme = (): void => setTheme(dark.value ? 'light' : 'dark');

export function watchSystemTheme(): void {
  const query = matchMedia('(prefers-color-scheme: dark)');
  systemDark.value = query.matches;
  query.addEventListener('change', () => (systemDark.value = query.matches));
}
