// Runs src/**/*.test.ts with Node's own test runner, each bundled by esbuild into a temporary directory.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const out = mkdtempSync(path.join(tmpdir(), 'flawless-ui-test-'));

function testsIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? testsIn(file) : /\.test\.tsx?$/.test(file) ? [file] : [];
  });
}

try {
  await build({
    entryPoints: testsIn(path.join(root, 'src')), outdir: out, bundle: true, platform: 'node',
    format: 'esm', outExtension: { '.js': '.mjs' }, logLevel: 'warning',
  });
  const built = readdirSync(out, { recursive: true }).filter((name) => name.endsWith('.mjs'));
  const run = spawnSync(process.execPath, ['--test', ...built.map((name) => path.join(out, name))], { stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
