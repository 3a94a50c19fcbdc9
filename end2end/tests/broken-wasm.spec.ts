// Pages whose WebAssembly does not load, loads late or panics.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures";
import { WASM, bid, expectMyRank, holdWasm, hydrated, register, watch } from "../support/page-actions";

const UNREACHED = /Failed to load resource|Failed to fetch/;

const typed = (page: Page) => page.getByLabel("Your price");

async function expectStandstill(page: Page) {
  await expect(page.locator("html")).toHaveAttribute("data-islands", "failed");
  await expect(page.getByRole("alert")).toContainText("Live updates are not available.");
}

test("a page whose code does not load says so, and its form works", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Plain Camera", 5), 600);
  const page = await newPage({}, UNREACHED);
  await register(page, "Nora");
  let asked = 0;
  await page.route(WASM, async (route) => {
    asked += 1;
    await route.abort();
  });
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await expectStandstill(page);
  expect(asked).toBe(2);
  await expect(page.locator("[data-link]")).toBeHidden();
  await expect(page.locator(".countdown")).toBeHidden();
  await bid(page, "900", "accepted");
  await expectMyRank(page, 1);
  await expectStandstill(page);
  await page.goto("/?show=live");
  await expectStandstill(page);
  await expect(page.locator("[data-until]").first()).toBeHidden();

  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await expectStandstill(page);
  await page.unroute(WASM);
  await page.getByRole("alert").getByRole("link").click();
  await hydrated(page);
  await expect(page.locator("[data-link]")).toHaveAttribute("data-link", "live");
  await expect(page.getByRole("alert")).toBeHidden();
});

test("code that failed to load is requested once more", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Second Camera", 5), 600);
  const page = await newPage({}, UNREACHED);
  let refused = 0;
  await page.route(/\/pkg\/gavel\.[^/?]*\.js$/, async (route) => {
    refused += 1;
    await route.abort();
  });
  await watch(page, campaign);
  expect(refused).toBe(1);
});

test("a page whose code loads late says so, and becomes live after all", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Late Keyboard", 5), 600);
  const page = await newPage();
  const { release, asked } = await holdWasm(page);
  await page.clock.install();
  await page.goto(`/campaigns/${campaign.campaign_id}`, { waitUntil: "domcontentloaded" });
  await asked;
  await expect(page.getByRole("alert")).toBeHidden();
  await page.clock.fastForward(20_000);
  await expectStandstill(page);
  release();
  await hydrated(page);
  await expect(page.getByRole("alert")).toBeHidden();
});

test("code that panics leaves a plain page that works", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Broken Camera", 5), 600);
  const page = await newPage();
  await register(page, "Bea");
  await watch(page, campaign);
  await typed(page).fill("900");
  // The error that the browser reports when the code panics.
  await page.evaluate(() => dispatchEvent(new ErrorEvent("error", { error: new WebAssembly.RuntimeError("unreachable") })));
  await expectStandstill(page);
  await expect(page.locator("[data-link]")).toBeHidden();
  await expect(typed(page)).toHaveValue("900");
  await expect(typed(page)).toBeFocused();
  const posted = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/ui/place_bid"));
  await page.keyboard.press("Enter");
  await posted;
  await hydrated(page);
  await expectMyRank(page, 1);
});
