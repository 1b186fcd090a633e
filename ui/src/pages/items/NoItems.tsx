import { useEffect, useState } from 'preact/hooks';

import { readKeys } from '../../api/projects';
import type { ProjectKeys } from '../../api/types';
import { Empty } from '../../parts/Notes';
import { clearFilters, filters, isNarrowed } from '../../state/filters';
import { Snippets } from '../projects/Snippets';

// Whether the project has anything at all is unknown here: both ways on are offered.
export function NoItems({ project }: { project: number }) {
  const [keys, setKeys] = useState<ProjectKeys | null>(null);
  const narrowed = isNarrowed(filters.value);
  useEffect(() => {
    if (!narrowed) readKeys(project).then(setKeys, () => setKeys(null));
  }, [project, narrowed]);
  if (narrowed) {
    return (
      <Empty title="Nothing matches">
        <p>No item is left with these filters. <button type="button" class="link" onClick={clearFilters}>Clear them</button></p>
      </Empty>
    );
  }
  return (
    <div class="page-narrow no-items">
      <Empty title="Nothing is broken">
        <p>No active item. New ones appear here by themselves, the moment a program reports one.</p>
      </Empty>
      {keys && <details class="no-items-help"><summary>Let a program report here</summary><Snippets keys={keys} /></details>}
    </div>
  );
}
