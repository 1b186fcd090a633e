// Mirrors of the repositories that the configuration names.
import { useEffect, useState } from 'preact/hooks';

import { explain } from '../../api/client';
import { listRepositories } from '../../api/settings';
import type { Repository } from '../../api/types';
import { shortRevision } from '../../format/path';
import { CodeBlock } from '../../parts/CodeBlock';
import { Copy } from '../../parts/Copy';
import { Loading, Note, Problem } from '../../parts/Notes';
import { TimeAgo } from '../../parts/TimeAgo';
import { useTitle } from '../../state/title';
import { Settings } from './Settings';

const kRefreshMs = 3000;

const kExample = `[[repository]]
name = "shop"
url = "https://git.example.com/shop.git"
credentials_file = "/etc/flawless/shop.credentials"   # or credentials_env = "SHOP_TOKEN"
projects = ["shop"]                                   # none: all projects
path_mappings = ["/app/="]                            # none: guessed from the files`;

function stateLook(repository: Repository): string {
  if (repository.error) return 'bad';
  return repository.last_success ? 'good' : 'busy';
}

function RepositoryCard({ repository }: { repository: Repository }) {
  return (
    <li>
      <div class="cards-body">
        <h2>
          {repository.name}
          <span class={`state state-${stateLook(repository)}`}>{repository.state}</span>
        </h2>
        <p class="mono muted">{repository.url}</p>
        <p>
          {repository.tip && <>tip <code title={repository.tip}>{shortRevision(repository.tip)}</code> · </>}
          {repository.last_success ? <>fetched <TimeAgo at={repository.last_success} /></> : 'not fetched yet'}
          {repository.progress && <span class="muted"> · {repository.progress}</span>}
        </p>
        {repository.error && <p class="card-problem">{repository.error}</p>}
      </div>
    </li>
  );
}

function HowTo({ open }: { open: boolean }) {
  return (
    <details open={open}>
      <summary>Add or remove a repository</summary>
      <p class="how-to">Repositories and where their passwords lie are part of the server's configuration. Change it and restart.</p>
      <div class="snippet">
        <div class="snippet-head"><span>flawless.cfg</span><Copy text={kExample} what="configuration" /></div>
        <CodeBlock name="Example of a repository" language="python"
          lines={kExample.split('\n').map((text) => ({ number: null, text }))} />
      </div>
    </details>
  );
}

// Clones take a while: the list is read again as long as somebody looks.
function useRepositories() {
  const [all, setAll] = useState<Repository[] | null>(null);
  const [problem, setProblem] = useState('');
  const load = (): void => {
    listRepositories().then(
      (found) => { setAll(found); setProblem(''); },
      (error: unknown) => setProblem(explain(error)));
  };
  useEffect(() => {
    load();
    const timer = window.setInterval(() => { if (!document.hidden) load(); }, kRefreshMs);
    return () => window.clearInterval(timer);
  }, []);
  return { all, problem, load };
}

export function Repositories() {
  useTitle('Repositories');
  const { all, problem, load } = useRepositories();
  return (
    <Settings title="Repositories">
      <p class="muted">Where the code lies. Who wrote a line is read from here, at the commit that was deployed.</p>
      {problem && <Problem text={problem} onRetry={load} />}
      {!all && !problem && <Loading what="repositories" />}
      {all && all.length > 0 && (
        <ul class="cards">{all.map((one) => <RepositoryCard key={one.name} repository={one} />)}</ul>
      )}
      {all?.length === 0 && <Note><p>None yet: errors cannot be led back to whoever wrote the line.</p></Note>}
      {all && <HowTo open={all.length === 0} />}
    </Settings>
  );
}
