// A rule made from an item's line is listed and can be removed; the repositories' page says how to add one.
import { bannerReport, itemsPath, play, send, shoot, signIn, waitForItems } from './support.mjs';

await play(async ({ context, page }) => {
  await signIn(context);
  await send(bannerReport());
  await waitForItems(context, 1);
  await page.goto(`${itemsPath()}/1`);
  await page.getByRole('link', { name: 'A known error?' }).click();
  await page.getByRole('heading', { name: 'Rules' }).waitFor();
  await page.waitForFunction(() => document.querySelector('.rule-form input')?.value.endsWith('banner.py'));
  await page.getByLabel('Mail to').fill('oncall@shop.example');
  await page.getByRole('button', { name: 'Add rule' }).click();
  const rule = page.locator('.cards > li', { hasText: 'pick_banner' });
  await rule.waitFor();
  await shoot(page, 'rules');
  page.removeAllListeners('dialog');
  page.on('dialog', (dialog) => void dialog.accept());
  await rule.getByRole('button', { name: 'Remove' }).click();
  await rule.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Repositories' }).click();
  await page.getByText('None yet').waitFor();
  await shoot(page, 'repositories');
});
