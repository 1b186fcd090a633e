// Changes as they happen. Pages subscribe; a lost connection is retried and `gaps` tells what to reload.
import { signal } from '@preact/signals';

import { openEvents } from '../api/events';
import type { Change } from '../api/types';

export type Connection = 'off' | 'connecting' | 'open' | 'lost';

export const connection = signal<Connection>('off');
// Counts the times that changes may have been missed.
export const gaps = signal(0);

type Listener = (change: Change) => void;
const listeners = new Set<Listener>();

export function onChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// A hidden tab gives its connection back: browsers allow only six per server over plain HTTP.
const kHiddenGraceMs = 5000;

let end: (() => void) | null = null;
let hideTimer: number | undefined;

function connect(): void {
  if (end) return;
  const isFirst = connection.value === 'off';
  let missed = !isFirst;
  connection.value = 'connecting';
  end = openEvents({
    onOpen: () => {
      connection.value = 'open';
      if (missed) gaps.value += 1;
      missed = true;
    },
    onLost: () => (connection.value = 'lost'),
    onChange: (change) => listeners.forEach((listener) => listener(change)),
  });
}

function disconnect(): void {
  end?.();
  end = null;
}

function followVisibility(): void {
  window.clearTimeout(hideTimer);
  if (document.hidden) hideTimer = window.setTimeout(disconnect, kHiddenGraceMs);
  else connect();
}

export function startLive(): void {
  connect();
  document.addEventListener('visibilitychange', followVisibility);
}

export function stopLive(): void {
  document.removeEventListener('visibilitychange', followVisibility);
  window.clearTimeout(hideTimer);
  disconnect();
  connection.value = 'off';
}
