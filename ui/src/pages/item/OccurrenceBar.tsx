import type { ItemDetail, OccurrenceDetail } from '../../api/types';
import { exactNumber } from '../../format/number';
import { exact, moment } from '../../format/time';
import { Button } from '../../parts/Button';
import { now } from '../../state/clock';

interface Props {
  item: ItemDetail;
  occurrence: OccurrenceDetail | null;
  position: number | null;
  onOpen: (id: number | null) => void;
}

function When({ occurrence }: { occurrence: OccurrenceDetail }) {
  const at = Date.parse(occurrence.occurred_at ?? occurrence.received_at);
  return <time class="numbers" title={exact(at)}>{moment(at, now.peek())}</time>;
}

function Facts({ occurrence }: { occurrence: OccurrenceDetail }) {
  const person = occurrence.person;
  const facts = [
    occurrence.environment, occurrence.host,
    person ? person.email || person.username || person.id : '',
    occurrence.browser,
  ].filter(Boolean);
  return (
    <p class="occurrence-facts">
      <When occurrence={occurrence} />
      {facts.map((fact, index) => <span key={index} class="clip">{fact}</span>)}
    </p>
  );
}

// Bodies may be gone and counts are exact: the position is known only from an end on.
function Position({ item, position }: { item: ItemDetail; position: number | null }) {
  const of = exactNumber(item.count);
  return (
    <span class="occurrence-position numbers">
      {position === null ? `one of ${of}` : <>occurrence {exactNumber(position)} of {of}</>}
    </span>
  );
}

export function OccurrenceBar({ item, occurrence, position, onOpen }: Props) {
  const previous = occurrence?.previous ?? null;
  const next = occurrence?.next ?? null;
  return (
    <nav class="occurrence-bar" aria-label="Occurrences">
      <div class="occurrence-steps">
        <Button look="quiet" icon="first" label="First occurrence" disabled={previous === null}
          onClick={() => onOpen(item.first_occurrence)} />
        <Button look="quiet" icon="left" label="Older occurrence" disabled={previous === null}
          onClick={() => onOpen(previous)} />
        <Position item={item} position={position} />
        <Button look="quiet" icon="chevron" label="Newer occurrence" disabled={next === null}
          onClick={() => onOpen(next)} />
        <Button look="quiet" icon="last" label="Newest occurrence" disabled={next === null}
          onClick={() => onOpen(null)} />
      </div>
      {occurrence && <Facts occurrence={occurrence} />}
    </nav>
  );
}
