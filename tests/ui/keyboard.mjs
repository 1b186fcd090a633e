// j, k, Enter, e, m, u, / and ? with visible focus; nothing happens while somebody types.
import assert from 'node:assert/strict';

import { bannerReport, itemsPath, play, send, shoot, signIn, waitForItems } from './support.mjs';

const focused = (page) => page.evaluate(() => document.activeElement?.textContent ?? '');

await play(async ({ context, page }) => {
  await signIn(context);
  await send({ level: 'info', message: 'first of all' });
  await send({ level: 'warning', message: 'then another' });
  await send(bannerReport());
  await waitForItems(context, 3);
  await page.goto(itemsPath());
  await page.locator('.item-link').nth(2).waitFor();

  await page.keyboard.press('j');
  assert.match(await focused(page), /IndexError/);
  await page.keyboard.press('j');
  assert.match(await focused(page), /then another/);
  await shoot(page, 'keyboard-focus');
  await page.keyboard.press('k');
  assert.match(await focused(page), /IndexError/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /IndexError/ }).waitFor();
  await page.goBack();
  await page.locator('.item-link').nth(2).waitFor();
  assert.match(await focused(page), /IndexError/, 'back finds the row that was left');
  await page.goForward();
  await page.getByRole('heading', { level: 1, name: /IndexError/ }).waitFor();

  await page.keyboard.press('e');
  await page.getByText('#3 resolved').waitFor();
  await page.keyboard.press('u');
  await page.locator('.item-link', { hasText: 'then another' }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.item-link').length === 2);

  await page.keyboard.press('j');
  await page.keyboard.press('m');
  await page.waitForFunction(() => document.querySelectorAll('.item-link').length === 1);
  assert.match(await focused(page), /first of all/);

  await page.keyboard.press('/');
  await page.keyboard.type('jem?');
  assert.equal(await page.getByRole('searchbox').inputValue(), 'jem?');
  await page.waitForURL('**q=jem*');
  await page.getByText('Nothing matches').waitFor();
  await page.getByRole('searchbox').fill('first');
  await page.locator('.item-link', { hasText: 'first of all' }).waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('searchbox').inputValue(), 'first', 'leaving the search keeps it');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await shoot(page, 'shortcuts');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
});
