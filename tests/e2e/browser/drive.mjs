// For each visit that it is told on standard input, a line of JSON: opens a page of the shop in a context of its own,
// presses a button until what it reports is answered, and says where that was sent, or what went wrong.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import readline from 'node:readline';

const { chromium } = createRequire(new URL('../../ui/', import.meta.url))('playwright-core');

async function press(page, { action }) {
  if (action === 'unload') {
    await page.click('#unload');
    await page.goto('about:blank');
    return '';
  }
  const answered = page.waitForResponse((response) => /"exception"/.test(response.request().postData() ?? ''));
  await page.click(`#${action}`);
  const response = await answered;
  assert.equal(response.status(), 200);
  assert.notEqual(new URL(response.url()).origin, new URL(page.url()).origin);
  return response.url();
}

async function visit(browser, stage) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const troubles = [];
  page.on('console', (message) => {
    if (/CORS|blocked/i.test(message.text())) troubles.push(message.text());
  });
  await page.addInitScript((known) => { window.stage = known; }, stage);
  await page.goto(stage.page);
  const sentTo = await press(page, stage);
  assert.deepEqual(troubles, []);
  if (stage.action !== 'unload') await context.close();  // what outlives the page needs its context
  return { sentTo };
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
for await (const line of readline.createInterface({ input: process.stdin })) {
  const said = await visit(browser, JSON.parse(line)).catch((error) => ({ trouble: error.stack }));
  console.log(JSON.stringify(said));
}
await browser.close();
