import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nodeOfJson } from './json';
import { preview, type Branch } from './node';
import { nodeOfRepr } from './python';

const round = (text: string): string => preview(nodeOfRepr(text), 1000);

test('reprs are read as trees and written back as they were', () => {
  for (const text of ["[1, 'a', None, True]", "{'a': [1.5, -2e9], 3: (1, 2)}", 'deque([1, 2])',
    "Order(id=3, lines=['x'])", "{'o': <Order #3>}", "[b'\\x00', \"it's\"]", '[1, 2, ...]']) {
    const node = nodeOfRepr(text);
    assert.equal(node.kind, 'branch', text);
    assert.equal(round(text), text);
  }
});

test('what is no repr stays one text', () => {
  for (const text of ["['cut", 'two words', '[1 2]', '{]', '[', '<a <b', "'a' + 'b'", '(('.repeat(100)]) {
    const node = nodeOfRepr(text);
    assert.equal(node.kind, 'atom', text);
    assert.equal(round(text), text);
  }
});

test('secrets are told apart from texts', () => {
  const node = nodeOfJson({ token: '[scrubbed]' }) as Branch;
  const value = node.entries[0]?.value;
  assert.deepEqual(value, { kind: 'atom', text: 'scrubbed', tone: 'scrubbed' });
  assert.deepEqual(nodeOfRepr('[scrubbed]'), value);
  assert.equal((nodeOfRepr("{'pw': '[scrubbed]'}") as Branch).entries[0]?.value.kind, 'atom');
});

test('previews end where they should', () => {
  assert.equal(preview(nodeOfJson({ a: 1, b: [1, 2] })), '{a: 1, b: [1, 2]}');
  assert.equal(preview(nodeOfJson(Array.from({ length: 1e5 }, () => 1)), 20).length, 20);
});
