// Takes the pictures of the README from a running server with demo data:
//
//   make run                                 # in one terminal
//   node end2end/screenshots.mjs             # in another; BASE_URL if it is not http://localhost:3000
//
// It bids as demo users, so the running campaign is never the same twice.

import { chromium } from '@playwright/test';

const base = process.env.BASE_URL ?? 'http://localhost:3000';
const images = new URL('../docs/images/', import.meta.url).pathname;
const password = 'password123';
const bidders = 24;

async function api(path, body, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${base}/api/v1${path}`, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const { campaigns } = await api('/campaigns?status=active');
if (campaigns.length === 0) throw new Error('no campaign is running; start the server again to get one');
const campaign_id = campaigns[0].campaign_id;
for (let n = 2; n < 2 + bidders; n += 1) {
  const email = `user${String(n).padStart(4, '0')}@test.com`;
  const { access_token } = await api('/auth/login', { email, password });
  await api('/bids', { campaign_id, price: 900 + ((n * 37) % 200) * 3 + 0.5 }, access_token);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage({ viewport: { width: 1200, height: 1000 }, colorScheme: 'light', locale: 'en-GB' });
await page.goto(`${base}/login?next=/campaigns/${campaign_id}`);
await page.fill('input[name=email]', 'user0001@test.com');
await page.fill('input[name=password]', password);
await page.press('input[name=password]', 'Enter');
await page.waitForURL(`${base}/campaigns/${campaign_id}`);
await page.waitForSelector('html[data-hydrated]');
await page.fill('input[name=price]', '1290');
await page.press('input[name=price]', 'Enter');
await page.getByText('You', { exact: true }).waitFor();
await page.screenshot({ path: `${images}campaign.png` });
await browser.close();
console.log(`made ${images}campaign.png`);
