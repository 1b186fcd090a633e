// Reads what Python's repr() writes, so that it can be opened like a tree. Whatever it does not
// understand (a cut text, <object at 0x…>) makes the whole text be shown as it is.
import { atom, kScrubbed, type Branch, type Entry, type Node } from './node';

const kLongest = 200_000;
const kDeepest = 60;
const kPairs: Record<string, string> = { '[': ']', '(': ')', '{': '}' };

class Mismatch extends Error {}

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  whole(): Node {
    const node = this.value();
    this.space();
    if (this.at !== this.text.length) throw new Mismatch();
    return node;
  }

  private space(): void {
    while (this.at < this.text.length && /\s/.test(this.text.charAt(this.at))) this.at += 1;
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return null;
    this.at += found[0].length;
    return found[0];
  }

  private value(): Node {
    this.space();
    if (++this.depth > kDeepest) throw new Mismatch();
    const node = this.string() ?? this.number() ?? this.angle() ?? this.bracket('') ?? this.word();
    this.depth -= 1;
    if (!node) throw new Mismatch();
    return node;
  }

  private string(): Node | null {
    const text = this.take(/[rbuf]{0,2}(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/suy);
    if (text === null) return null;
    return text.slice(1, -1) === kScrubbed ? atom('scrubbed', 'scrubbed') : atom(text, 'string');
  }

  private number(): Node | null {
    const text = this.take(/[+-]?(?:\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?j?|0x[0-9a-f]+|inf|nan)\b/iuy);
    return text === null ? null : atom(text, 'number');
  }

  private angle(): Node | null {
    const text = this.take(/<[^<>]*(?:<[^<>]*>[^<>]*)*>/uy);
    return text === null ? null : atom(text, 'plain');
  }

  // True, None, ..., datetime.date(2026, 1, 2), deque([1])
  private word(): Node | null {
    const name = this.take(/\.\.\.|[\p{L}_][\p{L}\p{N}_.]*/uy);
    if (name === null) return null;
    return this.text.charAt(this.at) === '(' ? this.bracket(name) : atom(name, 'word');
  }

  private bracket(label: string): Branch | null {
    const open = this.text.charAt(this.at);
    const close = kPairs[open];
    if (close === undefined) return null;
    this.at += 1;
    const entries: Entry[] = [];
    for (this.space(); this.text.charAt(this.at) !== close; this.space()) {
      entries.push(this.entry(open, label !== ''));
      this.space();
      if (this.take(/,/y) === null && this.text.charAt(this.at) !== close) throw new Mismatch();
    }
    this.at += 1;
    return { kind: 'branch', label, open, close, entries };
  }

  private entry(open: string, isCall: boolean): Entry {
    const keyword = isCall ? this.take(/[\p{L}_][\p{L}\p{N}_]*=/uy) : null;
    if (keyword !== null) return { key: keyword.slice(0, -1), keyTone: 'plain', value: this.value() };
    const first = this.value();
    this.space();
    if (open !== '{' || this.take(/:/y) === null) return { key: null, keyTone: 'plain', value: first };
    const key = first.kind === 'atom' ? first.text : '(…)';
    return { key, keyTone: first.kind === 'atom' ? first.tone : 'plain', value: this.value() };
  }
}

export function nodeOfRepr(text: string): Node {
  if (text === kScrubbed) return atom('scrubbed', 'scrubbed');
  if (text.length > kLongest) return atom(text, 'plain');
  try {
    return new Reader(text).whole();
  } catch (error) {
    if (error instanceof Mismatch) return atom(text, 'plain');
    throw error;
  }
}
