// Turns a built app into a C++ source: node embed.mjs DIST OUT.cc
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const [dist, target] = process.argv.slice(2);
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function filesBelow(folder) {
  return readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name);
    return statSync(file).isDirectory() ? filesBelow(file) : [file];
  });
}

function typeOf(name) {
  const type = types[path.extname(name)];
  if (!type) throw new Error(`no content type is known for ${name}`);
  return type;
}

// A zero more than the bytes, since C++ has no empty arrays.
function array(name, bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 32) lines.push(bytes.subarray(at, at + 32).join(','));
  return `constexpr unsigned char ${name}[] = {${lines.join(',\n')}${bytes.length ? ',' : ''}0};\n`;
}

function describe(file, index) {
  const name = path.relative(dist, file).split(path.sep).join('/');
  const body = readFileSync(file);
  const packed = gzipSync(body, { level: 9 });
  packed[9] = 255; // the system that packed it: unknown, so that every machine writes the same bytes
  return {
    name, body, type: typeOf(name), index,
    gzip: packed.length < body.length ? packed : Buffer.alloc(0),
    etag: createHash('sha256').update(body).digest('hex').slice(0, 20),
    immutable: name.startsWith('assets/'),
  };
}

const files = filesBelow(dist).map((file) => ({ file, name: path.relative(dist, file) }))
  .sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ file }, index) => describe(file, index));

const rows = files.map((f) =>
  `      {"${f.name}", "${f.type}", bytes(kBody${f.index}), bytes(kGzip${f.index}), "\\"${f.etag}\\"", ${f.immutable}},`);

writeFileSync(target, `// Written by ui/scripts/embed.mjs.
#include <cstddef>

#include "web/assets.h"

namespace flawless::web {
namespace {

${files.map((f) => array(`kBody${f.index}`, f.body) + array(`kGzip${f.index}`, f.gzip)).join('')}
template <size_t N>
std::string_view bytes(const unsigned char (&data)[N]) {
  return {reinterpret_cast<const char*>(data), N - 1};
}

}  // namespace

std::span<const Asset> assets() {
  static const Asset all[] = {
${rows.join('\n')}
  };
  return all;
}

}  // namespace flawless::web
`);
