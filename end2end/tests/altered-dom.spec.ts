// Pages whose DOM was changed by extensions and translators.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures";
import { bid, expectMyRank, holdWasm, hydrated, register, watch } from "../support/page-actions";

const typed = (page: Page) => page.getByLabel("Your price");

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

test("a page that was changed before hydration becomes live", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Touched Camera", 5), 600, 2);
  const page = await newPage();
  await register(page, "Tess");
  const { release, asked } = await holdWasm(page);
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
    await expect(page.locator(".ranking tbody tr")).toContainText("NT$900");
    // Text that arrived since is translated too.
    await translate(page, way);
    await rivals.bid(campaign, 950);
    await expectMyRank(page, 2);
    await expect(page.locator(".ranking tbody tr").first()).toContainText("NT$950");
    await expect(page.locator(".ranking header .muted")).toHaveText("2 bidders");
    await expect(page.locator(".strip-word")).not.toContainText("«");
    await page.getByRole("button", { name: "Freeze list" }).click();
    await expect(page.locator(".pause")).toHaveText("Resume");
    await expectCountdownMoves(page);
  });
}
