// The server's stream of changes. Reconnects by itself, with growing waits when it is refused; a connection that died
// without a word is known by the pings that it lacks.
import { withoutReordering } from '../format/visible';
import type { Change } from './types';

export interface StreamHandlers {
  onOpen: () => void;
  onLost: () => void;
  onChange: (change: Change) => void;
}

const kFirstWaitMs = 1000;
const kLongestWaitMs = 30_000;
const kSilenceMs = 40_000; // the server says something every 15 s

// Returns the way to end it.
export function openEvents(handlers: StreamHandlers): () => void {
  let source: EventSource | null = null;
  let timer: number | undefined;
  let silence: number | undefined;
  let waitMs = kFirstWaitMs;

  const heard = (): void => {
    window.clearTimeout(silence);
    silence = window.setTimeout(reconnect, kSilenceMs);
  };

  const reconnect = (): void => {
    source?.close();
    window.clearTimeout(timer);
    handlers.onLost();
    connect();
  };

  const connect = (): void => {
    heard();
    source = new EventSource('/api/2/events');
    source.addEventListener('hello', () => {
      heard();
      waitMs = kFirstWaitMs;
      handlers.onOpen();
    });
    source.addEventListener('ping', heard);
    source.addEventListener('item', (message) => {
      heard();
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
  window.addEventListener('online', reconnect);
  return () => {
    window.removeEventListener('online', reconnect);
    window.clearTimeout(timer);
    window.clearTimeout(silence);
    source?.close();
  };
}
