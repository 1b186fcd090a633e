// 375 pixels wide: nothing scrolls sideways but code blocks, and what is pressed is large enough.
import assert from 'node:assert/strict';

import { bannerReport, itemsPath, play, send, shoot, signIn, waitForItems } from './support.mjs';

async function checkWidth(page, what) {
  const { wide, parts } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    parts: [...document.querySelectorAll('#app *')].filter((part) => part.getBoundingClientRect().right > innerWidth + 1 &&
      !part.closest('.code, .table-box, .tabs-list')).map((part) => part.className).slice(0, 5),
  }));
  assert.deepEqual({ wide, parts }, { wide: 0, parts: [] }, what);
}

const longPath = `/srv/app/${'very-long-directory-name/'.repeat(8)}banner.py`;

await play(async ({ context, page }) => {
  await signIn(context);
  const report = bannerReport({ environment: 'production'.repeat(20), release: 'r1.4.2-'.repeat(20), host: 'web'.repeat(40) });
  report.exceptions[0].frames[0].path = longPath;
  report.exceptions[0].frames[0].code = `return ${'x'.repeat(400)}`;
  report.exceptions[0].message = `Cannot choose from ${'anunbrokenwordthatneverends'.repeat(12)}`;
  await send(report);
  await waitForItems(context, 1);
  for (const [path, ready, name] of [
    ['/', '.project', 'phone-projects'], [itemsPath(), '.item-link', 'phone-items'],
    [`${itemsPath()}/1`, '.frame', 'phone-item'], ['/settings/rules', '.rule-form', 'phone-rules'],
    ['/settings/repositories', '.settings-nav', 'phone-repositories'],
  ]) {
    await page.goto(path);
    await page.locator(ready).first().waitFor();
    await checkWidth(page, path);
    await shoot(page, name);
  }
  await page.goto(`${itemsPath()}/1`);
  await page.locator('.frame').first().waitFor();
  for (const closed of await page.locator('.frame-head[aria-expanded="false"]').all()) await closed.click();
  await checkWidth(page, 'all frames open');
  const resolve = await page.getByRole('button', { name: 'Resolve' }).boundingBox();
  assert(resolve.height >= 40 && resolve.y + resolve.height <= 812, 'the bar of actions is at the bottom');
}, { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
