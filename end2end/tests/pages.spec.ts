// Every page for bidders, in both languages and themes, on a phone and on a desktop: no errors, no overflow and no
// accessibility findings. Also keyboard use, pages without JavaScript, and time zones.
import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/accessibility";
import { newEmail } from "../support/api-client";
import { expect, test } from "../support/fixtures";
import { bid, fillRegistration, hydrated, register } from "../support/page-actions";

const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 900 } };
const LANGUAGES = ["en", "zh-TW"];
const FOR_ALL = ["/", "/?show=live", "/?show=upcoming", "/?show=ended", "/login", "/register?error=VALIDATION&fields=email%2Cpassword", "/forgot-password", "/reset-password?token=x", "/no-such-page"];
const FOR_MEMBERS = ["/", "/bids", "/bids?show=ended", "/orders", "/profile", "/profile/api-keys", "/profile/second-factor"];

// Lists what overflows: the page, or text in its box.
function overflow() {
  const wrong: string[] = [];
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`the page: ${document.documentElement.scrollWidth} px`);
  const scrolls = (element: Element) => element.closest(".scroll, nav, .visually-hidden, .who-name, .ellipsis") !== null;
  for (const element of document.querySelectorAll("main *, header *, footer *")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent!.trim());
    if (hasText && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1 && !scrolls(element)) {
      wrong.push(`${element.className || element.tagName}: ${element.textContent}`);
    }
  }
  return wrong;
}

async function check(page: Page, address: string) {
  await test.step(address, async () => {
    if (address.includes("error=")) {
      // From one of our pages: errors that other links claim are not shown.
      await page.goto("/login");
      await page.evaluate((to) => location.assign(to), address);
      await expect(page.getByRole("alert")).toBeVisible();
    } else {
      await page.goto(address);
    }
    await hydrated(page);
    expect(await page.evaluate(overflow), address).toEqual([]);
    await expectAccessible(page, address);
  });
}

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const lang of LANGUAGES) {
    test(`pages on a ${size} in ${lang}`, async ({ newPage, admin, baseURL }) => {
      const campaign = await admin.campaign(await admin.product(`A product with quite a long name, ${size} ${lang}`, 2), 600);
      // A missing page is also an error in the console.
      const page = await newPage({ viewport, reducedMotion: "reduce" }, /status of 404/);
      await register(page, "Averyveryverylongusernamewithoutanyspaces");
      await page.goto(`/campaigns/${campaign.campaign_id}`);
      await hydrated(page);
      await bid(page, "812.50", "accepted");
      await page.context().addCookies([{ name: "gavel_lang", value: lang, url: baseURL! }]);
      for (const address of [...FOR_MEMBERS, `/campaigns/${campaign.campaign_id}`]) await check(page, address);
      await expect(page.locator("html")).toHaveAttribute("lang", lang);
      await page.context().clearCookies({ name: "gavel_session" });
      for (const address of [...FOR_ALL, `/campaigns/${campaign.campaign_id}`]) await check(page, address);
    });
  }
}

test("signing in and bidding need only the keyboard", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Keyboard only", 2), 600);
  const email = newEmail("kim");
  await register(await newPage(), "Kim", email);
  const page = await newPage();
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await hydrated(page);
  // The first stop skips the navigation.
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  const focusOn = async (name: string) => {
    for (let stops = 0; stops < 40; stops += 1) {
      await page.keyboard.press("Tab");
      const [is, ring] = await page.evaluate((name) => {
        const focused = document.activeElement as HTMLElement;
        const label = (focused as HTMLInputElement).labels?.[0]?.textContent ?? focused.textContent;
        return [label?.trim() === name, getComputedStyle(focused).boxShadow];
      }, name);
      if (is) return expect(ring).not.toBe("none");
    }
    throw new Error(`no way to ${name}`);
  };
  await focusOn("Sign in to bid");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/login/);
  await focusOn("E-mail");
  await page.keyboard.type(email);
  await focusOn("Password");
  await page.keyboard.type("correct horse");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/campaigns\//);
  await hydrated(page);
  await focusOn("Your price");
  await page.keyboard.type("900");
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "accepted");
});

test("language and theme are kept, and lead back, without JavaScript", async ({ newPage }) => {
  const page = await newPage({ javaScriptEnabled: false, colorScheme: "light" });
  await page.goto("/?show=ended");
  await expect(page.locator("html")).not.toHaveAttribute("data-theme");
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  for (const theme of ["light", "dark"]) {
    await page.getByRole("form", { name: "Theme" }).getByRole("button").click();
    await expect(page).toHaveURL("/?show=ended");
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    expect((await background()) === light).toBe(theme === "light");
  }
  await page.getByRole("button", { name: "中文" }).click();
  await expect(page).toHaveURL("/?show=ended");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("競標活動");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("a card counts down, and leaves the live campaigns at the end", async ({ newPage, admin }) => {
  const name = `Brief ${newEmail("x")}`;
  await admin.campaign(await admin.product(name, 1), 8);
  const page = await newPage();
  await page.goto("/?show=live");
  await hydrated(page);
  const card = page.locator(".campaign-card", { hasText: name });
  await expect(card.locator("[data-until]")).toHaveText(/^00:0\d$/);
  const counted = await card.locator("[data-until]").textContent();
  await expect(card.locator("[data-until]")).not.toHaveText(counted!);
  await expect(card).toHaveCount(0);
  await page.goto("/?show=ended");
  await expect(page.locator(`.campaign-card[data-phase=ended]`, { hasText: name })).toBeVisible();
});

test("times are in the reader's zone, which is named", async ({ newPage, admin }) => {
  const name = `Zoned ${newEmail("x")}`;
  // It ends before the campaigns of other tests, so it is on the first page.
  await admin.campaign(await admin.product(name, 1), 90);
  const texts: string[] = [];
  for (const [timezoneId, zone, javaScriptEnabled] of [
    ["Asia/Taipei", /Tai(pei|wan)/, true],
    ["America/New_York", /Eastern Time/, true],
    ["Asia/Taipei", /UTC/, false],
  ] as const) {
    const page = await newPage({ timezoneId, javaScriptEnabled });
    await page.goto("/?show=live");
    await expect(page.locator("footer")).toContainText(zone);
    texts.push((await page.locator(".campaign-card", { hasText: name }).locator("time[data-local]").textContent())!);
  }
  expect(new Set(texts).size).toBe(3);
  for (const [index, zone] of [/ GMT\+8$/, / GMT-[45]$/, / UTC$/].entries()) expect(texts[index]).toMatch(zone);
});

test("a time names the zone of its own date", async ({ newPage, admin }) => {
  const year = new Date().getUTCFullYear() + 1;
  const product = await admin.product(`Evergreen ${newEmail("x")}`, 1);
  const campaign = await admin.plan(product, `${year}-01-10T12:00:00Z`, `${year}-07-10T12:00:30Z`);
  const page = await newPage({ timezoneId: "Europe/Berlin" });
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await hydrated(page);
  const times = page.locator(".campaign-facts time");
  const texts = [`10 Jan ${year}, 13:00:00 CET`, `10 Jul ${year}, 14:00:30 CEST`];
  await expect(times).toHaveText(texts);
  await expect(page.locator("footer")).toContainText("Central European Time");
  // Translators wrap text in their own nodes unless an element forbids it.
  await expect(times.first()).toHaveAttribute("translate", "no");
  await times.evaluateAll((times) => {
    for (const time of times) time.innerHTML = "<font>somewhen</font>";
    document.dispatchEvent(new Event("gavel:times"));
  });
  await expect(times).toHaveText(texts);
});

test("my bids show my rank, and an order shows what I won", async ({ newPage, admin }) => {
  const [ann, bob] = [await newPage(), await newPage()];
  await register(ann, "Ann");
  await register(bob, "Bob");
  const campaign = await admin.campaign(await admin.product("Contested", 1), 15);
  for (const [page, price] of [[ann, "900"], [bob, "950"]] as const) {
    await page.goto(`/campaigns/${campaign.campaign_id}`);
    await hydrated(page);
    await bid(page, price, "accepted");
  }
  const row = (page: Page) => page.locator(`[data-campaign="${campaign.campaign_id}"]`);
  await ann.goto("/bids");
  await expect(row(ann)).toContainText("2 of 2");
  await expect(row(ann)).toContainText("Outbid");
  await row(ann).getByText(/^History/).click();
  await expect(row(ann).locator("tbody tr")).toHaveCount(1);
  await bob.goto("/bids");
  await expect(row(bob)).toContainText("Winning");
  // It leaves the list of running campaigns by itself.
  await expect(row(bob)).toHaveCount(0, { timeout: 30_000 });
  await expect(async () => {
    await bob.goto("/bids?show=ended");
    await expect(row(bob)).toContainText("Won", { timeout: 1000 });
  }).toPass();
  await bob.goto("/orders");
  await expect(bob.locator("[data-order]", { hasText: "Contested" })).toContainText("NT$950");
});

test("a password can be shown, and all problems are named at once", async ({ newPage }) => {
  const page = await newPage();
  await page.goto("/register");
  await fillRegistration(page, "", "not-an-address");
  // By the server, in the page's language; each leads to its field.
  const problems = page.getByRole("alert").getByRole("link");
  await expect(problems).toHaveText([/^E-mail: /, /^Display name: /]);
  await problems.last().click();
  await expect(page.locator("#username")).toBeFocused();
  const password = page.locator("#password");
  await expect(password).toHaveAttribute("autocomplete", "new-password");
  await page.getByRole("button", { name: "Show password" }).click();
  await expect(password).toHaveAttribute("type", "text");
  await expect(page.getByRole("button", { name: "Show password" })).toHaveAttribute("aria-pressed", "true");
  const plain = await newPage({ javaScriptEnabled: false });
  await plain.goto("/register");
  await expect(plain.locator("[data-reveal]")).toBeHidden();
});

test("the API can be read and tried in the browser", async ({ newPage }) => {
  // The page's policy admits what it loads: anything it refused would be an error in the console.
  const page = await newPage();
  await page.goto("/api/docs");
  await page.locator("#operations-Products-listProducts .opblock-summary-control").click();
  await page.getByRole("button", { name: "Try it out" }).click();
  await page.getByRole("button", { name: "Execute" }).click();
  await expect(page.locator(".live-responses-table .response-col_status").nth(1)).toContainText("200");
});
