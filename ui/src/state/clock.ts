// The current time, for texts like "3 s ago". Stands still while nobody looks.
import { signal } from '@preact/signals';

const kTickMs = 1000;

export const now = signal(Date.now());

export function startClock(): void {
  const tick = (): void => {
    if (!document.hidden) now.value = Date.now();
  };
  window.setInterval(tick, kTickMs);
  document.addEventListener('visibilitychange', tick);
}
