// For work on the app: rebuilds it on change, serves it, and passes /api on to a running server.
//   node dev/proxy.mjs --server http://127.0.0.1:8080 --port 5173 [--token TOKEN]
// With a token nobody needs to sign in. Listens on this machine only.
import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const server = new URL(option('server', 'http://127.0.0.1:8080'));
const token = option('token', '');
const port = Number(option('port', '5173'));
const dist = path.join(root, 'dist');

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const devUser = { user: { id: 1, email: 'dev@localhost', name: 'Developer', role: 'admin' } };

function sendJson(reply, value) {
  reply.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

function forward(request, reply) {
  if (token && request.url === '/api/2/session') return sendJson(reply, devUser);
  const headers = { ...request.headers, host: server.host };
  if (headers.origin) headers.origin = server.origin;
  if (token) headers.authorization = `Bearer ${token}`;
  const onward = http.request(new URL(request.url, server), { method: request.method, headers }, (answer) => {
    reply.writeHead(answer.statusCode, answer.headers);
    answer.pipe(reply);
  });
  onward.on('error', (error) => reply.writeHead(502).end(String(error)));
  reply.on('close', () => onward.destroy());
  request.pipe(onward);
}

function serveFile(request, reply) {
  const wanted = path.normalize(new URL(request.url, server).pathname);
  const file = path.join(dist, wanted);
  const found = wanted.startsWith('/assets/') && existsSync(file) ? file : path.join(dist, 'index.html');
  reply.writeHead(200, {
    'Content-Type': types[path.extname(found)] ?? 'application/octet-stream',
    'Content-Security-Policy': policy,
    'Cache-Control': 'no-store',
  });
  createReadStream(found).pipe(reply);
}

const builder = spawn(
  process.execPath, [path.join(root, 'scripts/build.mjs'), '--out', dist, '--watch'], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    builder.kill();
    process.exit(0);
  });
}
http
  .createServer((request, reply) => (request.url.startsWith('/api/') ? forward : serveFile)(request, reply))
  .listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port} -> ${server.origin}`));
