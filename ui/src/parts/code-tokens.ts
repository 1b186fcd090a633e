// Colours for one line of source: good enough to read by, for any language, without knowing what came before.
export type TokenTone = 'plain' | 'keyword' | 'string' | 'number' | 'comment';

export interface Token {
  text: string;
  tone: TokenTone;
}

const kPython = 'and as assert async await break class continue def del elif else except finally for from global if ' +
  'import in is lambda match nonlocal not or pass raise return try while with yield None True False self';
const kRuby = 'begin break case class def do else elsif end ensure false for if in module next nil not or redo rescue ' +
  'retry return self super then true undef unless until when while yield raise require';
const kBraces = 'abstract any as async auto await bool boolean break byte case catch char class const constexpr continue ' +
  'default defer delete do double else enum export extends extern false final finally float fn for foreach from fun func ' +
  'function go if impl implements import in instanceof int interface internal let long loop match module mut namespace new ' +
  'nil null nullptr operator override package private protected pub public raise readonly return self short signed sizeof ' +
  'static string struct super switch template this throw throws trait true try type typedef typename typeof undefined union ' +
  'unsafe unsigned use using val var virtual void volatile when where while with yield';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const kPythonWords = words(kPython);
const kRubyWords = words(kRuby);
const kBraceWords = words(kBraces);

function wordsOf(language: string): ReadonlySet<string> {
  if (/python/i.test(language)) return kPythonWords;
  return /ruby|elixir/i.test(language) ? kRubyWords : kBraceWords;
}

const kString = /(?:[rbfu]{1,2})?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)/y;
const kNumber = /\b(?:0x[\da-f_]+|\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?)\b/iy;
const kWord = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const kHashComment = /#.*/y;
const kSlashComment = /\/\/.*|\/\*.*?(?:\*\/|$)/y;
const kMostHighlighted = 2000;

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

export function tokensOf(line: string, language: string): Token[] {
  if (line.length > kMostHighlighted) return [{ text: line, tone: 'plain' }];
  const keywords = wordsOf(language);
  const comment = keywords === kBraceWords && !/php/i.test(language) ? kSlashComment : kHashComment;
  const tokens: Token[] = [];
  const add = (text: string, tone: TokenTone): void => {
    const last = tokens[tokens.length - 1];
    if (last?.tone === tone) last.text += text;
    else tokens.push({ text, tone });
  };
  for (let at = 0; at < line.length;) {
    const found = next(line, at, comment, keywords);
    add(found.text, found.tone);
    at += found.text.length;
  }
  return tokens;
}

function next(line: string, at: number, comment: RegExp, keywords: ReadonlySet<string>): Token {
  const remark = match(comment, line, at);
  if (remark) return { text: remark, tone: 'comment' };
  const text = match(kString, line, at);
  if (text) return { text, tone: 'string' };
  const word = match(kWord, line, at);
  if (word) return { text: word, tone: keywords.has(word) ? 'keyword' : 'plain' };
  const number = match(kNumber, line, at);
  if (number) return { text: number, tone: 'number' };
  return { text: line.charAt(at), tone: 'plain' };
}
