import assert from 'node:assert/strict';
import { test } from 'node:test';

import { tokensOf } from './code-tokens';

const tones = (line: string, language: string): string =>
  tokensOf(line, language).filter((token) => token.tone !== 'plain').map((token) => `${token.tone}:${token.text}`).join('|');

test('nothing is lost or added', () => {
  for (const line of ['', '   x = "a\\"b" # c', "f'{x}' 'unclosed", 'a / b // c', '\t€ 0x1F 1e9', '日本 = "x"']) {
    assert.equal(tokensOf(line, 'python').map((token) => token.text).join(''), line);
  }
});

test('words, texts, numbers and remarks are told apart', () => {
  assert.equal(tones('    return random.choice(b[0])  # pick', 'CPython 3.11'),
    'keyword:return|number:0|comment:# pick');
  assert.equal(tones('const url = "http://x"; // why', 'javascript'), 'keyword:const|string:"http://x"|comment:// why');
  assert.equal(tones('x1 = returned', 'python'), '');
});

test('a huge line is not taken apart', () => {
  assert.equal(tokensOf('x'.repeat(5000), 'javascript').length, 1);
});
