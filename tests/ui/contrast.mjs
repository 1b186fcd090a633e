// Every text colour on every ground it is used on has AA contrast, in both themes; and so has the text on the pages.
import assert from 'node:assert/strict';

import { bannerReport, itemsPath, play, send, shoot, signIn, waitForItems } from './support.mjs';

const kTexts = ['ink', 'ink-2', 'ink-3', 'accent', 'critical', 'error', 'warning', 'info', 'debug', 'resolved',
  'code-keyword', 'code-string', 'code-number', 'code-comment'];
const kGrounds = ['paper', 'paper-2'];
const kMore = [['accent-ink', 'accent'], ['ink', 'accent-soft'], ['ink', 'mark'], ['ink-2', 'paper-3'],
  ['code-keyword', 'mark'], ['code-string', 'mark'], ['code-number', 'mark'], ['code-comment', 'mark']];
const kLeast = 4.5;

const tokens = (page, names) => page.evaluate((wanted) => {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(wanted.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}, names);

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

async function check(page, theme) {
  const pairs = [...kTexts.flatMap((text) => kGrounds.map((ground) => [text, ground])), ...kMore];
  const colours = await tokens(page, [...new Set(pairs.flat())]);
  const weak = pairs.map(([text, ground]) => [text, ground, ratio(colours[text], colours[ground])])
    .filter(([, , found]) => !(found >= kLeast)).map(([text, ground, found]) => `${text} on ${ground}: ${found.toFixed(2)}`);
  assert.deepEqual(weak, [], theme);
  return colours;
}

await play(async ({ context, page }) => {
  await signIn(context);
  await send(bannerReport());
  await waitForItems(context, 1);
  await page.goto(itemsPath());
  await page.locator('.item-link').first().waitFor();
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await check(page, 'light');
  await shoot(page, 'items-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await check(page, 'dark');
  await shoot(page, 'items-dark');
  assert.notEqual(light.paper, dark.paper);

  await page.locator('.item-link').first().click();
  await page.locator('.frame').first().waitFor();
  await shoot(page, 'item-dark');
  await page.getByRole('button', { name: 'Light theme' }).click();
  assert.deepEqual(await check(page, 'chosen light'), light);
  await page.reload();
  await page.locator('.frame').first().waitFor();
  assert.deepEqual(await check(page, 'remembered light'), light);
});
