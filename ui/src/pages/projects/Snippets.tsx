// What to paste into a program so that it reports here.
import { useState } from 'preact/hooks';

import type { ProjectKeys } from '../../api/types';
import { CodeBlock } from '../../parts/CodeBlock';
import { Copy } from '../../parts/Copy';
import { Tabs, type Tab } from '../../parts/Tabs';
import { kSnippets, type Snippet } from './snippet-texts';

function SnippetBox({ snippet, keys }: { snippet: Snippet; keys: ProjectKeys }) {
  const code = snippet.code(keys);
  return (
    <div class="snippet">
      <div class="snippet-head">
        <span>{snippet.install}</span>
        <Copy text={code} what="code" />
      </div>
      <CodeBlock name={`Code for ${snippet.label}`} language={snippet.language}
        lines={code.split('\n').map((text) => ({ number: null, text }))} />
    </div>
  );
}

export function Snippets({ keys }: { keys: ProjectKeys }) {
  const [chosen, setChosen] = useState('flawless-python');
  const tabs: Tab[] = kSnippets.map((snippet) => ({
    key: snippet.key, label: snippet.label, show: () => <SnippetBox snippet={snippet} keys={keys} />,
  }));
  return <Tabs name="Clients" tabs={tabs} chosen={chosen} onChoose={setChosen} />;
}
