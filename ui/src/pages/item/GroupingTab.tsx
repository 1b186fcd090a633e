import type { ItemDetail } from '../../api/types';
import { shortRevision } from '../../format/path';

// Why these occurrences are one item.
export function GroupingTab({ item }: { item: ItemDetail }) {
  return (
    <>
      {item.grouping.map((key) => (
        <section class="tab-section" key={key.hash}>
          <h3>{key.reason}</h3>
          <pre class="message">{key.canonical}</pre>
          <p class="muted">{key.algorithm} · <code title={key.hash}>{shortRevision(key.hash)}</code></p>
        </section>
      ))}
    </>
  );
}
