// What an open page says stays true: after late frames, lost connections, ended sessions, edits and a return to it.
import type { Page } from "@playwright/test";
import { type Campaign, adminAccount, newEmail } from "../support/api-client";
import { expect, test } from "../support/fixtures";
import { bid, bidButton, expectMyRank, hydrated, register, signIn, signOut, watch } from "../support/page-actions";

// How long a held-back ranking frame arrives after the cancellation.
const FRAME_DELAY_MS = 1000;
const PASSWORD = "correct horse";

const soon = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
// The value of a datetime-local input for an instant, in UTC.
const utc = (ms: number) => new Date(ms).toISOString().slice(0, 19);

const typed = (page: Page) => page.getByLabel("Your price");
const stepPrice = (page: Page, step: "enter" | "lead") => page.locator(`[data-step=${step}] .step-price`);
const session = (page: Page) => page.locator("html");

// Gone after a reload.
const markDocument = (page: Page) => page.evaluate(() => void Object.assign(window, { sameDocument: true }));
async function expectSameDocument(page: Page) {
  expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);
}

// Another tab of the same browser, which shares the session.
const otherTab = (page: Page) => page.context().newPage();

async function signInAsAdmin(page: Page, address: string) {
  await page.goto(`/login?next=${address}`);
  await signIn(page, adminAccount());
  await expect(page).toHaveURL(address);
}

test("a bid accepted just before a cancellation is shown although its ranking arrives after it", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Overtaken Camera", 5), 600);
  const page = await newPage();
  const held: string[] = [];
  let isHeld = false;
  await page.routeWebSocket(/\/ws\//, (socket) => {
    const server = socket.connectToServer();
    const release = () => {
      isHeld = false;
      for (const frame of held) socket.send(frame);
    };
    server.onMessage((message) => {
      const frame = String(message);
      if (isHeld && frame.startsWith('{"event":"ranking_update"')) return void held.push(frame);
      socket.send(message);
      if (frame.startsWith('{"event":"campaign_updated"')) setTimeout(release, FRAME_DELAY_MS);
    });
  });
  await watch(page, campaign);
  isHeld = true;
  await rivals.bid(campaign, 900);
  const isBid = (frame: string) => JSON.parse(frame).data.total_participants === 1;
  await expect.poll(() => held.some(isBid)).toBe(true);
  await expect(page.locator(".ranking tbody tr")).toHaveCount(0);
  await admin.cancel(campaign, "The product is damaged.");
  await expect(page.locator(".live")).toHaveAttribute("data-phase", "cancelled");
  await expect(page.locator(".ranking tbody tr")).toContainText("NT$900");
});

test("suggested prices are unknown without a connection and without a session", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Severed Camera", 5), 600);
  await rivals.bid(campaign, 900);
  const page = await newPage({}, /Failed to load resource|WebSocket/);
  const cut: (() => void)[] = [];
  let isOffline = false;
  await page.routeWebSocket(/\/ws\//, (socket) => {
    const close = () => void socket.close({ code: 1011 });
    if (isOffline) return close();
    socket.connectToServer();
    cut.push(close);
  });
  await register(page, "Sven");
  await watch(page, campaign);
  const steps = ["enter", "lead"] as const;
  const expectPrices = async () => {
    for (const step of steps) await expect(stepPrice(page, step)).toHaveText(/^NT\$90\d$/);
  };
  const expectUnknown = async () => {
    for (const step of steps) {
      await expect(stepPrice(page, step)).toHaveText("–");
      await expect(page.locator(`[data-step=${step}]`)).toBeDisabled();
    }
  };
  await expectPrices();

  await test.step("the connection is lost", async () => {
    isOffline = true;
    await page.route("**/api/v1/**", (route) => route.abort());
    for (const close of cut) close();
    await expectUnknown();
    await expect(page.locator(".forecast")).toHaveText("No connection: what a bid would do is not known.");
  });

  await test.step("the connection is back", async () => {
    isOffline = false;
    await page.unroute("**/api/v1/**");
    await expectPrices();
  });

  await test.step("the user signs out in another tab", async () => {
    await signOut(await otherTab(page));
    await expect(session(page)).toHaveAttribute("data-session", "over");
    await expectUnknown();
  });
});

test("without its session a page shows no row as the user's, and no forecast", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Disowned Camera", 5), 600);
  const page = await newPage();
  await register(page, "Olga");
  await watch(page, campaign);
  await bid(page, "900", "accepted");
  const row = page.locator(".ranking tbody tr");
  const badge = row.locator(".me-badge");
  const forecast = page.locator(".forecast");
  await expect(badge).toBeVisible();
  await expect(row).toHaveClass(/\bme\b/);
  await typed(page).fill("950");
  await expect(forecast).toHaveText("At this price: 1st of 1 place");

  await signOut(await otherTab(page));
  await expect(session(page)).toHaveAttribute("data-session", "over");
  await expect(row).toContainText("NT$900");
  await expect(badge).toBeHidden();
  await expect(row).not.toHaveClass(/\bme\b/);
  await expect(typed(page)).toHaveValue("950");
  await expect(forecast).toHaveText("");
});

test("without its session my bids state no standing", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Unclaimed Camera", 5), 600);
  const page = await newPage();
  await register(page, "Ulla");
  await bidByApi(page, campaign, 900);
  await page.goto("/bids");
  await hydrated(page);
  const claims = ["#winning > h2", ".bid-meta", ".facts"].map((part) => page.locator(part));
  for (const claim of claims) await expect(claim).toBeVisible();
  await signOut(await otherTab(page));
  await expect(session(page)).toHaveAttribute("data-session", "over");
  for (const claim of claims) await expect(claim).toBeHidden();
  await expect(page.getByRole("link", { name: "Unclaimed Camera" })).toBeVisible();
});

test("a winning bidder who signs out and in again sees the standing again", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Resumed Camera", 5), 600);
  const account = { email: newEmail("wim"), password: PASSWORD };
  const page = await newPage();
  await register(page, "Wim", account.email);
  await watch(page, campaign);
  await bid(page, "900", "accepted");
  const strip = page.locator(".strip");
  await expect(strip).toHaveAttribute("data-standing", "winning");

  const other = await otherTab(page);
  await signOut(other);
  await expect(session(page)).toHaveAttribute("data-session", "over");
  await expect(strip).toHaveAttribute("data-standing", "unknown");
  await expect(page.locator("[data-my-rank]")).toHaveCount(0);
  await other.goto("/login");
  await signIn(other, account);
  await expect(session(page)).toHaveAttribute("data-session", "");
  await expectMyRank(page, 1);
  await expect(page.locator("[data-link]")).toHaveAttribute("data-link", "live");

  await expect(strip).toHaveAttribute("data-standing", "winning");
  await rivals.bid(campaign, 950);
  await expectMyRank(page, 2);
});

test("a typed price is back after a visit to another page", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Revisited Camera", 5), 600);
  const page = await newPage();
  await register(page, "Vera");
  await watch(page, campaign);
  await typed(page).fill("912.34");
  await page.getByRole("link", { name: "My bids" }).click();
  await expect(page).toHaveURL("/bids");
  await page.goBack();
  await hydrated(page);
  await expect(typed(page)).toHaveValue("912.34");
  await expect(page.locator("[data-forecast]")).toHaveAttribute("data-forecast", "wins");
});

test("a typed price is back after signing in again", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Remembered Camera", 5), 600);
  const account = { email: newEmail("rhea"), password: PASSWORD };
  const page = await newPage();
  await register(page, "Rhea", account.email);
  await watch(page, campaign);
  await typed(page).fill("912.34");
  await signOut(await otherTab(page));
  await page.locator("#session").getByRole("link", { name: "Sign in" }).click();
  await signIn(page, account);
  await expect(page).toHaveURL(`/campaigns/${campaign.campaign_id}`);
  await hydrated(page);
  await expect(typed(page)).toHaveValue("912.34");
});

test("the browser asks before it leaves a page with an unconfirmed bid", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Unconfirmed Camera", 5), 600);
  const page = await newPage({}, /status of 503/);
  await register(page, "Uma");
  await watch(page, campaign);
  await page.route("**/api/ui/place_bid", (route) => route.fulfill({ status: 503, json: {} }));
  await typed(page).fill("900");
  await bidButton(page).click();
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "retrying");

  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "retrying");

  await page.unroute("**/api/ui/place_bid");
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "accepted");
  const dialogs: string[] = [];
  page.on("dialog", async (dialog) => {
    dialogs.push(dialog.type());
    await dialog.accept();
  });
  await page.reload();
  await expectMyRank(page, 1);
  expect(dialogs).toEqual([]);
});

test("the explanation of the score follows the user's weight", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Weighted Camera", 5), 600);
  const page = await newPage();
  await register(page, "Gwen");
  const { user_id } = await (await page.request.get("/api/v1/auth/me")).json();
  await watch(page, campaign);
  await markDocument(page);
  await page.locator("summary", { hasText: "How bids are ranked" }).click();
  await expect(page.getByText("Your member weight is 1.")).toBeVisible();
  await admin.setWeight(user_id, 2.5);
  // Still open.
  await expect(page.getByText("Your member weight is 2.5.")).toBeVisible();
  await expectSameDocument(page);
});

test("the confirmation of a large bid follows the ranking", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Pondered Camera", 5), 600);
  await rivals.bid(campaign, 900);
  const page = await newPage();
  await register(page, "Lea");
  await watch(page, campaign);
  await typed(page).fill("9000");
  await typed(page).press("Enter");
  const text = page.getByRole("alertdialog").locator("#confirm-text");
  const expectLead = (price: RegExp) => expect(text).toHaveText(new RegExp(`bid NT\\$9,000\\. ${price.source} would already lead`));
  await expectLead(/NT\$90\d/);
  await rivals.bid(campaign, 950);
  await expectLead(/NT\$95\d/);
});

test("the confirmation of a large bid closes when the minimum price is raised over it", async ({ newPage, admin, rivals }) => {
  const product = await admin.product("Repriced Camera", 5);
  const campaign = await admin.campaign(product, 600);
  await rivals.bid(campaign, 900);
  const page = await newPage();
  await register(page, "Mina");
  await watch(page, campaign);
  await typed(page).fill("9000");
  await typed(page).press("Enter");
  await expect(page.getByRole("alertdialog")).toBeVisible();
  await admin.editProduct(product, { min_price: 9500 });
  await expect(page.locator("dialog[role=alertdialog]")).not.toHaveAttribute("open");
  await expect(page.locator("#price-error")).toHaveText("The price must be at least NT$9,500.");
  await expect(typed(page)).toHaveValue("9,000");
});

test("the monitor's heading, title and actions follow the campaign", async ({ newPage, admin }) => {
  const product = await admin.product("Watched Camera", 5);
  const campaign = await admin.plan(product, soon(600), soon(1200));
  const page = await newPage();
  await signInAsAdmin(page, `/admin/campaigns/${campaign.campaign_id}`);
  await markDocument(page);
  const actions = page.locator("main .actions a");
  await expect(page.locator("h1")).toHaveText("Watched Camera");
  await expect(page).toHaveTitle("Watched Camera · Gavel");
  await expect(actions).toHaveText(["Edit", "View campaign page", "Cancel campaign"]);

  await admin.editProduct(product, { name: "Renamed Camera" });
  await expect(page.locator("h1")).toHaveText("Renamed Camera");
  await expect(page).toHaveTitle("Renamed Camera · Gavel");

  await admin.edit(campaign, { start_time: soon(2) });
  await expect(page.locator(".monitor .badge").first()).toHaveAttribute("data-phase", "active");
  await expect(actions).toHaveText(["Extend", "View campaign page", "Cancel campaign"]);

  await admin.cancel(campaign, "The product is damaged.");
  await expect(page.locator(".monitor .badge").first()).toHaveAttribute("data-phase", "cancelled");
  await expect(actions).toHaveText(["Settlement report", "View campaign page"]);
  await expectSameDocument(page);
});

test("the monitor claims no phase while it is paused, and stops asking while another account is signed in", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Paused Camera", 5), 600);
  const page = await newPage({}, /status of 403/);
  await signInAsAdmin(page, `/admin/campaigns/${campaign.campaign_id}`);
  const badge = page.locator(".monitor .badge").first();
  const pause = page.getByRole("button", { name: "Pause" });
  await pause.click();
  await expect(badge).toBeHidden();
  await expect(page.locator("[data-age]")).toHaveText("Paused. Nothing below is being updated.");
  await pause.click();
  await expect(badge).toBeVisible();
  await expect(page.locator("[data-age]")).toBeEmpty();

  const other = await otherTab(page);
  await signOut(other);
  await expect(session(page)).toHaveAttribute("data-session", "over");
  // Nothing can be typed here.
  await expect(page.locator("#session")).toHaveText(/Sign in to continue\.\s*Sign in$/);
  await register(other, "Olaf");
  await expect(session(page)).toHaveAttribute("data-session", "changed");
  let requests = 0;
  page.on("request", (request) => (requests += request.url() === page.url() ? 1 : 0));
  await expect(page.locator("[data-age]")).toHaveText(/^These numbers are more than \d+ seconds old\.$/, { timeout: 10_000 });
  expect(requests).toBe(0);
});

test("an edit that is reviewed after the start says what can no longer be changed", async ({ newPage, admin }) => {
  const page = await newPage({}, /status of 409/);
  await signInAsAdmin(page, "/admin");
  const campaign = await admin.plan(await admin.product("Begun Camera", 5), soon(10), soon(1200));
  await page.goto(`/admin/campaigns/${campaign.campaign_id}/edit`);
  await page.getByLabel("Winning places").fill("3");
  const status = async () => (await (await page.request.get(`/api/v1/campaigns/${campaign.campaign_id}`)).json()).status;
  await expect.poll(status, { timeout: 20_000 }).toBe("active");
  await page.getByRole("button", { name: "Continue", exact: true }).click();

  await expect(page.getByRole("alert")).toHaveText(
    "The campaign has since started, so only its end can still be changed. The other changes below were not saved.",
  );
  await expect(page.locator("tr[data-differs]")).toHaveCount(1);
  await expect(page.locator("tr[data-differs=quota] td")).toHaveText(["1", "3"]);
  await expect(page.getByLabel("Winning places")).toHaveCount(0);

  await page.getByLabel("End", { exact: true }).fill(utc(Date.now() + 1_800_000));
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.getByRole("button", { name: "Extend" }).click();
  await expect(page).toHaveURL(`/admin/campaigns/${campaign.campaign_id}`);
  await expect(page.locator(".monitor .stat", { hasText: "Winning places" }).locator("dd")).toHaveText("1");
});

test("an admin's form that was sent in a member's session is kept for the admin", async ({ newPage }) => {
  const page = await newPage({}, /status of 403/);
  await signInAsAdmin(page, "/admin/products/new");
  const name = `Kept ${newEmail("x")}`;
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Stock").fill("3");
  await page.getByLabel("Minimum price").fill("800");
  const other = await otherTab(page);
  await signOut(other);
  await register(other, "Nora");
  await expect(session(page)).toHaveAttribute("data-session", "changed");
  await page.getByRole("button", { name: "Continue", exact: true }).click();

  const main = page.locator("main");
  await expect(main.getByRole("alert")).toHaveText("Only administrators may do this.");
  await expect(main).toContainText("The submitted form is kept for a day.");
  await expect(page.locator(".who")).toContainText("Nora");
  await main.getByRole("link", { name: "Sign in" }).click();
  await signIn(page, adminAccount());
  await expect(page).toHaveURL(/\/admin\/products\/new\?form=/);
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(name);
  await expect(page.getByLabel("Stock")).toHaveValue("3");
  await expect(page.getByLabel("Minimum price")).toHaveValue("800");
});

test("an announcement in my bids is removed when it is no longer true", async ({ newPage, admin, rivals }) => {
  const name = `Regained Lamp ${newEmail("x")}`;
  const campaign = await admin.campaign(await admin.product(name, 2), 600);
  const page = await newPage();
  await register(page, "Rosa");
  await bidByApi(page, campaign, 900);
  await page.goto("/bids");
  await hydrated(page);
  await expect(page.locator("#winning")).toContainText(name);
  await rivals.bid(campaign, 950);
  await expect(page.locator("[data-news]")).toHaveText(`You have been outbid: ${name}.`);
  await bidByApi(page, campaign, 1000);
  await expect(page.locator("#winning")).toContainText("NT$1,000");
  await expect(page.locator("[data-news]")).toBeEmpty();
});

// Bids in the page's session.
async function bidByApi(page: Page, campaign: Campaign, price: number) {
  const answer = await page.request.post("/api/v1/bids", {
    headers: { Origin: new URL(page.url()).origin },
    data: { campaign_id: campaign.campaign_id, price },
  });
  expect(answer.ok()).toBe(true);
}

test("a card has the price to get in, or the reader's own if it wins, and neither without the session", async ({ newPage, admin, rivals }) => {
  const page = await newPage();
  await register(page, "Cora");
  // It ends before the campaigns of other tests, so it is on the first page.
  const campaign = await admin.campaign(await admin.product("Carded Lamp", 1), 70);
  await rivals.bid(campaign, 900);
  const price = page.locator(`li[id="${campaign.campaign_id}"] .price-now`);
  await page.goto("/?show=live");
  await hydrated(page);
  await expect(price).toHaveText(/^Price to get in\s*NT\$90\d$/);
  await bidByApi(page, campaign, 950);
  await expect(price).toHaveText(/^You're winning at\s*NT\$950$/);
  await signOut(await otherTab(page));
  // It is hidden, or the list is a visitor's by now.
  await expect(price.filter({ hasText: "winning", visible: true })).toHaveCount(0);
});

test("an open confirmation gives the page free when no bid can be placed any more", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Revoked Camera", 5), 600);
  await rivals.bid(campaign, 900);
  const page = await newPage();
  await register(page, "Rea");
  await watch(page, campaign);
  await typed(page).fill("9000");
  await typed(page).press("Enter");
  await expect(page.getByRole("alertdialog")).toBeVisible();
  await admin.cancel(campaign, "The product is damaged.");
  await expect(page.locator(".live")).toHaveAttribute("data-phase", "cancelled");
  await expect(page.locator("dialog[role=alertdialog]")).not.toHaveAttribute("open");
  await page.getByRole("link", { name: "My bids" }).click();
  await expect(page).toHaveURL("/bids");
});

test("the final rank is shown although the last changes of rank never arrived", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Final Camera", 5), 12);
  const page = await newPage();
  await page.routeWebSocket(/\/ws\//, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      const { event, data } = JSON.parse(String(message));
      if (event !== "rank_changed" || data.rank < 3) socket.send(message);
    });
  });
  await register(page, "Fay");
  await watch(page, campaign);
  await bid(page, "900", "accepted");
  await rivals.bid(campaign, 950);
  await expect(page.locator(".ranking tfoot .me .rank")).toContainText("2");
  await rivals.bid(campaign, 990);
  await expect(page.locator(".live")).toHaveAttribute("data-phase", "ended", { timeout: 20_000 });
  await expect(page.locator(".ranking tfoot .me .rank")).toContainText("3");
});

test("a bid that is declared void is gone from the page at once, which says why", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Void Keyboard", 3), 600);
  const page = await newPage();
  await register(page, "Vera");
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await hydrated(page);
  await bid(page, "900", "accepted");
  await expectMyRank(page, 1);
  const user = await page.locator("#session").getAttribute("data-user");
  await admin.declareVoid(campaign, user!, "A slip of the pen.");
  await expect(page.getByText(/^Your bid was declared void: .*A slip of the pen\..* You may bid again\.$/)).toBeVisible();
  await expect(page.locator("tr.me")).toHaveCount(0);
  await bid(page, "810", "accepted");
  await expectMyRank(page, 1);
  await page.reload();
  await expect(page.getByText("declared void")).toHaveCount(0);
});
