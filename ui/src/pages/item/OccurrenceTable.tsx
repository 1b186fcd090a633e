import { useEffect, useState } from 'preact/hooks';

import { explain } from '../../api/client';
import { listOccurrences } from '../../api/occurrences';
import type { ItemDetail, Occurrence, Page } from '../../api/types';
import { shortRevision } from '../../format/path';
import { Button } from '../../parts/Button';
import { Loading, Problem } from '../../parts/Notes';
import { TimeAgo } from '../../parts/TimeAgo';

interface Props {
  item: ItemDetail;
  current: number;
  onOpen: (id: number) => void;
}

const personOf = (row: Occurrence): string =>
  row.person ? row.person.email || row.person.username || row.person.id : '';

function Row({ row, current, onOpen }: { row: Occurrence; current: boolean; onOpen: (id: number) => void }) {
  return (
    <tr class={current ? 'current' : ''} aria-current={current ? 'true' : undefined}>
      <td>
        <a href={`?occurrence=${row.id}`} onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          onOpen(row.id);
          window.scrollTo(0, 0);
        }}><TimeAgo at={row.received_at} /></a>
      </td>
      <td>{row.environment}</td>
      <td class="mono">{shortRevision(row.release)}</td>
      <td>{row.host}</td>
      <td>{personOf(row)}</td>
    </tr>
  );
}

function usePages(item: ItemDetail) {
  const [page, setPage] = useState<Page<Occurrence> | null>(null);
  const [problem, setProblem] = useState('');
  const load = async (before: Page<Occurrence> | null): Promise<void> => {
    try {
      const next = await listOccurrences(item.project, item.number, before?.next ?? null);
      setPage({ rows: [...(before?.rows ?? []), ...next.rows], next: next.next });
      setProblem('');
    } catch (error) {
      setProblem(explain(error));
    }
  };
  useEffect(() => void load(null), []);
  return { page, problem, more: () => void load(page) };
}

export function OccurrenceTable({ item, current, onOpen }: Props) {
  const { page, problem, more } = usePages(item);
  if (problem) return <Problem text={problem} onRetry={more} />;
  if (!page) return <Loading what="occurrences" />;
  return (
    <div class="table-box" tabIndex={0} role="group" aria-label="Occurrences of this item">
      <table class="table">
        <thead><tr><th>When</th><th>Environment</th><th>Release</th><th>Host</th><th>Person</th></tr></thead>
        <tbody>
          {page.rows.map((row) => <Row key={row.id} row={row} current={row.id === current} onOpen={onOpen} />)}
        </tbody>
      </table>
      {page.next && <Button onClick={more}>Show more</Button>}
    </div>
  );
}
