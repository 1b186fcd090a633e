import type { ItemDetail } from '../../api/types';
import { shortenMiddle, shortRevision } from '../../format/path';
import { Count } from '../../parts/Count';

type Facet = ItemDetail['facets'][number];

const kTitles: Record<Facet['kind'], string> = {
  environment: 'Environments', release: 'Releases', host: 'Hosts', person: 'People', browser: 'Browsers',
  os: 'Systems', context: 'Contexts',
};
const kOrder = Object.keys(kTitles) as Array<Facet['kind']>;
const kShownValues = 5;
const kValueCharacters = 30;

function shown(kind: Facet['kind'], value: string): string {
  return kind === 'release' ? shortRevision(value) : shortenMiddle(value, kValueCharacters);
}

function FacetBox({ facet }: { facet: Facet }) {
  const total = facet.values.reduce((sum, one) => sum + one.count, 0);
  const more = facet.values.length - kShownValues;
  return (
    <section class="side-box">
      <h2>{kTitles[facet.kind]}</h2>
      <ul class="facet">
        {facet.values.slice(0, kShownValues).map((one) => (
          <li key={one.value}>
            <span class="facet-name clip" title={one.value}>{shown(facet.kind, one.value)}</span>
            <svg class="bar-of" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
              <rect width={(100 * one.count) / total} height="6" />
            </svg>
            <Count value={one.count} of="of the newest 1,000" />
          </li>
        ))}
      </ul>
      {more > 0 && <p class="muted">and {more} more</p>}
    </section>
  );
}

export function Facets({ item }: { item: ItemDetail }) {
  const filled = item.facets.filter((facet) => facet.values.some((one) => one.value))
    .map((facet) => ({ ...facet, values: facet.values.filter((one) => one.value) }))
    .sort((a, b) => kOrder.indexOf(a.kind) - kOrder.indexOf(b.kind));
  return <>{filled.map((facet) => <FacetBox key={facet.kind} facet={facet} />)}</>;
}
