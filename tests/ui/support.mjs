// What every story needs: the stage from the environment, a browser that notices trouble, reports to send.
import assert from 'node:assert/strict';
import path from 'node:path';
import readline from 'node:readline';
import { chromium } from 'playwright-core';

export const stage = JSON.parse(process.env.FLAWLESS_STAGE);

const kPatienceMs = 10_000;

// Whatever a page does that it must not: scripts that fail, dialogs, violations of its policy.
function watch(page, troubles) {
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => troubles.push(`error: ${error.stack}`));
  page.on('console', (message) => {
    const text = message.text();
    if (/Content Security Policy|Refused to/i.test(text)) troubles.push(`policy: ${text}`);
    // The browser itself reports answers such as the 401 of somebody not signed in.
    else if (message.type() === 'error' && !/Failed to load resource/.test(text)) troubles.push(`console: ${text}`);
  });
}

export async function play(story, options = {}) {
  const browser = await chromium.launch({ executablePath: stage.chromium, args: ['--no-sandbox'] });
  const troubles = [];
  try {
    const context = await browser.newContext({
      baseURL: stage.url, viewport: { width: 1280, height: 860 }, reducedMotion: 'reduce', ...options,
    });
    context.setDefaultTimeout(kPatienceMs);
    const page = await context.newPage();
    watch(page, troubles);
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    try {
      await story({ context, page, troubles });
    } catch (error) {
      await page.screenshot({ path: path.join(stage.screenshots, 'failed.png') }).catch(() => {});
      throw error;
    }
    assert.deepEqual(troubles, []);
  } finally {
    await browser.close();
  }
}

// Stories that the test acts in: says a word to it, and waits for its answer, a line on standard input.
let answers = null;
export async function ask(word) {
  answers ??= readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  console.log(word);
  process.stdin.ref();
  const { value } = await answers.next();
  process.stdin.unref();  // or the story would not end
  return value;
}

export const shoot = (page, name, options = {}) =>
  page.screenshot({ path: path.join(stage.screenshots, `${name}.png`), ...options });

export async function signIn(context) {
  const { email, password } = stage.account;
  const reply = await context.request.post('/api/2/session', {
    data: { email, password }, headers: { Origin: stage.url },
  });
  assert.equal(reply.status(), 200, await reply.text());
}

export const itemsPath = (project = stage.project) => `/p/${project.id}/items`;

// The reports of the shop whose banner table is empty.
export function bannerReport(more = {}) {
  return {
    level: 'error', platform: 'python', language: 'CPython 3.11.2', environment: 'production', release: '1.4.2',
    host: 'web-1', person: { id: '17', username: 'ada', email: 'ada@shop.example' },
    request: {
      method: 'GET', url: 'https://shop.example/paris?page=2', headers: { 'User-Agent': 'Mozilla/5.0', Accept: '*/*' },
      user_ip: '198.51.100.7',
    },
    exceptions: [{
      type: 'IndexError', message: 'Cannot choose from an empty sequence',
      frames: [
        {
          path: 'shop/web.py', function: 'home_page', line: 41, code: '    return render(pick_banner(shop))', in_app: true,
          variables: [{ name: 'shop', role: 'argument', value: "'paris'" }],
        },
        {
          path: 'shop/banner.py', function: 'pick_banner', line: 17, in_app: true,
          code: '    return random.choice(banners)',
          code_before: ['def pick_banner(shop, limit=3):', '    banners = load_banners(shop)'],
          code_after: ['', ''],
          variables: [
            { name: 'shop', role: 'argument', value: "'paris'" },
            { name: 'limit', role: 'argument', value: 3 },
            { name: 'banners', role: 'local', value: [] },
            { name: 'options', role: 'local', value: { sort: "'new'", sizes: [1, 2, 3], card_number: '4111' } },
          ],
        },
        { path: '/usr/lib/python3.11/random.py', function: 'choice', line: 373, code: 'raise IndexError', in_app: false },
      ],
    }],
    breadcrumbs: [{ at: '2026-11-22T14:05:10Z', level: 'info', category: 'query', message: 'SELECT * FROM banner' }],
    custom: { attempt: 2 },
    ...more,
  };
}

export async function send(report, token = stage.project.tokens.post_server_item) {
  const reply = await fetch(`${stage.url}/api/2/report`, {
    method: 'POST', body: JSON.stringify(report), headers: { Authorization: `Bearer ${token}` },
  });
  assert.equal(reply.status, 200, await reply.text());
}

// Until the project's newest items are as many.
export async function waitForItems(context, count, project = stage.project) {
  const end = Date.now() + kPatienceMs;
  for (;;) {
    const reply = await context.request.get(`/api/2/projects/${project.id}/items`);
    assert.equal(reply.status(), 200, await reply.text());
    if ((await reply.json()).items.length >= count) return;
    assert(Date.now() < end, `waited in vain for ${count} items`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
