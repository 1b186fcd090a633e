// Bundles the app: --out DIR receives index.html and assets/NAME-HASH.ext, nothing else.
// --watch keeps building. Needs no types, so a changed API document cannot break a build.
import { build, context } from 'esbuild';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const argument = (name) => process.argv[process.argv.indexOf(name) + 1];
const out = path.resolve(process.argv.includes('--out') ? argument('--out') : path.join(root, 'dist'));

// The page names its files by what esbuild called them.
function writePage(outputs) {
  const href = (entry, extension) => {
    const found = Object.entries(outputs).find(([, output]) => output.entryPoint?.endsWith(entry));
    const file = extension === '.css' ? found[1].cssBundle : found[0];
    return '/' + path.relative(out, path.resolve(root, file)).split(path.sep).join('/');
  };
  const page = readFileSync(path.join(root, 'src/index.html'), 'utf8')
    .replace('{{boot.js}}', href('src/boot.ts', '.js'))
    .replace('{{app.js}}', href('src/main.tsx', '.js'))
    .replace('{{app.css}}', href('src/main.tsx', '.css'))
    .replace('{{icon.svg}}', '/' + iconName(outputs));
  if (page.includes('{{')) throw new Error('src/index.html names a file that is not built');
  writeFileSync(path.join(out, 'index.html'), page);
}

function iconName(outputs) {
  const icon = Object.keys(outputs).find((file) => /icon-\w+\.svg$/.test(file));
  return path.relative(out, path.resolve(root, icon)).split(path.sep).join('/');
}

const page = {
  name: 'page',
  setup(builder) {
    builder.onStart(() => {
      rmSync(out, { recursive: true, force: true });
      mkdirSync(out, { recursive: true });
    });
    builder.onEnd((result) => {
      if (result.errors.length === 0) writePage(result.metafile.outputs);
    });
  },
};

const options = {
  absWorkingDir: root,
  entryPoints: { app: 'src/main.tsx', boot: 'src/boot.ts', icon: 'src/icon.svg' },
  outdir: path.join(out, 'assets'),
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.svg': 'copy' },
  bundle: true,
  minify: !process.argv.includes('--watch'),
  format: 'iife',
  target: ['es2021', 'chrome100', 'firefox100', 'safari15'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  charset: 'utf8',
  metafile: true,
  logLevel: 'warning',
  plugins: [page],
};

if (process.argv.includes('--watch')) {
  await (await context(options)).watch();
} else {
  await build(options);
}
