// Admin edits while the campaign page is open: the page announces them and updates forecasts, limits and winning
// places. Also missed edits, stalled connections and expired sessions.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures";
import { bidButton, expectMyRank, register, watch } from "../support/page-actions";

const soon = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
const edit = (page: Page) => page.locator("[data-edit]");

test("an edit reaches the open page, and its forecasts follow", async ({ newPage, admin, rivals }) => {
  const product = await admin.product("Edited Camera", 5);
  const campaign = await admin.plan(product, soon(600), soon(1200), 5);
  const page = await newPage();
  await register(page, "Edda");
  const { user_id } = await (await page.request.get("/api/v1/auth/me")).json();
  await watch(page, campaign);

  await admin.edit(campaign, { quota: 1, alpha: 2, gamma: 0, beta: 0 });
  await expect(edit(page)).toHaveText("Changed by the organiser: winning places 5 → 1; how bids are scored");
  await expect(page.locator(".campaign-facts")).toContainText("Winning places1");
  await admin.editProduct(product, { name: "Renamed Camera", min_price: 850 });
  await expect(edit(page)).toHaveText(
    "Changed by the organiser: the product is now “\u2068Renamed Camera\u2069”; winning places 5 → 1; " +
      "minimum price NT$800 → NT$850; how bids are scored",
  );
  await expect(page).toHaveTitle("Renamed Camera · Gavel");
  await expect(page.locator("h1")).toHaveText("Renamed Camera");
  await expect(page.locator(".campaign-facts")).toContainText("NT$850");
  await expect(page.locator("#price-hint")).toContainText("NT$850");
  await admin.setWeight(user_id, 2.5);
  await expect(edit(page)).toContainText("how bids are scored; your member weight 1 → 2.5");

  // Started an hour ago: several edits at once are all announced.
  await admin.edit(campaign, { start_time: soon(-3600) });
  await expect(page.locator(".live")).toHaveAttribute("data-phase", "active");
  await page.getByLabel("Your price").fill("900");
  await expect(page.locator(".forecast")).toHaveText("At this price: 1st of 1 place");
  await bidButton(page).click();
  await expectMyRank(page, 1);
  // By the new terms a price counts twice.
  await expect(page.locator(".ranking tr.me .score")).toHaveText("1,800");
  await rivals.bid(campaign, 950);
  await expectMyRank(page, 2);
  await expect(page.locator(".strip")).toHaveAttribute("data-standing", "outbid");
  await expect(page).toHaveTitle("Outbid, 2nd · Renamed Camera · Gavel");
});

test("the page fetches an edit that it missed", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Missed Camera", 5), 600);
  const page = await newPage();
  // The event is lost, but the next ranking has a newer campaign version.
  await page.routeWebSocket(/\/ws\//, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!String(message).startsWith('{"event":"campaign_updated"')) socket.send(message);
    });
  });
  await watch(page, campaign);
  await admin.extend(campaign, 1200);
  await expect(edit(page)).toHaveText("Changed by the organiser: the end is later now");
  // The mark on the clock stays, for those who come later, too.
  await page.reload();
  await expect(page.locator(".live").getByText("Extended", { exact: true })).toBeVisible();
});

test("a connection that is open but silent is not shown as connected", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Silent Camera", 5), 600);
  const page = await newPage();
  let sockets = 0;
  let isDead = false;
  await page.routeWebSocket(/\/ws\//, (socket) => {
    sockets += 1;
    const server = socket.connectToServer();
    const number = sockets;
    server.onMessage((message) => {
      if (!isDead || number > 1) socket.send(message);
    });
    socket.onMessage((message) => {
      if (!isDead || number > 1) server.send(message);
    });
  });
  await watch(page, campaign);
  isDead = true;
  await expect(page.locator("[data-link]")).toHaveAttribute("data-link", "lost", { timeout: 10_000 });
  await rivals.bid(campaign, 900);
  await expect(page.locator("[data-link]")).toHaveAttribute("data-link", "live", { timeout: 10_000 });
  await expect(page.locator(".ranking tbody tr")).toContainText("NT$900");
  expect(sockets).toBe(2);
});

test("a page whose session has expired shows no standing", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Forgotten Camera", 5), 600);
  const page = await newPage();
  await register(page, "Olga");
  await watch(page, campaign);
  await page.getByLabel("Your price").fill("900");
  await bidButton(page).click();
  await expectMyRank(page, 1);
  await page.context().clearCookies({ name: /^gavel_session/ });
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await expect(page.locator("#session")).toContainText("Your session has ended");
  await expect(page.locator(".strip")).toContainText("Without your session, your place is not known.");
  await expect(bidButton(page)).toBeDisabled();
  await expect(page).toHaveTitle("Forgotten Camera · Gavel");
});
