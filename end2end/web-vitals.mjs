// Measures web vitals on a slow phone with a slow connection, against a running server with demo data:
//
//   DEMO_CROWD=false make run    # in one terminal; the crowd here is the script's own
//   make vitals                  # in another; BASE_URL if it is not http://localhost:3000, RUNS for more than five runs
//
// Each run opens a live campaign in a fresh browser context while others bid several times a second, types prices and
// taps the suggested ones. The output is a Markdown table with the median, minimum and maximum of the runs.

import { chromium } from "@playwright/test";

const base = process.env.BASE_URL ?? "http://localhost:3000";
const runs = Number(process.env.RUNS ?? 5);
// The usual "slow 4G" profile: CPU slowed down four times, 1.6 Mbit/s down, 750 kbit/s up, 150 ms latency.
const CPU_SLOWDOWN = 4;
const LINE = { offline: false, latency: 150, downloadThroughput: (1.6e6 / 8), uploadThroughput: (750e3 / 8) };
const WINNERS = 15;
const RIVALS = 30;
const BIDS_PER_S = 8;
// How long updates are measured without any input.
const WATCH_MS = 5_000;
// What is in view meanwhile: rows are animated only in view.
const VIEWS = { form: "#price", ranking: ".ranking" };

async function api(path, body, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${base}/api/v1${path}`, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function signIn(email, password = "password123") {
  return (await api("/auth/login", { email, password })).access_token;
}

const member = (n) => `user${String(n).padStart(4, "0")}@test.com`;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Creates a campaign of an hour, and a crowd that keeps bidding in it until `stop`.
async function crowd() {
  const admin = await signIn("admin@test.com", "admin123");
  const { product_id } = await api("/products", { name: "Measured Headphones", stock: WINNERS, min_price: 800, image_url: "/img/headphones.svg" }, admin);
  const at = (ms) => new Date(Date.now() + ms).toISOString();
  const { campaign_id } = await api("/campaigns", { product_id, start_time: at(-60_000), end_time: at(3_600_000) }, admin);
  const tokens = await Promise.all(Array.from({ length: RIVALS }, (_, n) => signIn(member(n + 100))));
  let price = 900;
  const bid = () => {
    price += 0.5;
    return api("/bids", { campaign_id, price }, tokens[Math.floor(Math.random() * RIVALS)]);
  };
  for (const token of tokens) await api("/bids", { campaign_id, price: (price += 0.5) }, token);
  const crowd = { campaign_id, bidding: true, stopped: false, stop: () => (crowd.stopped = true) };
  (async () => {
    while (!crowd.stopped) {
      if (crowd.bidding) await bid();
      await wait(1000 / BIDS_PER_S);
    }
  })();
  return crowd;
}

// Runs in the page before its own scripts.
function observe() {
  const seen = { lcp: 0, cls: 0, interactions: {} };
  const watch = (type, options, each) => new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true, ...options });
  watch("largest-contentful-paint", {}, (entry) => (seen.lcp = entry.startTime));
  watch("layout-shift", {}, (entry) => entry.hadRecentInput || (seen.cls += entry.value));
  watch("event", { durationThreshold: 16 }, (entry) => {
    if (entry.interactionId) seen.interactions[entry.interactionId] = Math.max(seen.interactions[entry.interactionId] ?? 0, entry.duration);
  });
  window.seen = seen;
}

async function taskSeconds(cdp) {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration").value;
}

// Main-thread time within WATCH_MS, in milliseconds, and the number of ranking frames received.
async function busy(cdp, frames) {
  const [seconds, count] = [await taskSeconds(cdp), frames.count];
  await wait(WATCH_MS);
  return { ms: ((await taskSeconds(cdp)) - seconds) * 1000, frames: frames.count - count };
}

// Main-thread time per update in milliseconds, minus the page's idle load.
async function updateCost(cdp, frames, others) {
  others.bidding = true;
  await wait(500);
  const during = await busy(cdp, frames);
  others.bidding = false;
  await wait(1000);
  const quiet = await busy(cdp, frames);
  return { perMinute: (during.frames * 60_000) / WATCH_MS, ms: (during.ms - quiet.ms) / Math.max(1, during.frames - quiet.frames) };
}

async function run(browser, others, n) {
  const address = `${base}/campaigns/${others.campaign_id}`;
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(`${base}/login?next=/campaigns/${others.campaign_id}`);
  await page.fill("input[name=email]", member(n + 1));
  await page.fill("input[name=password]", "password123");
  await page.press("input[name=password]", "Enter");
  await page.waitForURL(address);
  await page.goto("about:blank");

  const cdp = await context.newCDPSession(page);
  const frames = { count: 0 };
  await cdp.send("Network.enable");
  await cdp.send("Network.clearBrowserCache");
  await cdp.send("Network.emulateNetworkConditions", LINE);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  await cdp.send("Performance.enable");
  cdp.on("Network.webSocketFrameReceived", ({ response }) => (frames.count += response.payloadData.includes("ranking_update") ? 1 : 0));
  await page.addInitScript(observe);
  others.bidding = true;
  const opened = Date.now();
  await page.goto(address);
  await page.waitForSelector("html[data-islands=ready]");
  const alive = Date.now() - opened;
  await page.waitForSelector('[data-link="live"]');

  // Scrolls to the form first, as a user would: a browser that scrolls while typing paints late.
  await page.locator(".bid").evaluate((form) => form.scrollIntoView());
  await wait(1000);
  for (const price of ["950", "1010.50", "1200"]) {
    await page.locator("#price").fill("");
    await page.locator("#price").pressSequentially(price, { delay: 120 });
    for (const step of ["raise", "raise", "lead"]) {
      await page.locator(`[data-step="${step}"]`).tap();
      await wait(200);
    }
  }
  await page.locator(".bid form .primary").tap();
  await page.waitForSelector('[data-bid="accepted"]');
  await page.locator(".pause").tap();
  await page.locator(".pause").tap();
  const { interactions } = await page.evaluate(() => window.seen);

  const costs = {};
  let perMinute = 0;
  for (const [view, selector] of Object.entries(VIEWS)) {
    await page.locator(selector).evaluate((element) => element.scrollIntoView());
    for (const slowdown of [CPU_SLOWDOWN, 1]) {
      await cdp.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
      const cost = await updateCost(cdp, frames, others);
      costs[`Main thread per update, ms (${view} in view, ${slowdown === 1 ? "this processor" : "slowed"})`] = cost.ms;
      perMinute = cost.perMinute;
    }
  }
  const seen = await page.evaluate(() => window.seen);
  await context.close();
  const durations = Object.values(interactions);
  return {
    "Largest contentful paint, ms": seen.lcp,
    "Page answers after, ms": alive,
    "Cumulative layout shift": seen.cls,
    "Interaction to next paint, ms": Math.max(0, ...durations),
    "Ranking updates per minute": perMinute,
    ...costs,
  };
}

const others = await crowd();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_BIN ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const results = [];
for (let n = 0; n < runs; n += 1) results.push(await run(browser, others, n));
others.stop();
await browser.close();

console.log(`| | median of ${runs} | least to greatest |\n|---|---|---|`);
for (const name of Object.keys(results[0])) {
  const values = results.map((result) => result[name]).sort((a, b) => a - b);
  const round = (value) => (name.includes("shift") ? value.toFixed(4) : value < 10 ? value.toFixed(2) : String(Math.round(value)));
  console.log(`| ${name} | ${round(values[Math.floor(values.length / 2)])} | ${round(values[0])} to ${round(values.at(-1))} |`);
}
