// From the link that the first start prints to a resolved item.
import assert from 'node:assert/strict';

import { bannerReport, play, send, shoot, stage } from './support.mjs';

async function makeAccount(page) {
  const { email, name, password } = stage.account;
  await page.goto('/');
  await page.waitForURL('**/signin');
  await page.getByText('Nobody has an account here yet').waitFor();
  await shoot(page, 'signin');
  await page.goto(stage.link);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await shoot(page, 'welcome');
  await page.getByRole('button', { name: 'Create the first account' }).click();
  await page.getByRole('heading', { name: 'Projects' }).waitFor();
}

async function makeProject(page) {
  await page.getByLabel('Name of the first project').fill('shop');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('shop is ready').waitFor();
  await shoot(page, 'projects-created');
  await page.getByRole('tab', { name: 'curl' }).click();
  const code = await page.getByRole('group', { name: 'Code for curl' }).innerText();
  await page.getByRole('link', { name: 'Wait for the first report' }).click();
  await page.getByText('Nothing is broken').waitFor();
  await shoot(page, 'items-none');
  return /Bearer (\w+)/.exec(code)[1];
}

async function readItem(page) {
  const row = page.locator('.item-link', { hasText: '#1 IndexError: Cannot choose' });
  await row.waitFor();
  await shoot(page, 'items-first');
  await row.click();
  await page.getByRole('heading', { name: 'IndexError: Cannot choose from an empty sequence' }).waitFor();
  const culprit = page.locator('.frame-blamed');
  await culprit.waitFor();
  const text = await culprit.innerText();
  assert.match(text, /shop\/banner\.py:17/);
  assert.match(text, /pick_banner\s*\(\s*shop='paris', limit=3\s*\)/);
  assert.match(text, /return random\.choice\(banners\)/);
  assert.match(await culprit.getByRole('row', { name: /^banners/ }).innerText(), /\[\]/);
  assert.equal(await page.getByText('1 library frame').count(), 1);
  await page.getByRole('button', { name: /sort/ }).click();
  await culprit.getByText('scrubbed').waitFor();
  await shoot(page, 'item');
  await shoot(page, 'item-whole', { fullPage: true });
}

async function resolve(page) {
  await page.getByRole('button', { name: 'Resolve' }).click();
  await page.getByText('#1 resolved').waitFor();
  await page.getByRole('button', { name: 'Reopen' }).waitFor();
  await page.getByRole('link', { name: 'Items' }).click();
  await page.getByText('Nothing is broken').waitFor();
  assert.equal(await page.locator('.item-link').count(), 0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.locator('.item-link', { hasText: '#1 IndexError' }).waitFor();
  await page.getByRole('button', { name: 'resolved', exact: true }).click();
  await page.getByRole('button', { name: 'active', exact: true }).click();
  await page.getByText('Nothing matches').waitFor();
}

await play(async ({ page }) => {
  await makeAccount(page);
  const token = await makeProject(page);
  await send(bannerReport(), token);
  await readItem(page);
  await resolve(page);
});
