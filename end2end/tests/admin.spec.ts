// The admin area: a whole sale from the browser, access for admins only, and every page without overflow or
// accessibility findings in both languages and themes, on a phone and on a desktop.
import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/accessibility";
import { adminAccount, newEmail } from "../support/api-client";
import { expect, test } from "../support/fixtures";
import { register } from "../support/page-actions";

async function signIn(page: Page) {
  const { email, password } = adminAccount();
  await page.goto("/login");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.locator("main").getByRole("button", { name: "Sign in" }).click();
  await expect(page.locator(".who")).toContainText("Admin");
}

// The value of a datetime-local input for an instant, in UTC.
const utc = (ms: number) => new Date(ms).toISOString().slice(0, 19);

async function makeProduct(page: Page, name: string, stock: string) {
  await page.goto("/admin/products/new");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Stock").fill(stock);
  await page.getByLabel("Minimum price").fill("800");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Please check before saving" })).toBeVisible();
  await page.getByRole("button", { name: "Create product" }).click();
  await expect(page).toHaveURL("/admin/products");
  await expect(page.locator("[data-done]")).toHaveText("The product was created.");
}

async function planCampaign(page: Page, product: string, start: number, end: number, quota: string) {
  await page.getByRole("row", { name: product }).getByRole("link", { name: "New campaign" }).click();
  await page.getByLabel("Start", { exact: true }).fill(utc(start));
  await page.getByLabel("End", { exact: true }).fill(utc(end));
  await page.getByLabel("Winning places").fill(quota);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
}

async function bidAs(page: Page, campaign: string, price: number) {
  const answer = await page.request.post("/api/v1/bids", {
    data: { campaign_id: campaign, price },
    headers: { Origin: new URL(page.url()).origin },
  });
  expect(answer.status()).toBe(201);
  return await answer.json();
}

test("an admin runs a whole sale from the browser", async ({ newPage }) => {
  test.setTimeout(150_000);
  const page = await newPage({}, /status of 422/);
  const name = `Sale ${newEmail("x")}`;
  await signIn(page);
  await makeProduct(page, name, "5");

  const start = Date.now() - 5000;
  await planCampaign(page, name, start, start + 50_000, "2");
  const summary = page.getByRole("region", { name: "Please check before saving" });
  await expect(summary).toContainText(`${utc(start).replace("T", " ")} UTC`);
  await expect(page.locator(".effects")).toContainText("In stock: 5, reserved for other campaigns: 0, still available: 3.");
  // Back to the form, which keeps what was typed, to preview other coefficients.
  await page.getByRole("button", { name: "Back to the form" }).click();
  await expect(page.getByLabel("Winning places")).toHaveValue("2");
  await page.getByLabel("Beta").fill("50000");
  await page.getByRole("button", { name: "Update preview" }).click();
  await expect(page.locator("#preview")).toContainText("50000 ÷");
  await expect(page.locator("#preview svg[role=img]")).toBeVisible();
  await expect(page.getByLabel("Beta")).toHaveValue("50000");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.getByRole("button", { name: "Create campaign" }).click();
  await expect(page).toHaveURL(/\/admin\/campaigns\/[0-9a-f-]{36}$/);
  await expect(page.locator("[data-done]")).toHaveText("The campaign was created.");
  await page.reload();
  await expect(page.locator("[data-done]")).toHaveCount(0);
  const campaign = page.url().split("/").at(-1)!;

  const stat = (label: string) => page.locator(".monitor .stat", { hasText: label }).locator("dd");
  await expect(stat("Bids per second")).not.toHaveText("");
  for (const [who, price] of [["Ada", 900], ["Ben", 950], ["Cleo", 880]] as const) {
    const bidder = await newPage();
    await register(bidder, who);
    await bidAs(bidder, campaign, price);
  }
  // Without a reload.
  await expect(page.locator(".monitor")).toContainText("Ben");
  await expect(stat("Bidders")).toHaveText("3");
  await expect(stat("Revenue so far")).toHaveText("NT$1,850");
  await expect(stat("Price at the line")).toHaveText("NT$900");
  await expect(page.locator(".monitor svg[role=img]").first()).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("button", { name: "Pause" })).toHaveAttribute("aria-pressed", "true");

  await page.getByRole("link", { name: "Extend" }).click();
  const end = start + 60_000;
  await page.getByLabel("End", { exact: true }).fill(utc(start + 1000));
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.locator("#end_time-error")).toBeVisible();
  await page.getByLabel("End", { exact: true }).fill(utc(end));
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.getByRole("button", { name: "Extend" }).click();
  await expect(page).toHaveURL(`/admin/campaigns/${campaign}`);

  await expect(page.locator(".monitor .badge").first()).toHaveAttribute("data-phase", "ended", { timeout: 60_000 });
  await page.getByRole("link", { name: "Settlement report" }).click();
  await expect(page.locator("[data-consistent=true]")).toBeVisible();
  await expect(page.locator("main")).toContainText("2 = smallest of winning places 2, stock 5, bidders 3");
  await expect(page.locator(".stat", { hasText: "Revenue" }).locator("dd")).toHaveText("NT$1,850");

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Orders (CSV)" }).click();
  const file = await (await download).createReadStream();
  let csv = "";
  for await (const chunk of file) csv += chunk.toString("utf8");
  expect(csv.startsWith("\ufeffrank,order_id,")).toBe(true);
  expect(csv).toContain(",Ben,950.00,");
  expect(csv).not.toContain("Cleo");
});

test("a campaign is cancelled with a reason that bidders see", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product(`Cancelled ${newEmail("x")}`, 3), 600);
  const page = await newPage({}, /status of 422/);
  await signIn(page);
  await page.goto(`/admin/campaigns/${campaign.campaign_id}/cancel`);
  await page.getByLabel("Reason").fill("   ");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.locator("#reason-error")).toHaveText("Enter 1 to 500 characters, none of them invisible.");
  await page.getByLabel("Reason").fill("Water in the storehouse");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.locator(".effects")).toContainText("Reserved stock that becomes available again: 1.");
  await page.getByRole("button", { name: "Cancel campaign" }).click();
  await expect(page.locator(".monitor .badge").first()).toHaveAttribute("data-phase", "cancelled");
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await expect(page.locator("main")).toContainText("Water in the storehouse");
});

test("an admin's times are typed in the admin's zone", async ({ newPage }) => {
  const page = await newPage({ timezoneId: "Europe/Berlin" });
  const name = `Abroad ${newEmail("x")}`;
  await signIn(page);
  await makeProduct(page, name, "2");
  const newCampaign = async () => page.getByRole("row", { name }).getByRole("link", { name: "New campaign" }).click();
  const zone = page.getByLabel("Time zone");
  await newCampaign();
  // The default is the browser's zone.
  await expect(zone).toHaveValue("Europe/Berlin");
  // The mouse wheel scrolls the page and does not change the number.
  const beta = page.getByLabel("Beta");
  const before = await beta.inputValue();
  await beta.focus();
  await beta.hover();
  await page.mouse.wheel(0, 120);
  await expect(beta).not.toBeFocused();
  await expect(beta).toHaveValue(before);

  const day = `${new Date().getUTCFullYear() + 1}-07-10`;
  const review = async () => {
    await page.getByLabel("Start", { exact: true }).fill(`${day}T14:00:00`);
    await page.getByLabel("End", { exact: true }).fill(`${day}T15:00:00`);
    await page.getByLabel("Winning places").fill("1");
    await page.getByRole("button", { name: "Continue", exact: true }).click();
  };
  await review();
  await expect(page.locator(".review")).toContainText(`${day} 14:00:00 CEST (UTC+02:00) = ${day} 12:00:00 UTC`);
  await page.getByRole("button", { name: "Back to the form" }).click();
  await zone.selectOption("America/New_York");
  await review();
  await expect(page.locator(".review")).toContainText(`${day} 14:00:00 EDT (UTC-04:00) = ${day} 18:00:00 UTC`);
  await page.getByRole("button", { name: "Create campaign" }).click();
  await expect(page.locator(".monitor .badge").first()).toHaveAttribute("data-phase", "pending");
  // After that, the default is the zone chosen last.
  await page.goto("/admin/products");
  await newCampaign();
  await expect(zone).toHaveValue("America/New_York");
});

test("a user's new weight counts from the next bid", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product(`Weighed ${newEmail("x")}`, 3), 600);
  const bidder = await newPage();
  const email = newEmail("wanda");
  await register(bidder, "Wanda", email);
  const before = await bidAs(bidder, campaign.campaign_id, 900);

  const page = await newPage();
  await signIn(page);
  await page.goto("/admin/users");
  await page.getByLabel("E-mail or name").fill(email);
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: "Wanda" }).click();
  await page.getByLabel("Weight").fill("5");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.locator("tr.changed")).toContainText("Weight");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("Weight")).toHaveValue("5");

  const after = await bidAs(bidder, campaign.campaign_id, 901);
  expect(after.score - before.score).toBeGreaterThan(390);
  await page.goto("/admin/audit");
  const entry = page.locator(".audit > li").filter({ hasText: "edited the member" }).first();
  await expect(entry.locator(".changes")).toContainText("Weight: 1.0 → 5.0");
  const filters = page.getByRole("navigation", { name: "Show" });
  await filters.getByRole("link", { name: "Members" }).click();
  await expect(page).toHaveURL("/admin/audit?kind=user");
  await expect(entry).toBeVisible();
  // By day and by person.
  await page.getByLabel("From").fill("2999-01-01");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(entry).toHaveCount(0);
  await page.getByLabel("From").fill("2020-01-01");
  await page.getByRole("button", { name: "Search" }).click();
  await entry.getByRole("link", { name: adminAccount().email }).click();
  await expect(page.getByText("Only actions by")).toBeVisible();
  await expect(entry).toBeVisible();
  await page.getByRole("link", { name: "Show everyone's" }).click();
  await expect(page).toHaveURL("/admin/audit");
  await filters.getByRole("link", { name: "Products" }).click();
  await expect(page.locator(".audit > li").filter({ hasText: "created the product" }).first()).toBeVisible();
  await expect(entry).toHaveCount(0);
});

test("a bid is declared void, with a reason, and made valid again", async ({ newPage, admin }) => {
  const name = `Void ${newEmail("x")}`;
  const campaign = await admin.campaign(await admin.product(name, 3), 600);
  const bidder = await newPage();
  const email = newEmail("vic");
  await register(bidder, "Vic", email);
  await bidAs(bidder, campaign.campaign_id, 900);

  const page = await newPage();
  await signIn(page);
  await page.goto(`/admin/users?q=${encodeURIComponent(email)}`);
  await page.getByRole("link", { name: "Vic" }).click();
  const bids = page.locator("#bids");
  const row = bids.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("NT$900");
  await expect(row).toContainText("Valid");
  await row.getByRole("link", { name: "Declare void" }).click();
  await page.getByLabel("Reason").fill("A slip of the pen.");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Please check before saving" })).toBeVisible();
  await page.getByRole("button", { name: "Declare void" }).click();
  await expect(page.locator("[data-done]")).toHaveText("The bid is void.");
  await expect(row).toContainText("A slip of the pen.");
  await row.getByRole("button", { name: "Make valid again" }).click();
  await expect(page.locator("[data-done]")).toHaveText("The bid is valid again.");
  await expect(row).toContainText("Valid");
  await page.goto("/admin/audit?kind=campaign");
  const entry = page.locator(".audit > li").filter({ hasText: "declared a bid void" }).first();
  await expect(entry.locator(".changes")).toContainText("Reason: A slip of the pen.");
});

for (const javaScriptEnabled of [true, false]) {
  test(`what is typed survives reload, back, language and theme ${javaScriptEnabled ? "with" : "without"} JavaScript`, async ({ newPage }) => {
    const page = await newPage({ javaScriptEnabled });
    const name = `Kept ${newEmail("x")}`;
    const text = `\n第一行 😀\n\n${"長".repeat(5000)}`;
    const isTyped = async () => {
      await expect(page.locator("#name")).toHaveValue(name);
      await expect(page.locator("#description")).toHaveValue(text);
    };
    await signIn(page);
    await page.goto("/admin/products/new");
    await page.locator("#name").fill(name);
    await page.locator("#description").fill(text);
    await page.locator("button[name=lang]").click();
    await expect(page.locator("html")).toHaveAttribute("lang", "zh-TW");
    await isTyped();
    await page.locator("button[name=theme]").click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
    await isTyped();
    await page.reload();
    await isTyped();

    // Enter submits the form, rather than pressing the language button.
    await page.locator("#min_price").fill("800");
    await page.locator("#stock").fill("3");
    await page.locator("#stock").press("Enter");
    const review = page.locator(".review");
    await expect(review).toContainText("第一行 😀");
    await page.reload();
    await expect(review).toContainText(name);
    await page.locator("button[name=lang]").click();
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await expect(review).toContainText("第一行 😀");
    await page.goBack();
    await expect(review).toContainText(name);
    await page.goBack();
    await isTyped();
    await page.goForward();
    await page.goForward();
    await page.getByRole("button", { name: "Create product" }).click();
    await expect(page).toHaveURL("/admin/products");
    await page.getByRole("link", { name }).click();
    await expect(page.locator("#description")).toHaveValue(text.trim());
  });
}

test("the admin area is closed to everyone else", async ({ newPage }) => {
  const page = await newPage({}, /status of 403/);
  await register(page, "Mallory");
  for (const address of ["/admin", "/admin/products/new", "/admin/users", "/admin/audit", "/admin/results"]) {
    expect((await page.goto(address))!.status()).toBe(403);
  }
  expect((await page.request.get("/admin/audit.csv")).status()).toBe(403);
});

test("the admin area works without JavaScript", async ({ newPage }) => {
  const page = await newPage({ javaScriptEnabled: false }, /status of 409/);
  const name = `Plain ${newEmail("x")}`;
  await signIn(page);
  await makeProduct(page, name, "4");
  // Times are typed in a zone of the admin's choice, and shown in that zone and in UTC.
  const start = Date.now() + 3_600_000;
  await page.getByRole("row", { name }).getByRole("link", { name: "New campaign" }).click();
  await page.getByLabel("Time zone").selectOption("Asia/Taipei");
  await page.getByLabel("Start", { exact: true }).fill(utc(start + 8 * 3_600_000));
  await page.getByLabel("End", { exact: true }).fill(utc(start + 9 * 3_600_000));
  await page.getByLabel("Winning places").fill("5");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.locator("#quota-error")).toBeVisible();
  await page.getByLabel("Winning places").fill("");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.locator(".review")).toContainText(`CST (UTC+08:00) = ${utc(start).replace("T", " ")} UTC`);
  await expect(page.locator(".review")).toContainText("Reserved for this campaign: 4.");
  await page.getByRole("button", { name: "Create campaign" }).click();
  await expect(page.locator(".monitor .badge").first()).toHaveAttribute("data-phase", "pending");
  // Before the start everything may change, the product too.
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Winning places").fill("2");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.locator(".monitor .stat", { hasText: "Winning places" })).toContainText("2");
});

test("a product is found and chosen among many without JavaScript", async ({ newPage, admin }) => {
  const name = `Rare ${newEmail("x")}`;
  const product = await admin.product(name, 3);
  const page = await newPage({ javaScriptEnabled: false });
  await signIn(page);
  await page.goto("/admin/campaigns/new");
  await page.getByLabel("Winning places").fill("2");
  await page.getByLabel("Find a product").fill(name.toUpperCase());
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByLabel("Winning places")).toHaveValue("2");
  await expect(page.locator("#find-hint")).toHaveText("Found: 1. A chosen product is always listed.");
  await page.getByLabel("Product", { exact: true }).selectOption(product);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.locator(".review")).toContainText(name);
});

test("lists are searched and say when nothing matches", async ({ newPage, admin }) => {
  const name = `Sought ${newEmail("x")}`;
  await admin.product(name, 3);
  const page = await newPage();
  await signIn(page);
  await page.goto("/admin/products");
  await page.getByLabel("Product name").fill(name);
  await page.getByLabel("Product name").press("Enter");
  await expect(page.locator(".records tbody tr")).toHaveCount(1);
  await page.getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
  await page.goto("/admin/products?q=%25%25");
  await expect(page.locator("main")).toContainText("Nothing matches your search.");
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(page).toHaveURL("/admin/products");
});

const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 900 } };

async function check(page: Page, what: string) {
  await test.step(what, async () => {
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), what).toBeLessThanOrEqual(0);
    await expectAccessible(page, what);
  });
}

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const lang of ["en", "zh-TW"]) {
    test(`the admin area on a ${size} in ${lang}`, async ({ newPage, admin, rivals, baseURL }) => {
      const product = await admin.product(`A product with quite a long name, ${size} ${lang}`, 3);
      const campaign = await admin.campaign(product, 600);
      await rivals.bid(campaign, 900);
      const page = await newPage({ viewport, reducedMotion: "reduce" }, /status of 422/);
      await signIn(page);
      await page.context().addCookies([{ name: "gavel_lang", value: lang, url: baseURL! }]);
      const ours = `/admin/campaigns/${campaign.campaign_id}`;
      for (const address of ["", "/products", "/campaigns", "/users", "/results", "/audit"]) {
        await page.goto(`/admin${address}`);
        await check(page, `/admin${address}`);
      }
      for (const address of [ours, `${ours}/edit`, `${ours}/cancel`, `${ours}/report`, `/admin/campaigns/new?product=${product}`]) {
        await page.goto(address);
        await check(page, address);
      }
      await page.goto(`/admin/products/${product}`);
      const review = page.locator("main button[value=review]");
      await page.locator("#name").fill(" ");
      await review.click();
      await expect(page.locator("#name-error")).toBeVisible();
      await check(page, "a refused form");
      await page.locator("#name").fill("Another name");
      await review.click();
      await expect(page.locator("tr.changed")).toBeVisible();
      await check(page, "a review");
      await expect(page.locator("html")).toHaveAttribute("lang", lang);
    });
  }
}

test("the form of a product shows its picture, or that there is none", async ({ newPage }) => {
  const page = await newPage({}, /404/);
  await signIn(page);
  await page.goto("/admin/products/new");
  const check = page.locator(".picture-check");
  await page.getByLabel("Image URL").fill("/no/such/picture.png");
  await page.getByLabel("Description").focus();
  await expect(check).toHaveText("No picture can be loaded from this address.");
  await page.getByLabel("Image URL").fill("/img/headphones.svg");
  await page.getByLabel("Description").focus();
  await expect(check.getByRole("img")).toBeVisible();
  await expect(check).toHaveText("");
});
