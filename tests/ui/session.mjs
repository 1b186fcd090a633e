// A link to a page leads there after signing in; a wrong password says so; signing out ends it everywhere.
import assert from 'node:assert/strict';

import { itemsPath, play, shoot, stage } from './support.mjs';

await play(async ({ context, page }) => {
  const { email, password } = stage.account;
  await page.goto(`${itemsPath()}?level=error`);
  await page.waitForURL('**/signin?next=*');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill('not the right one');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Address and password do not belong together').waitFor();
  await shoot(page, 'signin-wrong');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`**${itemsPath()}?level=error`);
  await page.getByText('Nothing matches').waitFor();

  const other = await context.newPage();
  await other.goto('/settings/rules');
  await other.getByRole('heading', { name: 'Rules' }).waitFor();
  await page.locator('summary', { hasText: 'Account' }).click();
  await shoot(page, 'account-menu');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.waitForURL('**/signin');
  await other.goto(itemsPath());
  await other.waitForURL('**/signin?next=*');

  await other.goto('/signin?next=https://evil.example/');
  await other.getByLabel('E-mail address').fill(email);
  await other.getByLabel('Password').fill(password);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await other.getByRole('heading', { name: 'Projects' }).waitFor();
  assert.equal(new URL(other.url()).origin, stage.url);

  await other.goto('/signin?next=/%09/evil.example/');
  assert.equal(new URL(await other.getByText('Go on').evaluate((link) => link.href)).origin, stage.url);

  // The plain form takes what somebody signed in sends from it.
  await other.goto('/add_known_error?filename=shop/old.py');
  await other.getByRole('button', { name: 'Add' }).click();
  await other.getByRole('heading', { name: 'SUCCESS' }).waitFor();

  const elsewhere = await (await context.browser().newContext()).newPage();
  await elsewhere.goto(`${stage.url}/signin`);
  await elsewhere.getByLabel('E-mail address').fill(email);
  await elsewhere.getByLabel('Password').fill(password);
  await elsewhere.getByRole('button', { name: 'Sign in' }).click();
  await elsewhere.getByRole('heading', { name: 'Projects' }).waitFor();
  await page.goto(itemsPath());
  await page.locator('summary', { hasText: 'Account' }).click();
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.waitForURL('**/signin');
  await elsewhere.goto(`${stage.url}${itemsPath()}`);
  await elsewhere.waitForURL('**/signin?next=*');
});
