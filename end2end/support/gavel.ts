// What the tests share: pages that report their errors, people, campaigns.
import { randomBytes } from "node:crypto";
import { type APIRequestContext, type BrowserContext, type BrowserContextOptions, type Page, expect, request, test as base } from "@playwright/test";

export { expect };

// `expected` names console errors that belong to the test.
type NewPage = (options?: BrowserContextOptions, expected?: RegExp) => Promise<Page>;

interface Fixtures {
  // A page in a browser session of its own. What goes wrong in it fails the test.
  newPage: NewPage;
  // The REST API as the admin.
  admin: Admin;
  // Other bidders, who bid by the REST API.
  rivals: Rivals;
}

export interface Campaign {
  campaign_id: string;
  end_time: string;
  version: number;
}

export const test = base.extend<Fixtures>({
  baseURL: async ({}, use) => {
    await use(process.env.GAVEL_E2E_URL);
  },

  newPage: async ({ browser, baseURL }, use) => {
    const troubles: string[] = [];
    const contexts: BrowserContext[] = [];
    const newPage: NewPage = async (options = {}, expected = /^$/) => {
      const context = await browser.newContext({ baseURL, locale: "en-GB", timezoneId: "UTC", ...options });
      contexts.push(context);
      const page = await context.newPage();
      page.on("pageerror", (error) => troubles.push(`page error: ${error.message}`));
      page.on("console", (message) => {
        const isFramework = /leptos/i.test(message.text());
        if (expected.test(message.text())) return;
        if (message.type() === "error" || (message.type() === "warning" && isFramework)) {
          troubles.push(`${message.type()} at ${page.url()}: ${message.text()}`);
        }
      });
      return page;
    };
    await use(newPage);
    // Left open, its live pages would go on working beside the next tests.
    for (const context of contexts) await context.close();
    expect(troubles).toEqual([]);
  },

  admin: async ({ baseURL }, use) => {
    const admin = await asAdmin(baseURL!, adminAccount());
    await use(admin);
    await admin.dispose();
  },

  rivals: async ({ baseURL }, use) => {
    await use(new Rivals(baseURL!));
  },
});

export function adminAccount(): { email: string; password: string } {
  return JSON.parse(process.env.GAVEL_E2E_ADMIN ?? "{}");
}

// The REST API of a server as someone who has an account there.
async function signedIn(baseURL: string, account: { email: string; password: string }): Promise<APIRequestContext> {
  const anonymous = await request.newContext({ baseURL });
  const login = await anonymous.post("/api/v1/auth/login", { data: account });
  expect(login.status()).toBe(200);
  const { access_token } = await login.json();
  await anonymous.dispose();
  return request.newContext({ baseURL, extraHTTPHeaders: { Authorization: `Bearer ${access_token}` } });
}

export async function asAdmin(baseURL: string, account: { email: string; password: string }): Promise<Admin> {
  return new Admin(await signedIn(baseURL, account));
}

export class Rivals {
  constructor(private readonly baseURL: string) {}

  // A bid of somebody new.
  async bid(campaign: Campaign, price: number) {
    const account = { email: newEmail("rival"), password: "correct horse" };
    const anonymous = await request.newContext({ baseURL: this.baseURL });
    const registration = await anonymous.post("/api/v1/auth/register", { data: { ...account, username: `Rival ${price}` } });
    expect(registration.status()).toBe(201);
    await anonymous.dispose();
    const api = await signedIn(this.baseURL, account);
    const answer = await api.post("/api/v1/bids", { data: { campaign_id: campaign.campaign_id, price } });
    expect(answer.status()).toBe(201);
    await api.dispose();
  }
}

export class Admin {
  constructor(private readonly api: APIRequestContext) {}

  async dispose() {
    await this.api.dispose();
  }

  async cancel(campaign: Campaign, reason: string) {
    const answer = await this.api.post(`/api/v1/campaigns/${campaign.campaign_id}/cancel`, { data: { reason } });
    expect(answer.ok()).toBe(true);
  }

  // Lets it end in `seconds` from now. Returns that end.
  async extend(campaign: Campaign, seconds: number): Promise<number> {
    const end_time = new Date(Date.now() + seconds * 1000).toISOString();
    const answer = await this.api.patch(`/api/v1/campaigns/${campaign.campaign_id}`, { data: { end_time } });
    expect(answer.ok()).toBe(true);
    return Date.parse(end_time);
  }

  async edit(campaign: Campaign, change: object) {
    const answer = await this.api.patch(`/api/v1/campaigns/${campaign.campaign_id}`, { data: change });
    expect(answer.ok()).toBe(true);
  }

  async editProduct(product_id: string, change: object) {
    const answer = await this.api.patch(`/api/v1/products/${product_id}`, { data: change });
    expect(answer.ok()).toBe(true);
  }

  async weigh(user_id: string, weight: number) {
    const answer = await this.api.patch(`/api/v1/users/${user_id}`, { data: { weight } });
    expect(answer.ok()).toBe(true);
  }

  async product(name: string, stock: number): Promise<string> {
    const data = { name, stock, min_price: 800, image_url: "/img/keyboard.svg" };
    const answer = await this.api.post("/api/v1/products", { data });
    expect(answer.status()).toBe(201);
    return (await answer.json()).product_id;
  }

  // A campaign that has begun and ends in `seconds`.
  async campaign(product_id: string, seconds: number, quota = 1): Promise<Campaign> {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    return this.plan(product_id, at(-1000), at(seconds * 1000), quota);
  }

  async plan(product_id: string, start_time: string, end_time: string, quota = 1): Promise<Campaign> {
    const data = { product_id, quota, start_time, end_time };
    const answer = await this.api.post("/api/v1/campaigns", { data });
    expect(answer.status()).toBe(201);
    return await answer.json();
  }
}

// An e-mail address nobody else has.
export function newEmail(name: string): string {
  return `${name}.${randomBytes(6).toString("hex")}@e2e.test`.toLowerCase();
}

// Waits until the page answers; before that a click would be a plain form post.
export async function hydrated(page: Page) {
  await page.locator("html[data-islands=ready]").waitFor({ state: "attached" });
}

export async function register(page: Page, username: string, email = newEmail(username)) {
  await page.goto("/register");
  await hydrated(page);
  await fillRegistration(page, username, email);
  await expect(page.locator(".who")).toContainText(username);
}

export async function fillRegistration(page: Page, username: string, email: string) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Name other bidders see").fill(username);
  await page.getByLabel("Password", { exact: true }).fill("correct horse");
  await page.locator("main").getByRole("button", { name: "Create account" }).click();
}

// Opens a campaign and waits until it is live.
export async function watch(page: Page, campaign: Campaign) {
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await hydrated(page);
  await expect(page.locator("[data-link]")).toHaveAttribute("data-link", "live");
}

export async function bid(page: Page, price: string, outcome: "accepted" | "kept", unusual = false) {
  await page.getByLabel("Your price").fill(price);
  await page.getByRole("button", { name: "Place bid" }).click();
  if (unusual) await page.getByRole("alertdialog").getByRole("button", { name: /^Bid / }).click();
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", outcome);
}

export async function expectMyRank(page: Page, rank: number) {
  await expect(page.locator("[data-my-rank]")).toHaveAttribute("data-my-rank", String(rank));
}
