// Every field of a report carries an attack; nothing runs and all is shown as it was sent.
import assert from 'node:assert/strict';

import { itemsPath, play, send, shoot, signIn, waitForItems } from './support.mjs';

const kAttacks = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "'-alert(1)-'",
  'javascript:alert(1)',
  '{{constructor.constructor("alert(1)")()}}',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '\u202e<b>alert(1)</b>\u0000',
];

// The attack in every place that a person gets to see.
function hostileReport(attack) {
  return {
    level: 'error', platform: attack, language: `python ${attack}`, framework: attack, environment: attack,
    release: attack, host: attack, context: attack, logger: attack, title: `Title ${attack}`, server_root: attack,
    person: { id: attack, username: attack, email: attack },
    request: {
      method: attack, url: attack, query: attack, headers: { [attack]: attack }, body: { [attack]: attack },
      params: { [attack]: [attack] }, user_ip: attack,
    },
    tags: { [attack]: attack },
    breadcrumbs: [{ category: attack, message: attack, data: { [attack]: attack }, level: 'info' }],
    custom: { [attack]: { deep: [attack] } },
    exceptions: [{
      type: attack, module: attack, message: attack,
      frames: [
        {
          path: attack, abs_path: attack, module: attack, function: attack, class_name: attack, line: 3, in_app: true,
          code: attack, code_before: [attack], code_after: [attack],
          variables: [
            { name: attack, role: 'argument', value: attack },
            { name: `${attack} local`, role: 'local', value: { [attack]: [attack] } },
          ],
        },
        { path: `/usr/lib/${attack}`, package: attack, function: attack, line: 1, in_app: false },
      ],
    }, { type: attack, message: attack, frames: [] }],
  };
}

// Nothing of what was sent became markup, and no link leads anywhere but to pages.
async function inspect(page) {
  const found = await page.evaluate(() => ({
    alien: document.querySelectorAll('#app script, #app img, #app iframe, #app b, #app object, #app [onload], #app [onerror]').length,
    turned: /[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText),
    links: [...document.querySelectorAll('a')].map((link) => link.href).filter((href) => !/^https?:/.test(href)),
  }));
  assert.deepEqual(found, { alien: 0, turned: false, links: [] });
}

async function visitEverything(page) {
  const opened = page.locator('[aria-expanded="false"]');
  for (let left = 40; left > 0 && await opened.count() > 0; left -= 1) await opened.first().click();
  await inspect(page);
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click();
    await page.waitForTimeout(60);
    await inspect(page);
  }
}

// What markup would do if it got in: the policy stops it, and we would notice.
async function provePolicy(page, troubles) {
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
  });
  await page.waitForTimeout(100);
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.match(troubles.splice(0).join(), /^policy: /);
}

await play(async ({ context, page, troubles }) => {
  await signIn(context);
  await page.goto(itemsPath());
  await page.waitForTimeout(300); // so that the pop-ups of the arrivals are tried as well
  for (const attack of kAttacks) await send(hostileReport(attack));
  await waitForItems(context, kAttacks.length);
  await page.locator('.toast').first().waitFor();
  await page.goto(itemsPath());
  await page.locator('.item-link').nth(kAttacks.length - 1).waitFor();
  await inspect(page);
  await shoot(page, 'hostile-list');
  const links = await page.locator('.item-link').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  for (const [index, link] of links.entries()) {
    await page.goto(link);
    await page.locator('.frame').first().waitFor();
    assert.match(await page.locator('h1').innerText(), /^Title /);
    await visitEverything(page);
    if (index === 0) await shoot(page, 'hostile-item', { fullPage: true });
  }
  assert.deepEqual(troubles, []);
  await provePolicy(page, troubles);
});
