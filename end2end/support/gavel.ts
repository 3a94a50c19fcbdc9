// What the tests share: pages that report their errors, people, campaigns.
import { randomBytes } from "node:crypto";
import { type APIRequestContext, type BrowserContextOptions, type Page, expect, test as base } from "@playwright/test";

export { expect };

// `expected` names console errors that belong to the test.
type NewPage = (options?: BrowserContextOptions, expected?: RegExp) => Promise<Page>;

interface Fixtures {
  // A page in a browser session of its own. What goes wrong in it fails the test.
  newPage: NewPage;
  // The REST API as the admin.
  admin: Admin;
}

export interface Campaign {
  campaign_id: string;
  end_time: string;
}

export const test = base.extend<Fixtures>({
  baseURL: async ({}, use) => {
    await use(process.env.GAVEL_E2E_URL);
  },

  newPage: async ({ browser, baseURL }, use) => {
    const troubles: string[] = [];
    const newPage: NewPage = async (options = {}, expected = /^$/) => {
      const context = await browser.newContext({ baseURL, locale: "en-GB", ...options });
      const page = await context.newPage();
      page.on("pageerror", (error) => troubles.push(`page error: ${error.message}`));
      page.on("console", (message) => {
        const isHydration = /hydrat|leptos/i.test(message.text());
        if (expected.test(message.text())) return;
        if (message.type() === "error" || (message.type() === "warning" && isHydration)) {
          troubles.push(`${message.type()} at ${page.url()}: ${message.text()}`);
        }
      });
      return page;
    };
    await use(newPage);
    expect(troubles).toEqual([]);
  },

  admin: async ({ playwright, baseURL }, use) => {
    const anonymous = await playwright.request.newContext({ baseURL });
    const login = await anonymous.post("/api/v1/auth/login", { data: adminAccount() });
    expect(login.status()).toBe(200);
    const { access_token } = await login.json();
    const api = await playwright.request.newContext({ baseURL, extraHTTPHeaders: { Authorization: `Bearer ${access_token}` } });
    await use(new Admin(api));
    await api.dispose();
    await anonymous.dispose();
  },
});

export function adminAccount(): { email: string; password: string } {
  return JSON.parse(process.env.GAVEL_E2E_ADMIN ?? "{}");
}

export class Admin {
  constructor(private readonly api: APIRequestContext) {}

  async product(name: string, stock: number): Promise<string> {
    const data = { name, stock, min_price: 800, image_url: "/img/keyboard.svg" };
    const answer = await this.api.post("/api/v1/products", { data });
    expect(answer.status()).toBe(201);
    return (await answer.json()).product_id;
  }

  // A campaign that has begun and ends in `seconds`.
  async campaign(product_id: string, seconds: number, quota = 1): Promise<Campaign> {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const data = { product_id, quota, start_time: at(-1000), end_time: at(seconds * 1000) };
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
  await page.locator("html[data-hydrated]").waitFor({ state: "attached" });
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
  await page.getByLabel("Password").fill("correct horse");
  await page.locator("main").getByRole("button", { name: "Create account" }).click();
}

// Opens a campaign and waits until it is live.
export async function watch(page: Page, campaign: Campaign) {
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await hydrated(page);
  await expect(page.locator("[data-link]")).toHaveAttribute("data-link", "live");
}

export async function bid(page: Page, price: string, outcome: "accepted" | "kept") {
  await page.getByLabel("Your price").fill(price);
  await page.getByRole("button", { name: "Place bid" }).click();
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", outcome);
}

export async function expectMyRank(page: Page, rank: number) {
  await expect(page.locator("[data-my-rank]")).toHaveAttribute("data-my-rank", String(rank));
}
