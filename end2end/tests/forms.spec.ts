// Forms with and without JavaScript, typed prices, refused pages, and a small screen.
import { newEmail } from "../support/api-client";
import { expect, test } from "../support/fixtures";
import { bid, bidButton, expectMyRank, fillRegistration, hydrated, register, watch } from "../support/page-actions";

test("everything works without JavaScript", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Plain Keyboard", 3), 600);
  const page = await newPage({ javaScriptEnabled: false });
  const address = `/campaigns/${campaign.campaign_id}`;
  const email = newEmail("carol");

  await page.goto("/register");
  await fillRegistration(page, "Carol", email);
  await expect(page.locator(".who")).toContainText("Carol");
  await page.locator(".who").click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.locator(".who")).toHaveCount(0);

  await page.goto(address);
  await page.getByRole("link", { name: "Sign in to bid" }).click();
  const signIn = async (password: string) => {
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.locator("main").getByRole("button", { name: "Sign in" }).click();
  };
  await signIn("wrong password");
  await expect(page.getByRole("alert")).toContainText("Wrong e-mail or password.");
  await expect(page.getByLabel("E-mail")).toHaveValue(email);
  await signIn("correct horse");
  await expect(page).toHaveURL(address);

  await bid(page, "900", "accepted");
  await expectMyRank(page, 1);
  await expect(page.locator("tr.me")).toContainText("Carol");
  await bid(page, "850", "kept");
  await expect(page.locator(".strip")).toContainText("NT$900");

  // Bypasses the browser's own validation.
  const refused = await page.request.post("/api/ui/place_bid", {
    form: { campaign_id: campaign.campaign_id, price: "1", user_id: await page.locator("#session").getAttribute("data-user") },
    headers: { Accept: "text/html", Origin: new URL(page.url()).origin },
  });
  expect(await refused.text()).toContain("The price must be at least NT$800.");

  await page.getByRole("button", { name: "中文" }).click();
  await expect(page).toHaveURL(new RegExp(address));
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-TW");
  await expect(page.locator(".bid")).toContainText("您的出價");
});

test("a refused form keeps what was typed and says what is wrong", async ({ newPage }) => {
  const email = newEmail("erin");
  await register(await newPage(), "Erin", email);
  const page = await newPage();
  await page.goto("/register");
  await hydrated(page);
  await fillRegistration(page, "Erin", email);
  const summary = page.getByRole("alert");
  await expect(summary).toContainText("This e-mail already has an account.");
  await expect(summary).toBeFocused();
  await expect(page.getByLabel("E-mail")).toHaveAccessibleDescription("This e-mail already has an account. Sign in instead?");
  await expect(page.getByLabel("Display name")).toHaveValue("Erin");
  await expect(page.getByLabel("E-mail")).toHaveValue(email);
});

test("a late bid by plain form is told when it was received", async ({ newPage, admin }) => {
  const page = await newPage({ javaScriptEnabled: false });
  await page.goto("/register");
  await fillRegistration(page, "Lars", newEmail("lars"));
  await expect(page.locator(".who")).toContainText("Lars");
  const campaign = await admin.campaign(await admin.product("Late Camera", 5), 8);
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  // The bid is held up on its way until time is up.
  await page.route("**/api/ui/place_bid", async (route) => {
    const status = async () => (await (await page.request.get(`/api/v1/campaigns/${campaign.campaign_id}`)).json()).status;
    await expect.poll(status).toBe("ended");
    await route.continue();
  });
  await page.getByLabel("Your price").fill("900");
  await bidButton(page).click();
  await expect(page.locator("[data-bid]")).toContainText(/The server received it at \d\d:\d\d:\d\d\.\d\d\d UTC/);
});

test("a typed price is understood or explained", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Typed Lamp", 3), 600);
  const page = await newPage();
  await register(page, "Tina");
  await watch(page, campaign);
  const price = page.getByLabel("Your price");
  const problem = page.locator("#price-error");
  // No error before typing has finished.
  await price.pressSequentially("1.200");
  await expect(problem).toBeHidden();
  await price.blur();
  await expect(problem).toHaveText("It is not clear where the cents begin. Write it like 1200 or 1200.50.");
  await expect(price).toHaveAttribute("aria-invalid", "true");
  await expect(price).toHaveAccessibleDescription(/It is not clear where the cents begin/);
  await bidButton(page).click();
  await expect(price).toBeFocused();
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "idle");
  // From now on the error is updated at every key.
  for (const [typed, message] of [
    ["1e3", "Digits only"],
    ["NT$1200", "Digits only"],
    ["1200.000", "At most two decimals"],
    ["-900", "more than zero"],
    ["99999999999", "at most NT$9,999,999,999.99"],
    ["799.99", "at least NT$800"],
  ]) {
    await price.fill(typed);
    await expect(problem).toContainText(message);
  }
  await price.fill("1,200.50");
  await expect(problem).toBeHidden();
  await expect(price).not.toHaveAttribute("aria-invalid");
  await bid(page, "１，２００", "accepted");
  await expect(page.locator(".strip")).toContainText("NT$1,200");
  await expect(problem).toBeHidden();
});

test("a plain form parses a price in the same way", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Plain Lamp", 3), 600);
  const page = await newPage({ javaScriptEnabled: false });
  await page.goto("/register");
  await fillRegistration(page, "Paul", newEmail("paul"));
  await expect(page.locator(".who")).toContainText("Paul");
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await page.getByLabel("Your price").fill("1.200");
  await bidButton(page).click();
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", "refused");
  await expect(page.getByLabel("Your price")).toHaveValue("1.200");
  await expect(page.locator("#price-error")).toContainText("It is not clear where the cents begin.");
  await bid(page, "1 200,50", "accepted");
  await expect(page.locator(".strip")).toContainText("NT$1,200.50");
  await expect(page.getByLabel("Your price")).toHaveValue("");
});

test("pages that need a session or a role have the right HTTP status", async ({ newPage }) => {
  const page = await newPage({ javaScriptEnabled: false });
  expect((await page.request.get("/nowhere")).status()).toBe(404);
  expect((await page.request.get("/campaigns/nothing")).status()).toBe(404);
  for (const address of ["/orders", "/admin", "/admin/products/new"]) {
    await page.goto(address);
    await expect(page).toHaveURL(`/login?next=${address}`);
  }
});

test("a campaign fits a small phone", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("A product with a rather long name for such a small screen", 3), 600);
  const page = await newPage({ viewport: { width: 360, height: 740 } });
  await register(page, "Averyveryverylongusernamewithoutanyspaces");
  await watch(page, campaign);
  await bid(page, "9999999999.99", "accepted", true);
  for (const address of [`/campaigns/${campaign.campaign_id}`, "/", "/bids", "/orders"]) {
    await page.goto(address);
    await hydrated(page);
    // The history of a bid is a wide table.
    for (const details of await page.locator("main details > summary").all()) await details.click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth), address).toBeLessThanOrEqual(360);
  }
  // The score is not cut off.
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  const score = page.locator(".ranking tr.me .score");
  expect(await score.evaluate((cell) => cell.scrollWidth <= cell.clientWidth)).toBe(true);
});
