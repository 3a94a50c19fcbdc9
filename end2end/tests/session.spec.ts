// Sessions that expire or change in another tab: a page says so, and never acts for the wrong user.
import { createHmac } from "node:crypto";
import { type Page, request } from "@playwright/test";
import { expectAccessible } from "../support/accessibility";
import { adminAccount, newEmail } from "../support/api-client";
import { expect, test } from "../support/fixtures";
import { bidButton, hydrated, register, signIn, signOut } from "../support/page-actions";

const SESSION = /^gavel_session/;
const notice = (page: Page) => page.locator("#session");

// The session info that scripts can read: the user, and the expiry in seconds.
async function companion(page: Page) {
  const cookies = await page.context().cookies();
  const [user, end] = cookies.find(({ name }) => name === "gavel_session_info")!.value.split(".");
  return { user, end: Number(end) };
}

async function endIn(page: Page, seconds: number) {
  const { user } = await companion(page);
  const value = `${user}.${Math.floor(Date.now() / 1000) + seconds}`;
  await page.context().addCookies([{ name: "gavel_session_info", value, url: new URL(page.url()).origin }]);
}

test("a plain form on another account's page places no bid", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Two Accounts", 2), 600);
  const first = await newPage({ javaScriptEnabled: false });
  const account = { email: newEmail("bob"), password: "correct horse" };
  const registration = { data: { ...account, username: "Bob" } };
  expect((await first.request.post("/api/v1/auth/register", registration)).status()).toBe(201);
  await first.goto("/register");
  await first.getByLabel("E-mail").fill(newEmail("ann"));
  await first.getByLabel("Display name").fill("Ann");
  await first.getByLabel("Password", { exact: true }).fill("correct horse");
  await first.locator("main").getByRole("button", { name: "Create account" }).click();
  await expect(first.locator(".who")).toContainText("Ann");
  await first.goto(`/campaigns/${campaign.campaign_id}`);

  const second = await first.context().newPage();
  await signOut(second);
  await second.goto("/login");
  await signIn(second, account);
  await expect(second.locator(".who")).toContainText("Bob");

  // The first tab still shows Ann.
  await first.getByLabel("Your price").fill("900");
  await bidButton(first).click();
  await expect(first.locator("[data-bid]")).toContainText("You are signed in with another account now. Nothing was bid.");
  await expect(first.locator(".who")).toContainText("Bob");
  const { stats } = await (await first.request.get(`/api/v1/campaigns/${campaign.campaign_id}`)).json();
  expect(stats.total_bids).toBe(0);
});

test("a page notices who signs in in another tab", async ({ newPage, admin }) => {
  // A page with a list reloads itself.
  const campaign = await admin.campaign(await admin.product("Shared Browser", 2), 600);
  const first = await newPage();
  await first.goto(`/campaigns/${campaign.campaign_id}`);
  const second = await first.context().newPage();
  await register(second, "Ann");
  await expect(first.locator("html")).toHaveAttribute("data-session", "changed");
  await expect(notice(first)).toContainText("You signed in from another tab.");
  await notice(first).getByRole("link", { name: "Reload" }).click();
  await expect(first.locator(".who")).toContainText("Ann");
  await expect(notice(first)).toBeEmpty();

  await signOut(second);
  await expect(first.locator("html")).toHaveAttribute("data-session", "over");
  await register(second, "Bob");
  await expect(first.locator("html")).toHaveAttribute("data-session", "changed");
  await expect(notice(first)).toContainText("signed in with a different account, from another tab");
  await notice(first).getByRole("link", { name: "Reload" }).click();
  await expect(first.locator(".who")).toContainText("Bob");
});

test("a page says that its account was blocked", async ({ newPage, admin }) => {
  const page = await newPage();
  await register(page, "Blake");
  const { user } = await companion(page);
  await page.goto("/bids");
  await admin.block(user);
  // The list is fetched again, and the server corrects the cookie.
  await expect(page.locator("html")).toHaveAttribute("data-session", "over");
  await expect(notice(page)).toHaveText("This account has been deactivated.");
  // The page of its session is a visitor's when it is loaded again, and still says why.
  const again = await page.context().newPage();
  await again.goto("/");
  await expect(again.getByRole("link", { name: "Sign in", exact: true })).toBeVisible();
  await expect(notice(again)).toHaveText("This account has been deactivated.");
  await page.bringToFront();
  await page.clock.install();
  await admin.unblock(user);
  await page.clock.runFor(70_000);
  // The block has ended the session for good.
  await expect(notice(page)).toContainText("Your session has ended. Sign in to continue.");
});

test("signing out on one device ends its pages, and not those of others", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Two Devices", 1), 600);
  const phone = await newPage();
  const account = { email: newEmail("dee"), password: "correct horse" };
  const registered = await phone.request.post("/api/v1/auth/register", { data: { ...account, username: "Dee" } });
  expect(registered.status()).toBe(201);
  await phone.goto(`/login?next=/campaigns/${campaign.campaign_id}`);
  await signIn(phone, account);
  await hydrated(phone);
  await phone.getByLabel("Your price").fill("900");
  await bidButton(phone).click();
  await expect(phone.locator(".strip")).toContainText("Winning");

  const laptop = await newPage();
  await laptop.goto("/login?next=/profile");
  await signIn(laptop, account);
  const sessions = laptop.locator("#sessions");
  await expect(sessions.getByRole("listitem")).toHaveCount(2);
  await expect(sessions.getByText("This device")).toHaveCount(1);
  await expectAccessible(laptop);
  await sessions.getByRole("button", { name: /^Sign out Chrome/ }).click();
  await expect(laptop.locator("[data-done]")).toHaveText("That device is signed out.");
  await expect(sessions.getByRole("listitem")).toHaveCount(1);

  // The phone's page notices it by itself, claims no place any more, and watches on.
  await expect(notice(phone)).toContainText("Your session has ended. Sign in to continue.");
  await expect(phone.locator(".strip")).toContainText("Without your session, your place is not known.");
  await rivals.bid(campaign, 950);
  await expect(phone.locator(".ranking tbody")).toContainText("NT$950");

  await test.step("the password is changed", async () => {
    const form = laptop.locator("form", { has: laptop.getByLabel("Current password") });
    const change = async (current: string, next: string) => {
      await form.getByLabel("Current password").fill(current);
      await form.getByLabel("New password").fill(next);
      await form.getByRole("button", { name: "Change password" }).click();
    };
    await change("wrong horse", "another battery");
    await expect(form.locator(".field-error")).toHaveText("This is not your current password.");
    await change("correct horse", "another battery");
    await expect(laptop.locator("[data-done]")).toContainText("Your password was changed.");
    await signOut(laptop);
    await laptop.goto("/login");
    await signIn(laptop, { ...account, password: "another battery" });
    await expect(laptop.locator(".who")).toContainText("Dee");
  });
});

test("a campaign's page learns by itself that its account was blocked", async ({ newPage, admin, rivals }) => {
  const campaign = await admin.campaign(await admin.product("Guarded Lamp", 1), 600);
  const page = await newPage();
  await register(page, "Blair");
  const { user } = await companion(page);
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await hydrated(page);
  await page.getByLabel("Your price").fill("900");
  await bidButton(page).click();
  await expect(page.locator(".strip")).toContainText("Winning");
  await admin.block(user);
  await expect(notice(page)).toHaveText("This account has been deactivated.");
  await expect(page.locator(".strip")).toContainText("Without your session, your place is not known.");
  // The ranking goes on for it as for any visitor.
  await rivals.bid(campaign, 950);
  await expect(page.locator("[data-link]")).toHaveAttribute("data-link", "live");
  await expect(page.locator(".ranking")).toContainText("NT$950");
  await admin.unblock(user);
  await page.clock.install();
  await page.clock.runFor(70_000);
  await expect(notice(page)).toContainText("Your session has ended. Sign in to continue.");
});

test("typed input survives the end of the session", async ({ newPage }) => {
  const page = await newPage({ reducedMotion: "reduce" });
  const address = "/admin/products/new";
  const name = page.getByLabel("Name", { exact: true });
  await page.goto(address);
  await signIn(page, adminAccount());
  await expect(page).toHaveURL(address);
  await name.fill("Half a product");
  await page.context().clearCookies({ name: SESSION });
  await expect(notice(page)).toContainText("Your session has ended. Sign in to continue. What you typed will be kept.");
  await expect(name).toHaveValue("Half a product");
  await expectAccessible(page, "the notice");

  await notice(page).getByRole("link", { name: "Sign in" }).click();
  await expect(page).toHaveURL(`/login?next=${address}`);
  await signIn(page, adminAccount());
  await expect(page).toHaveURL(address);
  await expect(name).toHaveValue("Half a product");
  // Only once.
  await page.goto(address);
  await expect(name).toHaveValue("");

  // The same holds for a form that is sent after expiry, and for the step after it.
  await name.fill("A whole product");
  await page.getByLabel("Stock").fill("3");
  await page.getByLabel("Minimum price").fill("10");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.getByRole("button", { name: "Create product" })).toBeVisible();
  await page.context().clearCookies({ name: SESSION });
  await page.getByRole("button", { name: "Create product" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await signIn(page, adminAccount());
  await expect(page).toHaveURL(/\/admin\/products\/new\?form=/);
  await expect(name).toHaveValue("A whole product");
  await expect(page.getByLabel("Minimum price")).toHaveValue("10");
});

test("a session is renewed while the user is active, or by a button", async ({ newPage }) => {
  const page = await newPage({}, /Failed to load resource/);
  await register(page, "Rita");
  await page.goto("/profile");
  // The page's own first attempt fails.
  let attempts = 0;
  await page.route("**/api/ui/renew_session", (route) => (attempts++ === 0 ? route.abort() : route.continue()));
  await endIn(page, 120);
  await expect(page.locator("html")).toHaveAttribute("data-session", "ending");
  await expect(notice(page)).toContainText("You will be signed out soon.");
  await notice(page).getByRole("button", { name: "Stay signed in" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-session", "");
  await expect(notice(page)).toBeEmpty();
  const now = () => Math.floor(Date.now() / 1000);
  expect((await companion(page)).end).toBeGreaterThan(now() + 3000);

  await page.reload();
  await endIn(page, 1200);
  await page.mouse.move(10, 10);
  await expect.poll(async () => (await companion(page)).end).toBeGreaterThan(now() + 3000);
  await expect(notice(page)).toBeEmpty();
});

test("a wrong clock on the user's machine ends no session", async ({ newPage }) => {
  const page = await newPage();
  await register(page, "Wanda");
  await page.clock.setFixedTime(Date.now() + 2 * 3_600_000);
  await page.goto("/profile");
  await expect(page.locator("html")).toHaveAttribute("data-session", "");
  await expect(page.locator(".who")).toContainText("Wanda");
});

test("an API key is created, shown once, used, and revoked", async ({ newPage, admin, baseURL }) => {
  const campaign = await admin.campaign(await admin.product("Keyed Keyboard", 3), 600);
  const page = await newPage();
  await register(page, "Kay");
  await page.goto("/profile");
  await page.getByRole("link", { name: "API keys" }).click();
  await page.getByLabel("Name").fill("Bot");
  await page.getByLabel("It may").selectOption("bid");
  await page.getByLabel("Days until it ends").fill("400");
  await page.getByRole("button", { name: "Create API key" }).click();
  await expect(page.getByRole("alert")).toContainText("Days until it ends");
  await expect(page.getByLabel("Name")).toHaveValue("Bot");
  await page.getByLabel("It may").selectOption("bid");
  await page.getByLabel("Days until it ends").fill("30");
  await page.getByRole("button", { name: "Create API key" }).click();
  await expect(page.locator("[data-done]")).toHaveText("The API key was created.");
  const key = await page.locator("#new-key").textContent();
  await page.reload();
  await expect(page.locator("#new-key")).toHaveCount(0);
  await expect(page.locator("#api-keys")).toContainText("read and bid");

  const headers = { Authorization: `Bearer ${key}` };
  const bot = await request.newContext({ baseURL, extraHTTPHeaders: headers });
  const bid = await bot.post("/api/v1/bids", { data: { campaign_id: campaign.campaign_id, price: 900 } });
  expect(bid.status()).toBe(201);
  expect((await bot.get("/api/v1/auth/sessions")).status()).toBe(403);
  await page.getByRole("button", { name: "Revoke Bot" }).click();
  await expect(page.locator("[data-done]")).toHaveText("The API key was revoked.");
  await expect(page.getByText("You have no API keys.")).toBeVisible();
  expect((await bot.get("/api/v1/auth/me")).status()).toBe(401);
  await bot.dispose();
});

test("a member downloads their data, and erases their account", async ({ newPage }) => {
  const page = await newPage();
  const email = newEmail("eve");
  await register(page, "Eve", email);
  await page.goto("/profile");
  await page.getByRole("link", { name: "Your data" }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download my data" }).click()]);
  expect(file.suggestedFilename()).toBe("gavel-data.json");
  const password = page.getByLabel("Current password");
  await password.fill("wrong horse");
  await page.getByRole("button", { name: "Erase for good" }).click();
  await expect(page.locator(".field-error")).toHaveText("This is not your current password.");
  await password.fill("correct horse");
  await page.getByRole("button", { name: "Erase for good" }).click();
  await expect(page.locator("[data-done]")).toHaveText("Your account was erased.");
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
});

// The code that an authenticator app with this key shows now (RFC 6238).
function codeOf(key: string): string {
  const bits = [...key.replaceAll(" ", "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const period = Buffer.alloc(8);
  period.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", secret).update(period).digest();
  const code = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(code % 1_000_000).padStart(6, "0");
}

test("two-step sign-in is turned on, asks for a code, and lets a recovery code in", async ({ newPage }) => {
  const page = await newPage();
  const email = newEmail("tess");
  await register(page, "Tess", email);
  await page.goto("/profile");
  await page.getByRole("link", { name: "Two-step sign-in" }).click();
  await expect(page.getByRole("img", { name: "QR code for the authenticator app" })).toBeVisible();
  const key = (await page.locator("#secret").textContent())!;
  const turnOn = async (code: string) => {
    await page.getByLabel("Code", { exact: true }).fill(code);
    await page.getByLabel("Current password").fill("correct horse");
    await page.getByRole("button", { name: "Turn on" }).click();
  };
  await turnOn("12345");
  await expect(page.locator(".field-error")).toContainText("This code is not right");
  await expect(page.locator("#secret")).toHaveText(key);
  await turnOn(codeOf(key));
  await expect(page.locator("[data-done]")).toHaveText("Two-step sign-in is on.");
  const recovery = (await page.locator("#recovery-codes li").first().textContent())!;
  await page.reload();
  await expect(page.locator("#recovery-codes")).toHaveCount(0);

  await page.goto("/profile");
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.goto("/login?next=/orders");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill("correct horse");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL("/login/code?next=/orders");
  const enter = async (code: string) => {
    await page.getByLabel("Code", { exact: true }).fill(code);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  await enter("000000");
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.locator(".field-error")).toContainText("This code is not right");
  await enter(recovery);
  await expect(page).toHaveURL("/orders");
  await expect(page.locator(".who")).toContainText("Tess");
});

test("whoever forgets the password asks for a link, and learns nothing about accounts", async ({ newPage }) => {
  const page = await newPage();
  await page.goto("/login");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.getByLabel("E-mail").fill("no address");
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveValue("no address");
  await page.getByLabel("E-mail").fill(newEmail("nobody"));
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.locator("[data-done]")).toContainText("If this address has an account");
});
