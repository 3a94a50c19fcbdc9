// Takes the README's screenshots of a running server with demo data:
//
//   DEMO_CROWD=false make run    # in one terminal; without other bidders, so that the pictures stay the same
//   make screenshots             # in another; BASE_URL if it is not http://localhost:3000
//
// It bids as demo users, which changes the running campaign.
import { statSync } from "node:fs";
import { chromium } from "@playwright/test";

const base = process.env.BASE_URL ?? "http://localhost:3000";
const images = new URL("../docs/images/", import.meta.url).pathname;
const password = "password123";
const bidders = 24;
const viewport = { width: 1200, height: 900 };
const PICTURE_BYTES_MAX = 200_000;

async function api(path, body, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${base}/api/v1${path}`, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function fillWithBids() {
  const { campaigns } = await api("/campaigns?status=active");
  if (campaigns.length === 0) throw new Error("no campaign is running; start the server again to get one");
  const { campaign_id } = campaigns[0];
  for (let n = 1; n <= bidders; n += 1) {
    const email = `user${String(n).padStart(4, "0")}@test.com`;
    const { access_token } = await api("/auth/login", { email, password });
    await api("/bids", { campaign_id, price: 900 + ((n * 37) % 200) * 3 + 0.5 }, access_token);
  }
  return campaign_id;
}

async function signedIn(browser, colorScheme, email, secret) {
  const context = await browser.newContext({ baseURL: base, viewport, colorScheme, locale: "en-GB" });
  const page = await context.newPage();
  await page.goto("/login");
  await page.fill("input[name=email]", email);
  await page.fill("input[name=password]", secret);
  await page.press("input[name=password]", "Enter");
  await page.waitForURL(`${base}/`);
  return page;
}

async function take(page, address, name) {
  await page.goto(address);
  await page.waitForSelector("html[data-islands=ready]");
  await page.waitForLoadState("networkidle");
  const path = `${images}${name}.png`;
  await page.screenshot({ path });
  const { size } = statSync(path);
  if (size > PICTURE_BYTES_MAX) throw new Error(`${path} has ${size} bytes: too large for the README`);
  console.log(`made ${path}, ${Math.round(size / 1000)} kB`);
}

const campaign = await fillWithBids();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_BIN ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  for (const theme of ["light", "dark"]) {
    const member = await signedIn(browser, theme, "user0001@test.com", password);
    await take(member, "/", `campaigns-${theme}`);
    await take(member, `/campaigns/${campaign}`, `campaign-${theme}`);
    await take(member, "/bids", `bids-${theme}`);
    const admin = await signedIn(browser, theme, "admin@test.com", "admin123");
    await take(admin, "/admin", `admin-${theme}`);
  }
} finally {
  await browser.close();
}
