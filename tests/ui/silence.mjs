// The connection dies without a word, as behind a lost network or a forgetful router: the page notices by the pings that
// do not come, says so, connects anew and shows what came meanwhile.
import assert from 'node:assert/strict';
import net from 'node:net';

import { itemsPath, play, send, signIn, stage } from './support.mjs';

const streams = new Set(); // connections that carry the stream of changes
const server = new URL(stage.url);
const proxy = net.createServer((client) => {
  const upstream = net.connect(Number(server.port), server.hostname);
  client.on('data', (bytes) => {
    if (bytes.includes('/api/2/events')) streams.add(client);
    upstream.write(bytes);
  });
  upstream.on('data', (bytes) => {
    if (!client.isSilenced) client.write(bytes);
  });
  for (const [one, other] of [[client, upstream], [upstream, client]]) {
    one.unref();
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
});
await new Promise((done) => proxy.listen(0, '127.0.0.1', done));
const through = `http://127.0.0.1:${proxy.address().port}`;

await play(async ({ context, page }) => {
  await signIn(context);
  await page.clock.install();
  await page.goto(through + itemsPath());
  await page.getByText('Nothing is broken').waitFor();
  while (streams.size === 0) await new Promise((done) => setTimeout(done, 20));
  for (const stream of streams) stream.isSilenced = true;
  await send({ message: 'while the line was dead' });
  await page.clock.fastForward(60_000);
  await page.locator('.item-link', { hasText: 'while the line was dead' }).waitFor({ timeout: 30_000 });
  assert.equal(await page.getByText('reconnecting…').count(), 0);
  assert.ok(streams.size > 1, 'a new connection');
});
proxy.unref();
