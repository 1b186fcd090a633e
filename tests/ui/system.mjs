// What is wrong with the server, what waits for somebody and what was refused can be seen, and leads there from any page.
import assert from 'node:assert/strict';

import { ask, play, shoot, signIn, stage } from './support.mjs';

await play(async ({ context, page }) => {
  await signIn(context);
  const refused = await context.request.post('/api/1/item/', {
    data: { access_token: 'nobody', data: { body: { message: { body: 'x' } } } },
  });
  assert.equal(refused.status(), 403);
  await page.goto('/');
  await page.locator('summary', { hasText: 'Account' }).click();
  await page.getByRole('link', { name: 'System', exact: true }).click();
  await page.getByText('All is well').waitFor();
  assert.equal(await page.getByRole('link', { name: /^Server / }).count(), 0);
  const row = page.locator('.refusals tbody tr', { hasText: 'unknown token' });
  await row.waitFor();
  await shoot(page, 'system');

  await ask('spoil the configuration');
  await page.getByText("unknown key 'known_error.filname'").waitFor({ timeout: 20_000 });
  await shoot(page, 'system-fault');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shoot(page, 'system-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(`/p/${stage.project.id}/items`);
  await page.getByRole('link', { name: 'Server problem' }).click();
  await page.getByText("unknown key 'known_error.filname'").waitFor();

  await ask('change a setting');
  await page.getByText('started again').waitFor({ timeout: 20_000 });
  assert.equal(await page.getByRole('link', { name: 'Server notice' }).count(), 1);
  await page.setViewportSize({ width: 375, height: 800 });
  await shoot(page, 'system-phone');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  assert.equal(wide, false, 'scrolls sideways');
});
