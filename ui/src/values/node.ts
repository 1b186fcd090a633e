// A value as it is shown: an atom, or a bracketed list of entries that opens and closes.
export type Tone = 'string' | 'number' | 'word' | 'plain' | 'scrubbed';

export interface Atom {
  kind: 'atom';
  text: string;
  tone: Tone;
}

export interface Entry {
  key: string | null;
  keyTone: Tone;
  value: Node;
}

export interface Branch {
  kind: 'branch';
  label: string; // a class name, or empty
  open: string;
  close: string;
  entries: Entry[];
}

export type Node = Atom | Branch;

export const kScrubbed = '[scrubbed]';

export const atom = (text: string, tone: Tone): Atom => ({ kind: 'atom', text, tone });

export function preview(node: Node, most = 80): string {
  const text = write(node, most);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

// Stops adding once there is more than `most`, so that huge values cost nothing.
function write(node: Node, most: number): string {
  if (node.kind === 'atom') return node.text;
  let text = node.label + node.open;
  for (const [index, entry] of node.entries.entries()) {
    if (text.length > most) return text;
    if (index > 0) text += ', ';
    if (entry.key !== null) text += `${entry.key}${node.open === '(' ? '=' : ': '}`;
    text += write(entry.value, most - text.length);
  }
  return text + node.close;
}
