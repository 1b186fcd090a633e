import type { HistoryEntry } from '../../api/types';
import { TimeAgo } from '../../parts/TimeAgo';

const kWords: Record<string, string> = {
  created: 'First seen', reopened: 'Came back', new_in_environment: 'New in', resolved: 'Resolved', muted: 'Muted',
  archived: 'Archived', active: 'Reopened', blamed: 'Written by', mailed: 'Mailed to',
  undeliverable: 'Not delivered to',
};

export function History({ entries }: { entries: HistoryEntry[] }) {
  if (entries.length === 0) return null;
  return (
    <section class="side-box">
      <h2>History</h2>
      <ol class="history">
        {entries.map((entry, index) => (
          <li key={`${entry.at}${index}`}>
            <span class="history-what">
              {kWords[entry.kind] ?? entry.kind}{entry.detail && ` ${entry.detail}`}
              {entry.by && <span class="muted"> by {entry.by}</span>}
            </span>
            <span class="muted"><TimeAgo at={entry.at} /></span>
          </li>
        ))}
      </ol>
    </section>
  );
}
