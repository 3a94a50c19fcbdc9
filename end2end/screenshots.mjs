// Takes the README's screenshots of a running server with demo data:
//
//   DEMO_CROWD=false make run    # in one terminal; without other bidders, so that the pictures stay the same
//   make screenshots             # in another; BASE_URL if it is not http://localhost:3000
//
// It bids as demo users, which changes the running campaign. The last picture moves: a bidding war in a campaign of its
// own, as an animated PNG.
import { statSync, writeFileSync } from "node:fs";
import { chromium } from "@playwright/test";
import UPNG from "upng-js";

const base = process.env.BASE_URL ?? "http://localhost:3000";
const images = new URL("../docs/images/", import.meta.url).pathname;
const password = "password123";
const bidders = 24;
const viewport = { width: 1200, height: 900 };
const PICTURE_BYTES_MAX = 200_000;
// The moving picture: its size, the pictures it consists of, the time each is shown, and its colours, few of which a page
// without photographs needs.
const WAR_VIEWPORT = { width: 920, height: 560 };
const WAR_PICTURES = 24;
const WAR_PICTURE_MS = 450;
const WAR_COLOURS = 96;
const WAR_BYTES_MAX = 1_000_000;
const WAR_RIVALS = 20;

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

// A member bids in a war of twenty rivals: outbid, back in, outbid again.
async function takeWar(browser) {
  const token = async (email, secret) => (await api("/auth/login", { email, password: secret })).access_token;
  const admin = await token("admin@test.com", "admin123");
  const product = { name: "Mechanical Keyboard 75", stock: 10, min_price: 800, image_url: "/img/keyboard.svg" };
  const { product_id } = await api("/products", product, admin);
  const at = (ms) => new Date(Date.now() + ms).toISOString();
  const { campaign_id } = await api("/campaigns", { product_id, start_time: at(-1000), end_time: at(92_000) }, admin);
  const member = (n) => `user${String(n).padStart(4, "0")}@test.com`;
  const rivals = [];
  for (let n = 0; n < WAR_RIVALS; n += 1) rivals.push(await token(member(n + 40), password));
  let price = 900;
  const bid = (rival) => api("/bids", { campaign_id, price: (price += 3) }, rivals[rival % WAR_RIVALS]);
  for (let n = 0; n < WAR_RIVALS; n += 1) await bid(n);

  const page = await signedIn(browser, "light", member(1), password);
  await page.setViewportSize(WAR_VIEWPORT);
  await page.goto(`/campaigns/${campaign_id}`);
  await page.waitForSelector('[data-link="live"]');
  await page.locator(".live").evaluate((live) => live.scrollIntoView());
  const pictures = [];
  for (let n = 0; n < WAR_PICTURES; n += 1) {
    if (n % 8 === 3) await page.locator('[data-step="enter"]').click();
    else if (n % 8 === 5) await page.locator(".bid .send").click();
    else await Promise.all([bid(n * 7), bid(n * 7 + 3)]);
    await page.waitForTimeout(WAR_PICTURE_MS);
    pictures.push(UPNG.toRGBA8(UPNG.decode(await page.screenshot()))[0]);
  }
  const { width, height } = WAR_VIEWPORT;
  const picture = UPNG.encode(pictures, width, height, WAR_COLOURS, pictures.map(() => WAR_PICTURE_MS));
  if (picture.byteLength > WAR_BYTES_MAX) throw new Error(`the moving picture has ${picture.byteLength} bytes: too many`);
  writeFileSync(`${images}bidding-war.png`, Buffer.from(picture));
  console.log(`made ${images}bidding-war.png, ${Math.round(picture.byteLength / 1000)} kB`);
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
  await takeWar(browser);
} finally {
  await browser.close();
}
