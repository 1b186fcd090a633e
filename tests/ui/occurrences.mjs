// From occurrence to occurrence, by button, key, table and address; a newer one may come meanwhile.
import assert from 'node:assert/strict';

import { bannerReport, itemsPath, play, send, shoot, signIn, waitForItems } from './support.mjs';

const from = (host) => bannerReport({ host });
const hostShown = (page) => page.locator('.occurrence-facts').innerText();

await play(async ({ context, page }) => {
  await signIn(context);
  for (const host of ['web-1', 'web-2', 'web-3']) await send(from(host));
  await waitForItems(context, 1);
  await page.goto(`${itemsPath()}/1`);
  const bar = page.getByRole('navigation', { name: 'Occurrences' });
  await bar.getByText('occurrence 3 of 3').waitFor();
  assert.match(await hostShown(page), /web-3/);
  assert(await page.getByRole('button', { name: 'Newer occurrence' }).isDisabled());

  await page.getByRole('button', { name: 'Older occurrence' }).click();
  await bar.getByText('occurrence 2 of 3').waitFor();
  assert.match(await hostShown(page), /web-2/);
  await page.keyboard.press('j');
  await bar.getByText('occurrence 1 of 3').waitFor();
  await page.keyboard.press('k');
  await bar.getByText('occurrence 2 of 3').waitFor();
  await page.getByRole('button', { name: 'Newest occurrence' }).click();
  await bar.getByText('occurrence 3 of 3').waitFor();

  await send(from('web-4'));
  await bar.getByText('occurrence 3 of 4').waitFor();
  assert.match(await hostShown(page), /web-3/);
  await page.getByRole('button', { name: 'Newer occurrence' }).click();
  await bar.getByText('occurrence 4 of 4').waitFor();
  assert.match(await hostShown(page), /web-4/);

  await page.getByRole('tab', { name: 'Occurrences' }).click();
  const table = page.getByRole('group', { name: 'Occurrences of this item' });
  await table.getByText('web-2').waitFor();
  await shoot(page, 'occurrences', { fullPage: true });
  await table.getByRole('row', { name: /web-1/ }).getByRole('link').click();
  await bar.getByText('occurrence 1 of 4').waitFor();
  const address = page.url();
  assert.match(address, /[?]occurrence=\d+$/);
  await page.goto(itemsPath());
  await page.goto(address);
  await bar.getByText('occurrence 1 of 4').waitFor();
  assert.match(await hostShown(page), /web-1/);
});
