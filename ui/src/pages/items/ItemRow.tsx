import type { Item, Status } from '../../api/types';
import { shortenMiddle } from '../../format/path';
import { Button } from '../../parts/Button';
import { Count } from '../../parts/Count';
import { LevelMark, StatusMark } from '../../parts/Marks';
import { Sparkline } from '../../parts/Sparkline';
import { TimeAgo } from '../../parts/TimeAgo';

const kShownEnvironments = 2;

function Environments({ item }: { item: Item }) {
  const names = item.environments.map((one) => one.name).filter(Boolean);
  const more = names.length - kShownEnvironments;
  return (
    <span class="item-envs" title={names.join(', ')}>
      {names.slice(0, kShownEnvironments).map((name) => <span key={name} class="env clip">{name}</span>)}
      {more > 0 && <span class="muted">+{more}</span>}
    </span>
  );
}

// "ada@shop.example" is "ada" in a list; the whole address on hover.
function Developer({ address }: { address: string | undefined }) {
  return <span class="item-developer clip" title={address}>{address?.split('@')[0]}</span>;
}

function RowActions({ item, onStatus }: { item: Item; onStatus: (status: Status) => void }) {
  const resolved = item.status === 'resolved';
  return (
    <span class="item-actions">
      <Button look="quiet" icon={resolved ? 'reopen' : 'check'} tabIndex={-1}
        label={`${resolved ? 'Reopen' : 'Resolve'} #${item.number}`}
        onClick={() => onStatus(resolved ? 'active' : 'resolved')} />
    </span>
  );
}

interface Props {
  item: Item;
  href: string;
  fresh: boolean;
  onSelect: () => void;
  onStatus: (status: Status) => void;
}

export function ItemRow({ item, href, fresh, onSelect, onStatus }: Props) {
  return (
    <li class={`item${fresh ? ' item-fresh' : ''}`}>
      <span class="item-level"><LevelMark level={item.level} /></span>
      <span class="item-what">
        <a class="item-link" href={href} data-number={item.number} onFocus={onSelect}>
          <span class="item-number numbers">#{item.number}</span> <span class="item-title">{item.title}</span>
        </a>
        {item.status !== 'active' && <StatusMark status={item.status} />}
        <span class="item-place mono" title={item.culprit}>{shortenMiddle(item.culprit, 60)}</span>
      </span>
      <Environments item={item} />
      <span class="item-trend"><Sparkline counts={item.trend} label="last 24 hours" /></span>
      <span class="item-count"><Count value={item.count} of={item.count === 1 ? 'occurrence' : 'occurrences'} /></span>
      <span class="item-people">
        {item.people > 0 && <Count value={item.people} of={item.people === 1 ? 'person' : 'people'} />}
      </span>
      <Developer address={item.developer} />
      <span class="item-seen"><TimeAgo at={item.last_seen} short /></span>
      <RowActions item={item} onStatus={onStatus} />
    </li>
  );
}
