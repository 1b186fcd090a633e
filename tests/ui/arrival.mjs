// A new error is announced while the list is open; counts tick; being scrolled keeps one's place.
import assert from 'node:assert/strict';

import { bannerReport, itemsPath, play, send, shoot, signIn, stage, waitForItems } from './support.mjs';

const numbered = (index) => ({ level: 'warning', message: `Stock of product ${'abcdefghijklmnopqrstuvwxyz'[index]} is low` });

await play(async ({ context, page }) => {
  await signIn(context);
  for (let index = 0; index < 26; index += 1) await send(numbered(index));
  await waitForItems(context, 20);
  await page.goto(itemsPath());
  await page.locator('.item-link').nth(10).waitFor();

  await send(bannerReport());
  const toast = page.getByRole('region', { name: 'Messages' }).getByRole('link', { name: /IndexError: Cannot choose/ });
  await toast.waitFor();
  assert.match(await toast.innerText(), /production/);
  assert.match(await toast.innerText(), /arrivals #/);
  const row = page.locator('.item', { has: page.getByRole('link', { name: /IndexError: Cannot choose/ }) });
  await row.waitFor();
  await shoot(page, 'arrival');

  await send(bannerReport());
  await row.locator('.item-count').getByText('2', { exact: true }).waitFor();

  await page.evaluate(() => window.scrollTo(0, 400));
  const top = await page.evaluate(() => window.scrollY);
  assert(top > 100, 'the list is too short to scroll');
  await send({ level: 'critical', message: 'The safe is open' });
  await page.getByRole('button', { name: '1 new' }).waitFor();
  assert.equal(await page.evaluate(() => window.scrollY), top);
  assert.equal(await page.locator('.item-link', { hasText: 'The safe is open' }).count(), 0);
  await page.getByRole('button', { name: '1 new' }).click();
  await page.locator('.item-link', { hasText: 'The safe is open' }).waitFor();

  await toast.click();
  await page.waitForURL(`**/p/${stage.project.id}/items/*`);
  await page.getByRole('heading', { level: 1, name: /IndexError/ }).waitFor();
  assert.equal(await toast.count(), 0, 'the pop-up is gone once its item is looked at');
  await page.goBack();
  await page.locator('.item-link', { hasText: 'The safe is open' }).waitFor();
});
