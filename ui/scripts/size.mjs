// What a first visit loads, compressed as the server sends it; fails over the budget.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const kBudgetBytes = 80 * 1024;
const directory = process.argv[2] ?? 'dist';

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name);
    return statSync(file).isDirectory() ? files(file) : [file];
  });
}

let total = 0;
for (const file of files(directory)) {
  const bytes = gzipSync(readFileSync(file), { level: 9 }).length;
  total += bytes;
  console.log(`${String(bytes).padStart(7)}  ${path.relative(directory, file)}`);
}
console.log(`${String(total).padStart(7)}  bytes compressed, of ${kBudgetBytes}`);
if (total > kBudgetBytes) {
  console.error('The first load is over its budget.');
  process.exit(1);
}
