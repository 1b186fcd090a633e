import { useEffect, useState } from 'preact/hooks';

import { explain, isAbort } from '../../api/client';
import { readRaw } from '../../api/occurrences';
import type { OccurrenceDetail } from '../../api/types';
import { Copy } from '../../parts/Copy';
import { Loading, Problem } from '../../parts/Notes';
import { ValuesTab } from './ValuesTab';

// What the sender sent, scrubbed. Loaded when it is asked for.
export function RawTab({ occurrence }: { occurrence: OccurrenceDetail }) {
  const [raw, setRaw] = useState<{ value: unknown } | null>(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const request = new AbortController();
    readRaw(occurrence.id, request.signal).then(
      (value) => setRaw({ value }),
      (error: unknown) => { if (!isAbort(error)) setProblem(explain(error)); });
    return () => request.abort();
  }, [occurrence.id]);
  if (problem) return <Problem text={problem} />;
  if (!raw) return <Loading what="what was sent" />;
  return (
    <div class="raw">
      <Copy what="JSON" text={() => JSON.stringify(raw.value, null, 2)} />
      <ValuesTab value={raw.value} />
    </div>
  );
}
