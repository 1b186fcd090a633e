import type { ItemDetail, Status } from '../../api/types';
import { shortRevision } from '../../format/path';
import { Button } from '../../parts/Button';
import { Count } from '../../parts/Count';
import { LevelMark, StatusMark } from '../../parts/Marks';
import { TimeAgo } from '../../parts/TimeAgo';
import { projectName } from '../../state/projects';

interface ActionProps {
  status: Status;
  onStatus: (status: Status) => void;
}

function Actions({ status, onStatus }: ActionProps) {
  if (status !== 'active') {
    return (
      <div class="item-buttons" role="group" aria-label="Status">
        <Button look="primary" icon="reopen" onClick={() => onStatus('active')}>Reopen</Button>
      </div>
    );
  }
  return (
    <div class="item-buttons" role="group" aria-label="Status">
      <Button look="primary" icon="check" onClick={() => onStatus('resolved')}>Resolve</Button>
      <Button icon="mute" onClick={() => onStatus('muted')}>Mute</Button>
      <Button icon="archive" onClick={() => onStatus('archived')}>Archive</Button>
    </div>
  );
}

function Environments({ item }: { item: ItemDetail }) {
  const named = item.environments.filter((one) => one.name);
  if (named.length === 0) return null;
  return (
    <span>
      {named.map((one, index) => (
        <span key={one.name}>{index > 0 && ', '}{one.name} <Count value={one.count} of="occurrences" /></span>
      ))}
    </span>
  );
}

function Release({ name }: { name: string }) {
  return name ? <> in <code title={name}>{shortRevision(name)}</code></> : null;
}

export function ItemHeader({ item, onStatus }: { item: ItemDetail; onStatus: (status: Status) => void }) {
  return (
    <header class="item-header">
      <div class="item-heading">
        <p class="crumbs">
          <a href={`/p/${item.project}/items`}>{projectName(item.project)}</a>
          <span class="muted"> / </span>
          <span class="numbers">#{item.number}</span>
        </p>
        <h1 title={item.title}>{item.title}</h1>
        <p class="item-facts">
          <LevelMark level={item.level} />
          <StatusMark status={item.status} />
          <Environments item={item} />
          <span>first <TimeAgo at={item.first_seen} /><Release name={item.first_release} /></span>
          <span>last <TimeAgo at={item.last_seen} /></span>
        </p>
      </div>
      <Actions status={item.status} onStatus={onStatus} />
    </header>
  );
}
