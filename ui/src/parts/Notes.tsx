import type { ComponentChildren } from 'preact';

import { Button } from './Button';
import './Notes.css';

interface EmptyProps {
  title: string;
  children?: ComponentChildren;
}

// Says what to do next.
export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <div class="empty-text">{children}</div>
    </div>
  );
}

export function Problem({ text, onRetry }: { text: string; onRetry?: () => void }) {
  return (
    <div class="note note-problem" role="alert">
      <span>{text}</span>
      {onRetry && <Button icon="reopen" onClick={onRetry}>Try again</Button>}
    </div>
  );
}

export function Note({ children }: { children: ComponentChildren }) {
  return <div class="note">{children}</div>;
}

// Appears after a moment only: what is there at once needs no announcement.
export function Loading({ what }: { what: string }) {
  return <p class="loading" role="status">Loading {what}…</p>;
}
