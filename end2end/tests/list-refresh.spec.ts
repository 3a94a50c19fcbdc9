// The home page and "My bids" refresh by themselves without layout jumps.
import type { Page } from "@playwright/test";
import { type Campaign, newEmail } from "../support/api-client";
import { expect, test } from "../support/fixtures";
import { hydrated, register } from "../support/page-actions";

const row = (page: Page, campaign: Campaign) => page.locator(`#campaigns li[id="${campaign.campaign_id}"]`);
const inSection = (page: Page, section: "winning" | "losing", campaign: Campaign) =>
  page.locator(`#${section} li[id="${campaign.campaign_id}"]`);
const late = (page: Page) => page.getByText("Not up to date. Trying again.");
const news = (page: Page) => page.locator("[data-news]");
// As if the reader returned to the tab: the list is fetched at once.
const comeBack = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event("focus")));

// Without live events a list is fetched at least this often, in seconds.
const POLL_S_MAX = 6;
// After failing for this many seconds the list says that it is not up to date.
const LATE_S = 10;

// Advances the page's clock, which must be installed. It runs every timer, because a jump would look like sleep.
const pass = (page: Page, seconds: number) => page.clock.runFor(seconds * 1000);

// Bids in the page's session.
async function bidHere(page: Page, campaign: Campaign, price: number) {
  const answer = await page.request.post("/api/v1/bids", {
    headers: { Origin: new URL(page.url()).origin },
    data: { campaign_id: campaign.campaign_id, price },
  });
  expect(answer.ok()).toBe(true);
}

async function open(page: Page, address: string) {
  await page.goto(address);
  await hydrated(page);
}

test("my bids show every change", async ({ newPage, admin, rivals }) => {
  const name = `Contested Lamp ${newEmail("x")}`;
  const campaign = await admin.campaign(await admin.product(name, 2), 600);
  const page = await newPage();
  await register(page, "Otto");
  await bidHere(page, campaign, 900);
  await open(page, "/bids");
  await expect(inSection(page, "winning", campaign)).toBeVisible();
  const link = row(page, campaign).getByRole("link", { name });
  await row(page, campaign).locator("summary").click();
  await link.focus();
  // A replaced element would lose it.
  await row(page, campaign).evaluate((element) => void Object.assign(element, { isTheSame: true }));
  const stays = async () => {
    await expect(row(page, campaign).locator("details")).toHaveAttribute("open");
    await expect(link).toBeFocused();
    expect(await row(page, campaign).evaluate((element) => "isTheSame" in element)).toBe(true);
  };

  await test.step("a rival's bid moves the row to the losing ones, and it is read out", async () => {
    await rivals.bid(campaign, 950);
    await expect(inSection(page, "losing", campaign)).toContainText("2 of 2");
    await expect(page.locator("#winning")).toHaveCount(0);
    await expect(news(page)).toHaveText(`You have been outbid: ${name}.`);
    await stays();
  });

  await test.step("a better bid of mine, made elsewhere, moves it back", async () => {
    await bidHere(page, campaign, 1000);
    await expect(inSection(page, "winning", campaign)).toContainText("NT$1,000");
    await expect(row(page, campaign).locator("tbody tr")).toHaveCount(2);
    await stays();
  });

  await test.step("an extension shows the new end", async () => {
    const end = await admin.extend(campaign, 1800);
    await expect(row(page, campaign).locator("[data-until]")).toHaveAttribute("data-until", String(end));
    await expect(row(page, campaign).locator("[data-until]")).toHaveText(/^29:\d\d$/);
    await stays();
  });

  await test.step("a cancelled campaign leaves the running ones for the ended ones", async () => {
    const tabs = page.locator("#campaigns .tabs");
    await expect(tabs.getByRole("link", { name: "Running" })).toContainText("1");
    await admin.cancel(campaign, "The product is damaged.");
    await expect(row(page, campaign)).toHaveCount(0);
    await expect(news(page)).toHaveText(`Cancelled: ${name}. See “Ended”.`);
    await expect(news(page)).toBeVisible();
    await expect(page.getByText("You have no bids in running campaigns.")).toBeVisible();
    await expect(tabs.getByRole("link", { name: "Running" })).toContainText("0");
    await tabs.getByRole("link", { name: "Ended" }).click();
    await expect(row(page, campaign)).toContainText("Cancelled");
  });
});

test("my bids say that a campaign has ended", async ({ newPage, admin }) => {
  const name = `Brief Lamp ${newEmail("x")}`;
  const campaign = await admin.campaign(await admin.product(name, 2), 8);
  const page = await newPage();
  await register(page, "Ned");
  await bidHere(page, campaign, 900);
  await open(page, "/bids");
  await expect(inSection(page, "winning", campaign)).toBeVisible();
  await expect(row(page, campaign)).toHaveCount(0);
  await expect(news(page)).toHaveText(`Bidding has ended: ${name}. See “Ended”.`);
  await expect(news(page)).toBeVisible();
  // It stays until the page is loaded again.
  await comeBack(page);
  await expect(news(page)).toBeVisible();
});

test("the home page shows new campaigns and drops cancelled ones", async ({ newPage, admin }) => {
  const page = await newPage();
  await page.clock.install();
  await open(page, "/?show=live");
  const product = await admin.product(`Sudden Lamp ${newEmail("x")}`, 2);
  // It ends before the campaigns of other tests, so it is on the first page.
  const campaign = await admin.campaign(product, 80);
  await pass(page, POLL_S_MAX);
  await expect(row(page, campaign)).toHaveAttribute("data-phase", "active");
  await row(page, campaign).evaluate((element) => void Object.assign(element, { isTheSame: true }));
  const end = await admin.extend(campaign, 85);
  await pass(page, POLL_S_MAX);
  await expect(row(page, campaign).locator("[data-until]")).toHaveAttribute("data-until", String(end));
  expect(await row(page, campaign).evaluate((element) => "isTheSame" in element)).toBe(true);
  await admin.cancel(campaign, "The product is damaged.");
  await pass(page, POLL_S_MAX);
  await expect(row(page, campaign)).toHaveCount(0);
});

test("a reader's first bid, from another client, is on its card before the next poll", async ({ newPage, admin }) => {
  const page = await newPage();
  await register(page, "Ona");
  // It ends before the campaigns of other tests, so it is on the first page.
  const campaign = await admin.campaign(await admin.product("Distant Bid Lamp", 2), 75);
  await page.clock.install();
  const [feed] = await Promise.all([
    page.waitForEvent("websocket", (socket) => socket.url().endsWith(`/ws/${campaign.campaign_id}`)),
    open(page, "/?show=live").then(() => pass(page, 1)),
  ]);
  const price = row(page, campaign).locator(".price-now");
  await expect(price).toHaveText(/^Price to get in/);
  const told = feed.waitForEvent("framereceived", ({ payload }) => String(payload).includes("bid_accepted"));
  await bidHere(page, campaign, 950);
  await told;
  await pass(page, 1.5);
  await expect(price).toHaveText(/^You're winning at\s*NT\$950$/);
});

test("a list that cannot be fetched stays, says so, and recovers", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Distant Lamp", 2), 600);
  const page = await newPage({}, /Failed to load resource|WebSocket/);
  // A proxy blocks websockets, so the list is polled.
  await page.routeWebSocket(/\/ws\//, (socket) => socket.close({ code: 1011 }));
  await register(page, "Dora");
  await bidHere(page, campaign, 900);
  await page.clock.install();
  await open(page, "/bids");
  await expect(inSection(page, "winning", campaign)).toBeVisible();
  const standing = row(page, campaign).getByText("Winning", { exact: true });
  const lastKnown = page.locator("#winning").getByText("Last known place");
  await expect(standing).toBeVisible();
  await expect(lastKnown.filter({ visible: true })).toHaveCount(0);

  await test.step("the browser is offline", async () => {
    await page.context().setOffline(true);
    await expect(late(page)).toBeVisible();
    await expect(standing).toBeHidden();
    // At the heading and in the row.
    await expect(lastKnown.filter({ visible: true })).toHaveCount(2);
    await page.context().setOffline(false);
    await expect(late(page)).toBeHidden();
    await expect(standing).toBeVisible();
    await expect(lastKnown.filter({ visible: true })).toHaveCount(0);
  });

  await test.step("the network fails", async () => {
    const isList = (url: URL) => url.pathname === "/bids";
    await page.route(isList, (route) => route.abort());
    const failed = page.waitForEvent("requestfailed", (request) => isList(new URL(request.url())));
    await comeBack(page);
    await failed;
    await expect(late(page)).toBeHidden();
    await pass(page, LATE_S);
    await expect(late(page)).toBeVisible();
    await expect(standing).toBeHidden();
    await expect(inSection(page, "winning", campaign)).toContainText("Last known place");
    await rivals.bid(campaign, 950);
    await page.unroute(isList);
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await expect(inSection(page, "losing", campaign)).toBeVisible();
    await expect(late(page)).toBeHidden();
  });

  await test.step("the session is over", async () => {
    await page.context().clearCookies({ name: "gavel_session" });
    await comeBack(page);
    await pass(page, LATE_S);
    // Once the page knows about the session, that notice is there instead.
    const ended = page.locator("#session").getByText("Your session has ended");
    await expect(late(page).or(ended).filter({ visible: true })).toHaveCount(1);
    await expect(inSection(page, "losing", campaign)).toBeVisible();
  });

  await test.step("somebody else signs in", async () => {
    // In another tab of the same browser.
    const other = await page.context().newPage();
    await register(other, "Emil");
    await other.close();
    await page.bringToFront();
    // In front again, it may be reloading already.
    await page.evaluate(() => window.dispatchEvent(new Event("online"))).catch(() => undefined);
    await expect(page.locator(".who")).toContainText("Emil");
    await expect(row(page, campaign)).toHaveCount(0);
  });
});

test("lists that are offline when a campaign ends do not call it live", async ({ newPage, admin, rivals }) => {
  // It ends before the campaigns of other tests, so it is on the first page of the home page.
  const campaign = await admin.campaign(await admin.product("Unwatched Lamp", 1), 90);
  const page = await newPage({}, /Failed to load resource|WebSocket/);
  await page.routeWebSocket(/\/ws\//, (socket) => socket.close({ code: 1011 }));
  await register(page, "Nora");
  await bidHere(page, campaign, 900);
  await rivals.bid(campaign, 950);
  await page.clock.install();
  for (const address of ["/bids", "/?show=live"]) {
    await open(page, address);
    const ended = row(page, campaign);
    const raise = ended.getByRole("link", { name: /^Bid NT\$[\d,]+ to get in$/ });
    await expect(ended.getByText("Live", { exact: true })).toBeVisible();
    await expect(raise).toHaveCount(address === "/bids" ? 1 : 0);
    await page.context().setOffline(true);
    await page.clock.fastForward("01:40");
    await expect(ended).toContainText("Time is up; waiting for the result.");
    await expect(ended.getByText("Live", { exact: true })).toBeHidden();
    await expect(raise).toBeHidden();
    await expect(ended.locator("[data-until], time").filter({ visible: true })).toHaveCount(0);
    // By the server's clock, it goes on.
    await page.context().setOffline(false);
    await expect(ended.getByText("Live", { exact: true })).toBeVisible();
  }
});

test("a clock that jumps, as after sleep, does not mislead the countdown", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Sleepy Lamp", 2), 600);
  const page = await newPage();
  await register(page, "Zoe");
  await bidHere(page, campaign, 900);
  await page.clock.install();
  await open(page, "/bids");
  const left = row(page, campaign).locator("[data-until]");
  await expect(left).toHaveText(/^09:\d\d$/);
  await page.clock.fastForward("30:00");
  // By the browser's clock the campaign is long over, but the server's clock counts.
  await expect(left).toHaveText(/^09:\d\d$/);
  const before = await left.textContent();
  await expect(left).not.toHaveText(before!);
  await expect(left).toHaveText(/^09:\d\d$/);
});

test("a countdown does not depend on when the code arrives", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Slow Lamp", 1), 80);
  const secondsLeft = () => (Date.parse(campaign.end_time) - Date.now()) / 1000;
  const page = await newPage();
  let deliver = () => {};
  const delivered = new Promise<void>((resolve) => (deliver = resolve));
  await page.route("**/*.wasm", async (route) => {
    await delivered;
    await route.continue();
  });
  await page.goto("/?show=live");
  const left = row(page, campaign).locator("[data-until]");
  const rendered = await left.textContent();
  const before = secondsLeft();
  await expect.poll(secondsLeft, { timeout: 15_000 }).toBeLessThan(before - 5);
  deliver();
  await expect(left).not.toHaveText(rendered!);
  const [minutes, seconds] = (await left.textContent())!.split(":").map(Number);
  expect(Math.abs(minutes * 60 + seconds - secondsLeft())).toBeLessThan(3);
});
