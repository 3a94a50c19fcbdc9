// What a bidder has in sight: the standing, what it takes and the bid, on a phone and on a laptop; long rankings.
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../support/fixtures";
import { bid, bidButton, register, watch } from "../support/page-actions";

const PHONE = { width: 390, height: 844 };
const LAPTOP = { width: 1366, height: 650 };
const strip = (page: Page) => page.locator(".strip");
const ranks = (page: Page) => page.locator(".ranking tbody tr .rank");

// Fails unless all of the element is on the screen, and nothing covers its middle.
async function expectInSight(element: Locator) {
  await expect(element).toBeInViewport({ ratio: 1 });
  const isOnTop = await element.evaluate((it) => {
    const { left, top, width, height } = it.getBoundingClientRect();
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    return it.contains(hit) || hit?.contains(it);
  });
  expect(isOnTop).toBe(true);
}

for (const [device, viewport] of Object.entries({ phone: PHONE, laptop: LAPTOP })) {
  test(`the standing and the bid stay in sight on a ${device}`, async ({ newPage, admin, rivals }) => {
    const campaign = await admin.campaign(await admin.product("Docked Camera", 30), 600, 20);
    for (let price = 900; price < 918; price += 1) await rivals.bid(campaign, price);
    const page = await newPage({ viewport, hasTouch: device === "phone" });
    await register(page, "Dora");
    await watch(page, campaign);
    const price = page.getByLabel("Your price");
    const room = [page.locator(".countdown-time"), strip(page), price, bidButton(page), page.locator("[data-step=enter]")];
    for (const part of room) await expectInSight(part);

    await page.locator("[data-step=lead]").click();
    await expect(bidButton(page)).toHaveText(/^Bid NT\$9[12]\d$/);
    await bidButton(page).click();
    await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "accepted");
    await expectInSight(page.locator(".bid-answer"));
    await expect(page.locator(".bid-answer")).toHaveText(/^Bid received: NT\$9[12]\d · \d\d:\d\d:\d\d$/);
    await expect(strip(page)).toHaveAttribute("data-standing", "winning");

    await page.getByRole("button", { name: "Show the first 19" }).click();
    await page.locator(".ranking tfoot .line").scrollIntoViewIfNeeded();
    for (const part of [strip(page), price, bidButton(page)]) await expectInSight(part);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
}

test("a long ranking shows the top, my rows and the line, and all rows on demand", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Crowded Camera", 30), 600, 25);
  const page = await newPage();
  await register(page, "Nils");
  await watch(page, campaign);
  for (let price = 900; price < 1150; price += 10) await rivals.bid(campaign, price);
  await bid(page, "1015", "accepted");
  // Thirteen rivals bid more; the lowest fell out of the places.
  await expect(ranks(page)).toHaveText(["1", "2", "3", "4", "5", "12", "13", "14", "15", "16", "24", "25"]);
  await expect(page.locator(".ranking .gap")).toHaveText(["6 more", "7 more"]);
  await expect(page.locator(".ranking tr.me .rank")).toHaveText(/^14/);

  await page.getByRole("button", { name: "Show the first 25" }).click();
  await expect(ranks(page)).toHaveCount(25);
  await page.getByRole("button", { name: "Show fewer" }).click();
  await expect(ranks(page)).toHaveCount(12);

  // Below the places, my row is below the line, after those who are nearer to it.
  const loser = await newPage();
  await register(loser, "Lotte");
  await watch(loser, campaign);
  await bid(loser, "899", "accepted");
  await expect(strip(loser)).toHaveAttribute("data-standing", "outbid");
  await expect(loser.locator(".ranking tfoot tr")).toHaveText([/^25th place\. You need NT\$91\d to get in\.$/, "1 more", /^27/]);
});

test("a row explains its points", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Explained Camera", 5), 600, 5);
  await rivals.bid(campaign, 900);
  const page = await newPage();
  await watch(page, campaign);
  await page.locator(".ranking .row-name").click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Rival 900");
  await expect(dialog).toContainText("1st · NT$900");
  await expect(dialog.getByRole("listitem")).toHaveText([/^Price: 900 points$/, /^Member and speed bonus: [\d,]+ points$/, /^Total: [\d,]+ points$/]);
  // It follows the ranking.
  await rivals.bid(campaign, 950);
  await expect(dialog).toContainText("2nd · NT$900");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page.locator(".ranking .row-name").nth(1)).toBeFocused();
});

test("a losing bidder is told what would have won", async ({ newPage, admin, rivals }) => {
  const page = await newPage();
  await register(page, "Lou");
  const campaign = await admin.campaign(await admin.product("Missed Lamp", 1), 8);
  await watch(page, campaign);
  await bid(page, "900", "accepted");
  await rivals.bid(campaign, 950);
  await expect(page.locator("[data-result]")).toHaveAttribute("data-result", "lost", { timeout: 30_000 });
  // In the form's place.
  await expect(page.locator(".bid")).toBeHidden();
  await expect(page.locator(".result")).toContainText(/At the time of your bid, NT\$9\d\d would have won\./);
  await expect(page.locator(".result")).toContainText("You finished 2nd.");
  await expect(page).toHaveTitle(/^You did not win · Missed Lamp/);
});

test("before the start the product is large, and a list says what to do", async ({ newPage, admin }) => {
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const campaign = await admin.plan(await admin.product("Awaited, Camera", 5), at(3_600_000), at(7_200_000));
  const page = await newPage({ viewport: PHONE, hasTouch: true });
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  const list = page.locator(".checklist");
  await expect(list.getByText("The countdown is in step with our clock")).toHaveClass(/\bdone\b/);
  await expect(list.locator(".done")).toHaveCount(1);
  expect((await page.locator(".product .picture").boundingBox())?.width).toBeGreaterThan(280);

  const file = await page.request.get(`/campaigns/${campaign.campaign_id}/calendar.ics`);
  expect(file.headers()["content-type"]).toBe("text/calendar; charset=utf-8");
  const text = await file.text();
  expect(text).toContain("SUMMARY:Awaited\\, Camera\r\n");
  expect(text.replaceAll("\r\n ", "")).toContain(`/campaigns/${campaign.campaign_id}\r\n`);
  const start = new Date(campaign.start_time).toISOString().replace(/[-:]|\.\d+/g, "");
  expect(text).toContain(`DTSTART:${start}\r\n`);

  await list.getByRole("link", { name: "Sign in, so that you can bid at once" }).click();
  await expect(page).toHaveURL(`/login?next=/campaigns/${campaign.campaign_id}`);
});

test("a minute before the start the product gives its room to the bid", async ({ newPage, admin }) => {
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const campaign = await admin.plan(await admin.product("Imminent Camera", 5), at(3_600_000), at(7_200_000));
  const page = await newPage();
  await register(page, "Ilse");
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await expect(page.locator(".checklist .done")).toHaveCount(2);
  await expect(page.locator("#main")).toHaveClass(/lobby/);
  await admin.edit(campaign, { start_time: at(50_000) });
  await expect(page.locator("#main")).not.toHaveClass(/lobby/);
  await expect(page.locator(".checklist")).toBeVisible();
});

// Has the page place a bid at the start.
async function arm(page: Page) {
  await page.getByLabel("Your price").fill("900");
  await bidButton(page).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Bid NT$900 at the start" }).click();
  const answer = page.locator("[data-bid]");
  await expect(answer).toHaveAttribute("data-bid", "armed");
  await expect(answer).toHaveText("Your bid of NT$900 will be placed at the start. Keep this page open.");
}

test("a price armed before the start is sent at the start", async ({ newPage, admin }) => {
  const page = await newPage();
  await register(page, "Arno");
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const campaign = await admin.plan(await admin.product("Armed Camera", 5), at(6_000), at(600_000));
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  const answer = page.locator("[data-bid]");
  await expect(page.locator(".checklist .done")).toHaveCount(2);
  await arm(page);
  // It can be taken back.
  await bidButton(page).click();
  await expect(answer).toHaveAttribute("data-bid", "idle");
  await arm(page);
  // There is no ranking to be measured against.
  await expect(page.locator("#price-hint")).not.toContainText("At this price");
  await expect(page.getByLabel("Your price")).not.toBeEditable();
  await expect(answer).toHaveAttribute("data-bid", "accepted", { timeout: 15_000 });
  await expect(strip(page)).toHaveAttribute("data-standing", "winning");
});

test("the whole ranking, and how the points developed, are a click away", async ({ newPage, admin, rivals }) => {
  const product = await admin.product("Charted Camera", 5);
  const campaign = await admin.campaign(product, 600, 2);
  const page = await newPage();
  await register(page, "Cora");
  await watch(page, campaign);
  for (const price of [900, 920, 940]) await rivals.bid(campaign, price);
  await bid(page, "930", "accepted");
  await admin.editProduct(product, { image_url: null });
  await expect(page.locator(".product .no-picture")).toHaveText("C");

  await page.getByText("Points over time").click();
  const chart = page.locator(".campaign-more img");
  await expect.poll(() => chart.evaluate((it: HTMLImageElement) => it.complete && it.naturalWidth)).toBeGreaterThan(0);
  const svg = await (await page.request.get(`/campaigns/${campaign.campaign_id}/chart.svg`)).text();
  expect(svg).toContain("You</text>");

  await page.getByRole("link", { name: "Full ranking" }).click();
  await expect(page.locator(".ranking tbody tr")).toHaveText([/^1Rival 940/, /^2CoraYouNT\$930/, /^2nd is the last/, /^3Rival 920/, /^4Rival 900/]);
  await page.getByRole("link", { name: "Back to the campaign" }).click();
  await expect(page).toHaveURL(`/campaigns/${campaign.campaign_id}`);
});

test("an armed bid that is no longer allowed is dropped, and the page says so", async ({ newPage, admin }) => {
  const page = await newPage();
  await register(page, "Abel");
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const product = await admin.product("Dropped Camera", 5);
  const campaign = await admin.plan(product, at(3_600_000), at(7_200_000));
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await expect(page.locator(".checklist .done")).toHaveCount(2);
  await arm(page);
  await admin.editProduct(product, { min_price: 950 });
  await expect(page.locator("[data-bid]")).toHaveText("Your bid of NT$900 was not placed.");
});

test("an armed bid of a campaign that is cancelled is dropped, and the page goes on saying so", async ({ newPage, admin }) => {
  const page = await newPage();
  await register(page, "Alma");
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const campaign = await admin.plan(await admin.product("Cancelled Camera", 5), at(3_600_000), at(7_200_000));
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await expect(page.locator(".checklist .done")).toHaveCount(2);
  await arm(page);
  await admin.cancel(campaign, "The shop has burnt down");
  await expect(page.locator(".live")).toHaveAttribute("data-phase", "cancelled");
  await expect(page.locator("[data-bid]")).toBeVisible();
  await expect(page.locator("[data-bid]")).toHaveText("Your bid of NT$900 was not placed.");
});

test("an armed bid is sent without websockets, too", async ({ newPage, admin }) => {
  const page = await newPage();
  await register(page, "Asa");
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const campaign = await admin.plan(await admin.product("Polled Camera", 5), at(6_000), at(600_000));
  // A proxy blocks websockets.
  await page.routeWebSocket(/\/ws\//, (socket) => socket.close({ code: 1011 }));
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await arm(page);
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "accepted", { timeout: 15_000 });
});
