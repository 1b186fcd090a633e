// How a frame's variable reads. Python's clients send what repr() wrote; everybody else sends JSON.
import type { OccurrenceDetail } from '../api/types';
import { nodeOfJson } from './json';
import { atom, type Node } from './node';
import { nodeOfRepr } from './python';

export type ValueReader = (value: unknown) => Node;

const readJson: ValueReader = (value) => nodeOfJson(value);

// Lists and dicts are structured, the texts in them are read by `text`; the words are Python's.
function pythonReader(text: (value: string) => Node): ValueReader {
  const read: ValueReader = (value) => {
    if (typeof value === 'string') return text(value);
    if (value === null) return atom('None', 'word');
    if (typeof value === 'boolean') return atom(value ? 'True' : 'False', 'word');
    const node = nodeOfJson(value);
    if (node.kind === 'atom') return node;
    const parts = Object.values(value as object);
    return { ...node, entries: node.entries.map((entry, index) => ({ ...entry, value: read(parts[index]) })) };
  };
  return read;
}

const readReprs = pythonReader(nodeOfRepr);

// pyrollbar sends texts bare, and of objects what they are: "<class 'shop.Order'>".
const readRollbar = pythonReader((text) => (/^<.*>$/s.test(text) ? atom(text, 'plain') : nodeOfJson(text)));

export function valueReaderOf(occurrence: OccurrenceDetail): ValueReader {
  const event = occurrence.event;
  if (!/python/i.test(`${event?.language} ${event?.platform}`)) return readJson;
  return occurrence.protocol === 'rollbar' ? readRollbar : readReprs;
}
