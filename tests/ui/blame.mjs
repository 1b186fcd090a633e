// Who wrote the line: on the item's page as the decision arrives, and behind the mail's links without an account.
import assert from 'node:assert/strict';

import { ask, itemsPath, play, shoot, signIn, stage } from './support.mjs';

async function readVerdict(page) {
  const verdict = page.getByRole('region', { name: 'Who wrote this line' });
  await verdict.getByText('mailed').waitFor();
  const text = await verdict.innerText();
  assert.match(text, /Grace Okafor\s+wrote this line/);
  assert.match(text, /high confidence/);
  assert.match(text, /“Pick banners at random”/);
  assert.match(text, /chosen\.append\(random\.choice\(banners\)\)/);
  assert.match(text, /to grace@shop\.example/);
  await shoot(page, 'item-blamed');
}

await play(async ({ page, context }) => {
  await signIn(context);
  await page.goto(itemsPath());
  await page.getByText('Nothing is broken').waitFor();
  await ask('fail');
  await page.locator('.item-link', { hasText: '#1 IndexError' }).click();
  await readVerdict(page);
});

// Whoever has the mail, and no account.
await play(async ({ page }) => {
  const links = JSON.parse(await ask('mail'));
  assert(links.length >= 3, 'the occurrence, their own lines, the form for a known error');
  for (const link of links) {
    const reply = await page.goto(link);
    assert.equal(reply.status(), 200, link);
    assert.equal(new URL(page.url()).pathname, new URL(link).pathname, 'it leads elsewhere');
  }
}, { javaScriptEnabled: false });
