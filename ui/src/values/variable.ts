// How a frame's variable reads. Python's clients send what repr() wrote; everybody else sends JSON.
import type { OccurrenceDetail } from '../api/types';
import { nodeOfJson } from './json';
import type { Node } from './node';
import { nodeOfRepr } from './python';

export type ValueReader = (value: unknown) => Node;

const readPython: ValueReader = (value) =>
  typeof value === 'string' ? nodeOfRepr(value) : withReprs(nodeOfJson(value), value);

const readJson: ValueReader = (value) => nodeOfJson(value);

// Lists and dicts are structured, their texts are still reprs.
function withReprs(node: Node, value: unknown): Node {
  if (node.kind === 'atom') {
    return value === null ? { ...node, text: 'None' }
      : typeof value === 'boolean' ? { ...node, text: value ? 'True' : 'False' } : node;
  }
  const parts = Object.values(value as object);
  const entries = node.entries.map((entry, index) => ({ ...entry, value: readPython(parts[index]) }));
  return { ...node, entries };
}

export function valueReaderOf(occurrence: OccurrenceDetail): ValueReader {
  const event = occurrence.event;
  const isPython = /^python/i.test(event?.language ?? '') || /^python/i.test(event?.platform ?? '');
  return isPython && occurrence.protocol !== 'rollbar' ? readPython : readJson;
}
