import { useState } from 'preact/hooks';

import { exactNumber } from '../format/number';
import { preview, type Atom, type Branch, type Entry, type Node } from '../values/node';
import { Icon } from './Icon';
import './ValueTree.css';

const kFoldedCharacters = 240;
const kEntriesAtOnce = 100;
const kInlineCharacters = 72;

function AtomText({ atom }: { atom: Atom }) {
  const [open, setOpen] = useState(false);
  if (atom.tone === 'scrubbed') return <em class="v-scrubbed" title="A secret: it was removed">scrubbed</em>;
  if (atom.text === '') return <em class="v-empty">empty</em>;
  const long = atom.text.length > kFoldedCharacters;
  const shown = long && !open ? atom.text.slice(0, kFoldedCharacters) : atom.text;
  return (
    <span class={`v v-${atom.tone}`}>
      {shown}
      {long && (
        <button type="button" class="v-more" onClick={() => setOpen(!open)}>
          {open ? 'less' : `… ${exactNumber(atom.text.length - kFoldedCharacters)} more characters`}
        </button>
      )}
    </span>
  );
}

function EntryLine({ entry, index, depth }: { entry: Entry; index: number; depth: number }) {
  return (
    <li>
      <span class={`v-key v-${entry.keyTone}`}>{entry.key ?? index}</span>
      <span class="v-colon">: </span>
      <ValueNode node={entry.value} depth={depth + 1} />
    </li>
  );
}

// What fits on a line is shown whole; the rest opens on a click.
function BranchView({ branch, depth }: { branch: Branch; depth: number }) {
  const [open, setOpen] = useState(false);
  const [most, setMost] = useState(kEntriesAtOnce);
  const summary = preview(branch, kInlineCharacters);
  if (branch.entries.length === 0) return <span class="v">{summary}</span>;
  const left = branch.entries.length - most;
  return (
    <span class="v-branch">
      <button type="button" class="v-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? 'down' : 'chevron'} />
        {open ? `${branch.label}${branch.open} ${exactNumber(branch.entries.length)} ${branch.close}` : summary}
      </button>
      {open && (
        <ul>
          {branch.entries.slice(0, most).map((entry, index) => (
            <EntryLine key={index} entry={entry} index={index} depth={depth} />
          ))}
          {left > 0 && (
            <li><button type="button" class="v-more" onClick={() => setMost(most + kEntriesAtOnce)}>
              {exactNumber(left)} more
            </button></li>
          )}
        </ul>
      )}
    </span>
  );
}

function ValueNode({ node, depth }: { node: Node; depth: number }) {
  return node.kind === 'atom' ? <AtomText atom={node} /> : <BranchView branch={node} depth={depth} />;
}

export function ValueTree({ node }: { node: Node }) {
  return <span class="value"><ValueNode node={node} depth={0} /></span>;
}
