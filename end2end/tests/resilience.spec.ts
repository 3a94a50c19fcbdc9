// Pages whose WebAssembly does not load, loads late or panics, or whose DOM was changed by extensions and translators.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures";
import { bid, expectMyRank, hydrated, register, watch } from "../support/page-actions";

const CODE = /\.wasm(\?|$)/;
const UNREACHED = /Failed to load resource|Failed to fetch/;

const typed = (page: Page) => page.getByLabel("Your price");

async function expectStandstill(page: Page) {
  await expect(page.locator("html")).toHaveAttribute("data-islands", "failed");
  await expect(page.getByRole("alert")).toContainText("Live updates are not available.");
}

// Delays the code until `release` is called; `asked` resolves when the page requests it.
async function hold(page: Page) {
  let release = () => {};
  let ask = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const asked = new Promise<void>((resolve) => (ask = resolve));
  await page.route(CODE, async (route) => {
    ask();
    await released;
    await route.continue();
  });
  return { release, asked };
}

// Does what translators do: replaces every text by their own elements, or wraps it in them.
async function translate(page: Page, way: "replace" | "wrap") {
  await page.evaluate((way) => {
    const walker = document.createTreeWalker(document.querySelector(".live")!, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts.filter(({ data }) => data.trim())) {
      const outer = document.createElement("font");
      const inner = outer.appendChild(document.createElement("font"));
      text.replaceWith(outer);
      inner.append(way === "wrap" ? text : `«${text.data}»`);
    }
  }, way);
}

async function expectCountdownMoves(page: Page) {
  const countdown = page.locator(".countdown-time");
  const before = (await countdown.textContent())!;
  await expect(countdown).not.toHaveText(before);
  await expect(countdown).toHaveText(/^[\d:]+$/);
}

test("a page whose code does not load says so, and its form works", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Plain Camera", 5), 600);
  const page = await newPage({}, UNREACHED);
  await register(page, "Nora");
  let asked = 0;
  await page.route(CODE, async (route) => {
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
  await page.unroute(CODE);
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
  const { release, asked } = await hold(page);
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

test("a page that was changed before hydration becomes live", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Touched Camera", 5), 600, 2);
  const page = await newPage();
  await register(page, "Tess");
  const { release, asked } = await hold(page);
  await page.goto(`/campaigns/${campaign.campaign_id}`, { waitUntil: "domcontentloaded" });
  await asked;
  // A password manager, a translator, and a user who does not wait.
  await page.locator("#price").evaluate((input) => input.insertAdjacentHTML("afterend", "<div class='foreign'></div>"));
  await translate(page, "wrap");
  await typed(page).fill("812");
  release();
  await hydrated(page);
  await expect(typed(page)).toHaveValue("812");
  await expect(typed(page)).toBeFocused();
  await expect(page.locator(".foreign")).toHaveCount(0);
  await expect(page.locator("[data-forecast]")).toHaveAttribute("data-forecast", "wins");
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "accepted");
  await expectMyRank(page, 1);
  await expectCountdownMoves(page);
  await rivals.bid(campaign, 950);
  await expectMyRank(page, 2);
});

for (const way of ["replace", "wrap"] as const) {
  test(`texts that a translator ${way}s are still updated`, async ({ newPage, admin, rivals }) => {
    const campaign = await admin.campaign(await admin.product(`Translated Camera, ${way}`, 5), 600, 1);
    const page = await newPage();
    await register(page, "Theo");
    await watch(page, campaign);
    const translated = page.locator(".live font");
    await translate(page, way);
    await expectCountdownMoves(page);
    await expect(translated).not.toHaveCount(0);
    await bid(page, "900", "accepted");
    await expect(page.locator(".ranking tbody tr")).toContainText("900.00");
    // Text that arrived since is translated too.
    await translate(page, way);
    await rivals.bid(campaign, 950);
    await expectMyRank(page, 2);
    await expect(page.locator(".ranking tbody tr").first()).toContainText("950.00");
    await expect(page.locator(".ranking header .muted")).toHaveText("2 bidders");
    await expect(page.locator(".standing .badge")).not.toContainText("«");
    await page.getByRole("button", { name: "Freeze list" }).click();
    await expect(page.locator(".pause")).toHaveText("Resume");
    await expectCountdownMoves(page);
  });
}

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
