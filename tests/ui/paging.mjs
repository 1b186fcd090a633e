// Pages follow one another without gaps or doubles; going back finds the same rows at the same place.
import assert from 'node:assert/strict';

import { itemsPath, play, send, signIn, stage } from './support.mjs';

const kItems = 57;
const kLetters = 'abcdefghijklmnopqrstuvwxyz';
// Letters only: numbers would be taken for the same message with another value.
const word = (index) => kLetters[Math.floor(index / 26)] + kLetters[index % 26];

await play(async ({ context, page }) => {
  await signIn(context);
  for (let index = 0; index < kItems; index += 1) await send({ level: 'info', message: `Product ${word(index)}x is gone` });
  const end = Date.now() + 10_000;
  for (let count = 0; count < kItems;) {
    const reply = await context.request.get(`/api/2/projects/${stage.project.id}/items?limit=200`);
    count = (await reply.json()).items.length;
    assert(Date.now() < end, `only ${count} items`);
  }
  await page.goto(`${itemsPath()}?sort=first_seen`);
  const links = page.locator('.item-link');
  await page.getByText('50 items, and more').waitFor();
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByText(`${kItems} items`, { exact: true }).waitFor();
  const numbers = await links.evaluateAll((all) => all.map((link) => Number(link.dataset.number)));
  assert.deepEqual(numbers, Array.from({ length: kItems }, (_, index) => index + 1));

  await links.nth(kItems - 2).scrollIntoViewIfNeeded();
  await page.waitForTimeout(200);
  const top = await page.evaluate(() => window.scrollY);
  assert(top > 500);
  await links.nth(kItems - 2).click();
  await page.getByRole('heading', { level: 1, name: /Product/ }).waitFor();
  assert.equal(await page.evaluate(() => window.scrollY), 0);
  await page.goBack();
  await page.waitForFunction((wanted) => Math.abs(window.scrollY - wanted) < 2, top);
  await page.waitForTimeout(600); // the reload behind it must not move anything
  assert.equal(await page.evaluate(() => window.scrollY), top);
  assert.equal(await links.count(), kItems);
});
