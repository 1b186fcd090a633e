import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytes, plural, shortNumber } from './number';
import { libraryOf, ownPath, safeUrl, shortenMiddle, shortRevision } from './path';
import { age, ago } from './time';
import { withoutReordering } from './visible';

test('short numbers keep three digits and never read 1000 k', () => {
  assert.equal(shortNumber(987), '987');
  assert.equal(shortNumber(12_345), '12.3\u202fk');
  assert.equal(shortNumber(1_000), '1\u202fk');
  assert.equal(shortNumber(999_999), '1\u202fM');
});

test('counts agree with their noun', () => {
  assert.equal(plural(1, 'person', 'people'), '1 person');
  assert.equal(plural(1200, 'person', 'people'), '1,200 people');
  assert.equal(bytes(2048), '2.0 KiB');
});

test('ages grow without gaps; clocks that run ahead are now', () => {
  assert.equal(age(-5000), 'now');
  assert.equal(age(59_999), '59 s');
  assert.equal(age(60_000), '1 min');
  assert.equal(age(47 * 3_600_000), '47 h');
  assert.equal(ago(0, 1000), 'just now');
});

test('only http and https become links', () => {
  assert.equal(safeUrl('javascript:alert(1)'), null);
  assert.equal(safeUrl(' \tjavascript:alert(1)'), null);
  assert.equal(safeUrl('data:text/html,x'), null);
  assert.equal(safeUrl('/relative'), null);
  assert.equal(safeUrl('https://shop.example/a'), 'https://shop.example/a');
});

test('paths keep both ends, revisions are cut, libraries are named', () => {
  assert.equal(shortenMiddle('abcdefghij', 10), 'abcdefghij');
  assert.equal(shortenMiddle('abcdefghijk', 10).length, 10);
  assert.equal(shortRevision('a'.repeat(40)), 'aaaaaaaa');
  assert.equal(libraryOf('/usr/lib/python3.11/random.py', 'random'), 'random');
  assert.equal(libraryOf('/app/node_modules/@sentry/node/index.js', ''), '@sentry/node');
  assert.equal(libraryOf('site-packages/flask/app.py', 'flask.app'), 'flask');
});

test('text cannot turn around what stands beside it', () => {
  assert.equal(withoutReordering('a\u202eb\u2066'), 'a⟨U+202E⟩b⟨U+2066⟩');
  assert.equal(withoutReordering('שלום'), 'שלום');
});

test('what a link says about where to go on stays on this server', () => {
  const own = 'https://errors.example';
  assert.equal(ownPath('/p/1/items?level=error', own), '/p/1/items?level=error');
  for (const foreign of [
    'https://evil.example/', '//evil.example', '/\\evil.example', '/\t/evil.example', '/\n/evil.example', '\t//evil.example',
    'javascript:alert(1)', 'data:text/html,x', 'http://errors.example/', 'https://errors.example:1/', '//', '',
  ]) {
    assert.equal(ownPath(foreign, own), '/', JSON.stringify(foreign));
  }
  assert.equal(ownPath('/.//evil.example', own), '/evil.example');
});
