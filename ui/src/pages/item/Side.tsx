import type { ItemDetail } from '../../api/types';
import { Count } from '../../parts/Count';
import { Facets } from './Facets';
import { History } from './History';
import { TrendBox } from './TrendBox';

function Totals({ item }: { item: ItemDetail }) {
  return (
    <p class="totals">
      <span><strong><Count value={item.count} /></strong> {item.count === 1 ? 'occurrence' : 'occurrences'}</span>
      {item.people > 0 && <span><strong><Count value={item.people} /></strong> {item.people === 1 ? 'person' : 'people'}</span>}
      {item.count_active !== item.count && (
        <span><strong><Count value={item.count_active} /></strong> since it came back</span>
      )}
    </p>
  );
}

export function Side({ item }: { item: ItemDetail }) {
  return (
    <aside class="column-side" aria-label="About this item">
      <section class="side-box">
        <TrendBox key={`${item.project}/${item.number}`} item={item} />
        <Totals item={item} />
      </section>
      <Facets item={item} />
      <History entries={item.history ?? []} />
    </aside>
  );
}
