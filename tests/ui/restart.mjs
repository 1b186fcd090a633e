// The server dies and comes back: the page says so quietly, tries again and shows what came meanwhile.
import assert from 'node:assert/strict';

import { ask, itemsPath, play, signIn } from './support.mjs';

await play(async ({ context, page, troubles }) => {
  await signIn(context);
  await page.goto(itemsPath());
  await page.getByText('Nothing is broken').waitFor();
  await ask('kill the server');
  await page.getByText('reconnecting…').waitFor();
  await ask('start it and report');
  await page.locator('.item-link', { hasText: 'while nobody listened' }).waitFor({ timeout: 30_000 });
  assert.equal(await page.getByText('reconnecting…').count(), 0);
  // The browser complains of the connection that was cut.
  assert.deepEqual(troubles.splice(0).filter((trouble) => !/net::ERR_/.test(trouble)), []);
});
