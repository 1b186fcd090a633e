// The server's stream of changes. Reconnects by itself, with growing waits when it is refused.
import { withoutReordering } from '../format/visible';
import type { Change } from './types';

export interface StreamHandlers {
  onOpen: () => void;
  onLost: () => void;
  onChange: (change: Change) => void;
}

const kFirstWaitMs = 1000;
const kLongestWaitMs = 30_000;

// Returns the way to end it.
export function openEvents(handlers: StreamHandlers): () => void {
  let source: EventSource | null = null;
  let timer: number | undefined;
  let waitMs = kFirstWaitMs;

  const connect = (): void => {
    source = new EventSource('/api/2/events');
    source.addEventListener('hello', () => {
      waitMs = kFirstWaitMs;
      handlers.onOpen();
    });
    source.addEventListener('item', (message) => {
      handlers.onChange(JSON.parse(withoutReordering((message as MessageEvent<string>).data)) as Change);
    });
    source.onerror = () => {
      handlers.onLost();
      // The browser tries again by itself, unless the server answered with an error.
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = window.setTimeout(connect, waitMs);
      waitMs = Math.min(waitMs * 2, kLongestWaitMs);
    };
  };

  connect();
  return () => {
    window.clearTimeout(timer);
    source?.close();
  };
}
