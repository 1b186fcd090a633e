// How the server is, read once a minute as long as somebody looks.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { explain } from '../api/client';
import { readHealth } from '../api/settings';
import type { Health } from '../api/types';

const kEveryMs = 60_000;

export const health = signal<Health | null>(null);
export const healthProblem = signal('');

export async function loadHealth(): Promise<void> {
  try {
    health.value = await readHealth();
    healthProblem.value = '';
  } catch (error) {
    healthProblem.value = explain(error);
  }
}

export function useHealth(everyMs = kEveryMs): void {
  useEffect(() => {
    void loadHealth();
    const timer = window.setInterval(() => { if (!document.hidden) void loadHealth(); }, everyMs);
    return () => window.clearInterval(timer);
  }, [everyMs]);
}
