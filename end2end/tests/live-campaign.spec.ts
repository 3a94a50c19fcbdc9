// The live campaign page: the forecast, the ranking, the connection, the clock.
import type { Page } from "@playwright/test";
import { asAdmin } from "../support/api-client";
import { expect, test } from "../support/fixtures";
import { bid, bidButton, expectMyRank, register, watch } from "../support/page-actions";
import { launch } from "../support/test-server";

const typed = (page: Page) => page.getByLabel("Your price");
const amount = (text: string) => text.replaceAll(",", "").match(/\d+(\.\d\d)?/)![0];

test("the code of the page stays under 145 kB", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Small Camera", 5), 600);
  const page = await newPage();
  const code: Promise<number>[] = [];
  page.on("response", (response) => {
    if (/\/pkg\/.*\.(js|wasm)$/.test(response.url())) code.push(response.request().sizes().then((sizes) => sizes.responseBodySize));
  });
  await watch(page, campaign);
  const sizes = await Promise.all(code);
  expect(sizes.length).toBeGreaterThanOrEqual(2);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(145_000);
});

test.describe("the forecast", () => {
  test("its suggested prices reach the promised ranks", async ({ newPage, admin, rivals }) => {
    const campaign = await admin.campaign(await admin.product("Assisted Camera", 5), 600, 2);
    for (const price of [1000, 950, 900]) await rivals.bid(campaign, price);
    const page = await newPage();
    await register(page, "Ada");
    await watch(page, campaign);

    await test.step("a price below the minimum does nothing", async () => {
      await typed(page).fill("799.99");
      await expect(page.locator(".forecast")).toContainText("NT$800");
      await expect(page.locator(".forecast")).toHaveAttribute("data-forecast", "none");
    });

    await test.step("the price to enter the winning places reaches the forecast rank", async () => {
      await page.locator("[data-step=enter]").click();
      await expect(page.locator(".forecast")).toHaveAttribute("data-forecast", "wins");
      const rank = await page.locator("[data-forecast-rank]").getAttribute("data-forecast-rank");
      expect(rank).toBe("2");
      const price = Number(await typed(page).inputValue());
      // In whole dollars.
      expect(price).toBe(951);
      await bid(page, String(price), "accepted");
      await expectMyRank(page, 2);
    });

    await test.step("a cent less would not have reached it", async () => {
      await typed(page).fill("900");
      await expect(page.locator(".forecast")).toHaveAttribute("data-forecast", "useless");
      const least = amount((await page.locator(".forecast").textContent())!);
      await typed(page).fill(least);
      await expect(page.locator(".forecast")).toHaveAttribute("data-forecast", "wins");
      await bid(page, least, "accepted");
    });

    await test.step("the price to lead reaches rank 1", async () => {
      await page.locator("[data-step=lead]").click();
      await expect(page.locator("[data-forecast-rank]")).toHaveAttribute("data-forecast-rank", "1");
      await bidButton(page).click();
      await expectMyRank(page, 1);
      await expect(page.locator("[data-step=lead]")).toBeDisabled();
    });

    await test.step("a raise adds a round amount", async () => {
      await typed(page).fill("1234.50");
      await expect(bidButton(page)).toHaveText("Bid NT$1,234.50");
      await page.locator("[data-step=raise]").click();
      await expect(typed(page)).toHaveValue("1,240");
      await expect(bidButton(page)).toHaveText("Bid NT$1,240");
    });
  });

  test("an unusually large price is asked about", async ({ newPage, admin, rivals }) => {
    const campaign = await admin.campaign(await admin.product("Dear Keyboard", 5), 600);
    await rivals.bid(campaign, 900);
    const page = await newPage();
    await register(page, "Uma");
    await watch(page, campaign);
    const dialog = page.getByRole("alertdialog");

    await typed(page).fill("9000");
    await typed(page).press("Enter");
    await expect(dialog).toContainText("NT$9,000");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "idle");
    await expect(typed(page)).toBeFocused();

    await page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: "Bid NT$9,000" }).click();
    await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "accepted");
    await expectMyRank(page, 1);
  });
});

test("an outbid bidder is told once, by the strip and the title", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Contested Headphones", 5), 600, 1);
  const page = await newPage();
  await register(page, "Otto");
  await watch(page, campaign);
  await page.evaluate(() => {
    const told: string[] = [];
    const region = document.querySelector(".strip [role=status]")!;
    new MutationObserver(() => region.textContent && told.push(region.textContent)).observe(region, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { told });
  });
  await bid(page, "900", "accepted");
  await expect(page).toHaveTitle(/^Winning, 1st · Contested Headphones/);
  await expect(page.locator(".strip-line")).toContainText(/Winning\s*1st of 1 place\s*NT\$900/);
  await rivals.bid(campaign, 950);
  await expect(page.locator(".strip-line")).toContainText(/Outbid\s*2nd\s*NT\$95\d gets you in/);
  await expect(page).toHaveTitle(/^Outbid, 2nd · /);
  await expect(page.locator("tr.outside")).toContainText("NT$900");
  await expect(page.locator(".line")).toContainText(/^1st place\. You need NT\$95\d to get in\.$/);
  // No second notification when others bid more.
  await rivals.bid(campaign, 990);
  await expect(page.locator("[data-my-rank]")).toHaveAttribute("data-my-rank", "3");
  const told = await page.evaluate(() => (window as unknown as { told: string[] }).told);
  expect(told.filter((text) => text.startsWith("Outbid")).length).toBe(1);
});

test("a paused ranking does not change while bids go on", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Held Camera", 5), 600, 3);
  const page = await newPage();
  await register(page, "Paula");
  await watch(page, campaign);
  await bid(page, "900", "accepted");
  const first = page.locator(".ranking tbody tr").first();
  await expect(first).toContainText("Paula");
  await page.getByRole("button", { name: "Freeze list" }).click();
  await rivals.bid(campaign, 950);
  // My standing is updated, and the rows are not.
  await expectMyRank(page, 2);
  await expect(first).toContainText("Paula");
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(first).toContainText("NT$950");
  await expect(page.locator(".ranking tbody tr.me .moved")).toContainText("▼ 1");
  await page.getByRole("button", { name: "Freeze list" }).click();
  await rivals.bid(campaign, 990);
  await expectMyRank(page, 3);
  await expect(first).not.toContainText("NT$990");
  // The final result is shown even when paused.
  await admin.cancel(campaign, "The product is damaged.");
  await expect(first).toContainText("NT$990");
  await expect(page.getByText("List frozen.")).toBeHidden();
});

test("a bid without a response is sent again until there is one", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Lost Keyboard", 5), 600);
  const page = await newPage({}, /Failed to load resource/);
  await register(page, "Rita");
  await watch(page, campaign);
  let lost = 0;
  // The bid arrives but its response is lost: the worst case.
  await page.route("**/api/ui/place_bid", async (route) => {
    if (lost < 2) {
      lost += 1;
      await route.fetch();
      await route.abort();
    } else {
      await route.continue();
    }
  });
  await typed(page).fill("900");
  await bidButton(page).click();
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "retrying");
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "accepted");
  expect(lost).toBe(2);
  await expectMyRank(page, 1);
});

test("without websockets the page polls every few seconds", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Polled Headphones", 5), 600);
  const page = await newPage();
  // A proxy blocks websockets.
  await page.routeWebSocket(/\/ws\//, (socket) => socket.close({ code: 1011 }));
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await expect(page.locator("[data-link]")).toHaveAttribute("data-link", "polling");
  await rivals.bid(campaign, 900);
  await expect(page.locator(".ranking tbody tr")).toContainText("NT$900");
});

test("the last ten seconds are counted in tenths, and a late bid is told when it was received", async ({ newPage, admin }) => {
  const page = await newPage({}, /status of 403/);
  await register(page, "Lena");
  const campaign = await admin.campaign(await admin.product("Punctual Camera", 5), 10);
  await watch(page, campaign);
  await expect(page.locator(".countdown-clock")).toContainText(/± \d+ ms/);
  // The bid is held up on its way until time is up.
  await page.route("**/api/ui/place_bid", async (route) => {
    await expect(page.locator(".live")).toHaveAttribute("data-phase", /settling|ended/);
    await route.continue();
  });
  await expect(page.locator(".countdown-time")).toHaveText(/^[0-4]\.\d$/);
  await typed(page).fill("900");
  await bidButton(page).click();
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "sending");
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "refused");
  await expect(page.locator("[data-bid]")).toBeVisible();
  await expect(page.locator("[data-bid]")).toContainText(/The server received it at \d\d:\d\d:\d\d\.\d\d\d/);
  await expect(bidButton(page)).toBeHidden();
});

test("a cancelled campaign says so at once, with the reason", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Cancelled Keyboard", 5), 600);
  const page = await newPage();
  await watch(page, campaign);
  await admin.cancel(campaign, "The product is damaged.");
  await expect(page.locator(".live")).toHaveAttribute("data-phase", "cancelled");
  await expect(page.locator(".status")).toContainText("Reason: \u2068The product is damaged.\u2069");
});

test("the campaign page works by keyboard alone", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Keyed Keyboard", 5), 600);
  const page = await newPage();
  await register(page, "Kay");
  await watch(page, campaign);
  const reach = async (name: string) => {
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), name)) return;
    }
    throw new Error(`${name} cannot be reached with Tab`);
  };
  await reach("[data-step=enter]");
  await page.keyboard.press("Enter");
  await expect(typed(page)).toHaveValue("800");
  await reach("[data-step=raise]");
  await page.keyboard.press("Enter");
  await expect(typed(page)).toHaveValue("805");
  await reach("#price");
  await page.keyboard.type("900");
  await reach(".bid .send");
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "accepted");
  await reach(".pause");
  await page.keyboard.press("Space");
  await expect(page.locator(".ranking")).toHaveClass(/paused/);
});

test("a page survives a server restart", async ({ newPage }) => {
  const server = await launch();
  try {
    const admin = await asAdmin(server.url, server.admin);
    const campaign = await admin.campaign(await admin.product("Restarted Camera", 5), 600);
    const page = await newPage({ baseURL: server.url }, /WebSocket|Failed to load resource/);
    await register(page, "Ray");
    await watch(page, campaign);
    await bid(page, "900", "accepted");
    await server.stop();
    await expect(page.locator("[data-link]")).not.toHaveAttribute("data-link", "live");
    // A bid placed now waits until the server is back.
    await typed(page).fill("950");
    await bidButton(page).click();
    await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "retrying");
    await server.start();
    await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "accepted", { timeout: 30_000 });
    await expect(page.locator("[data-link]")).toHaveAttribute("data-link", "live", { timeout: 30_000 });
    await expect(page.locator(".ranking tbody tr.me")).toContainText("NT$950");
    await admin.dispose();
  } finally {
    await server.dispose();
  }
});
