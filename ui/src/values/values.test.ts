import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nodeOfJson } from './json';
import { preview, type Branch } from './node';
import type { OccurrenceDetail } from '../api/types';
import { nodeOfRepr } from './python';
import { valueReaderOf } from './variable';

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

test('no text takes long to read', () => {
  const begin = performance.now();
  for (const text of [`${'1'.repeat(100_000)}x`, `1.${'1'.repeat(100_000)}x`, `${'1_'.repeat(50_000)}x`, `1e${'1'.repeat(100_000)}x`,
    `<${'<>'.repeat(50_000)}`, `'${'\\'.repeat(99_999)}`]) {
    assert.equal(nodeOfRepr(text).kind, 'atom');
  }
  assert.ok(performance.now() - begin < 2_000);
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

function shown(protocol: string, language: string, value: unknown): string {
  const occurrence = { protocol, event: { level: 'error', language } } as unknown as OccurrenceDetail;
  return preview(valueReaderOf(occurrence)(value), 1000);
}

test('values read as their client meant them', () => {
  assert.equal(shown('sentry_envelope', 'CPython 3.11.2', "'paris'"), "'paris'");
  assert.equal(shown('flawless', 'python 3.12', ["'a'", null, { k: 'Order(1)' }]), "['a', None, {k: Order(1)}]");
  assert.equal(shown('rollbar', 'python 3.12', 'paris'), '"paris"');
  assert.equal(shown('rollbar', 'python 3.12', "<class 'shop.Order'>"), "<class 'shop.Order'>");
  assert.equal(shown('sentry_envelope', 'javascript', [null, 'paris', true]), '[null, "paris", true]');
});
