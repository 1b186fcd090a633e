// Short messages over the page: arrivals, what an action did, what failed.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

export interface ToastAction {
  label: string;
  run: () => void;
}

export interface Toast {
  id: number;
  tone: 'plain' | 'error' | 'arrival';
  content: ComponentChildren;
  action?: ToastAction;
  link?: string; // the whole toast leads there
}

const kShownMs = { plain: 10_000, error: 12_000, arrival: 14_000 };
const kMostShown = 4;

let lastId = 0;
const timers = new Map<number, number>();

export const toasts = signal<Toast[]>([]);

export function dismiss(id: number): void {
  hold(id);
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

// While the pointer or the focus is on it, it stays.
export function hold(id: number): void {
  window.clearTimeout(timers.get(id));
  timers.delete(id);
}

export function release(id: number): void {
  hold(id);
  const toast = toasts.value.find((one) => one.id === id);
  if (toast) timers.set(id, window.setTimeout(() => dismiss(id), kShownMs[toast.tone]));
}

export function show(toast: Omit<Toast, 'id'>): number {
  const id = ++lastId;
  toasts.value = [...toasts.value, { ...toast, id }].slice(-kMostShown);
  release(id);
  return id;
}

export const showError = (text: string): number => show({ tone: 'error', content: text });
