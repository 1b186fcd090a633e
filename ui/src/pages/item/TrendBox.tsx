import { useEffect, useState } from 'preact/hooks';

import { readTrend } from '../../api/items';
import type { ItemDetail, Trend } from '../../api/types';
import { Chip } from '../../parts/Chip';
import { Sparkline } from '../../parts/Sparkline';
import { remembered } from '../../state/remembered';

const kSpans = { '24': 'last 24 hours', '168': 'last 7 days', '720': 'last 30 days' } as const;
const kLabels = { '24': '24 h', '168': '7 d', '720': '30 d' } as const;
type Span = keyof typeof kSpans;

const span = remembered<Span>('trend', ['24', '168', '720'], '24');

// The old bars stay until the new ones are there.
function useTrend(item: ItemDetail): Trend | null {
  const [trend, setTrend] = useState<Trend | null>(null);
  const hours = Number(span.value);
  useEffect(() => {
    const request = new AbortController();
    readTrend(item.project, item.number, hours, request.signal).then(setTrend, () => {});
    return () => request.abort();
  }, [item.project, item.number, item.count, hours]);
  return trend;
}

export function TrendBox({ item }: { item: ItemDetail }) {
  const trend = useTrend(item);
  return (
    <>
      <div class="trend-wide"><Sparkline counts={trend?.counts ?? item.trend} width={296} height={56} label={kSpans[span.value]} /></div>
      <div class="inline trend-spans" role="group" aria-label="Time span">
        {(Object.keys(kSpans) as Span[]).map((one) => (
          <Chip key={one} on={span.value === one} onClick={() => (span.value = one)}>{kLabels[one]}</Chip>
        ))}
      </div>
    </>
  );
}
