import { atom, kScrubbed, type Node } from './node';

function ofString(value: string, quoted: boolean): Node {
  if (value === kScrubbed) return atom('scrubbed', 'scrubbed');
  return quoted ? atom(JSON.stringify(value), 'string') : atom(value, 'plain');
}

// `quoted` false: top-level texts are shown as they are.
export function nodeOfJson(value: unknown, quoted = true): Node {
  if (value === null || value === undefined) return atom('null', 'word');
  if (typeof value === 'string') return ofString(value, quoted);
  if (typeof value === 'number') return atom(String(value), 'number');
  if (typeof value === 'boolean') return atom(String(value), 'word');
  if (Array.isArray(value)) {
    const entries = value.map((one) => ({ key: null, keyTone: 'plain' as const, value: nodeOfJson(one) }));
    return { kind: 'branch', label: '', open: '[', close: ']', entries };
  }
  const entries = Object.entries(value as object).map(([key, one]) => ({
    key, keyTone: 'plain' as const, value: nodeOfJson(one),
  }));
  return { kind: 'branch', label: '', open: '{', close: '}', entries };
}
