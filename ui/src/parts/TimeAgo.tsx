import { useComputed } from '@preact/signals';
import { useMemo } from 'preact/hooks';

import { age, ago, exact } from '../format/time';
import { now } from '../state/clock';

interface Props {
  at: string | null | undefined;
  short?: boolean; // without "ago"
}

// Live; both exact clocks on hover.
export function TimeAgo({ at, short = false }: Props) {
  const ms = at ? Date.parse(at) : NaN;
  return Number.isNaN(ms) ? <span class="muted">–</span> : <Live key={`${ms}`} ms={ms} short={short} />;
}

function Live({ ms, short }: { ms: number; short: boolean }) {
  const text = useComputed(() => (short ? age(now.value - ms) : ago(ms, now.value)));
  const title = useMemo(() => exact(ms), [ms]);
  return <time class="numbers" dateTime={new Date(ms).toISOString()} title={title}>{text}</time>;
}
