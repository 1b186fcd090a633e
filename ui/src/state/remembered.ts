// A choice that outlives the page, e.g. in which order frames are shown.
import { signal, type Signal } from '@preact/signals';

export function remembered<T extends string>(name: string, allowed: readonly T[], otherwise: T): Signal<T> {
  const key = `flawless.${name}`;
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(key);
  } catch {
    // Storage may be blocked: then it is not remembered.
  }
  const value = signal<T>(allowed.find((one) => one === stored) ?? otherwise);
  value.subscribe((chosen) => {
    try {
      localStorage.setItem(key, chosen);
    } catch {
      // As above.
    }
  });
  return value;
}
