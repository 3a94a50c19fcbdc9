// REST API clients for tests: an admin, and bidders without a browser.
import { randomBytes } from "node:crypto";
import { type APIRequestContext, expect, request } from "@playwright/test";

export interface Campaign {
  campaign_id: string;
  end_time: string;
  version: number;
}

// A unique e-mail address.
export function newEmail(name: string): string {
  return `${name}.${randomBytes(6).toString("hex")}@e2e.test`.toLowerCase();
}

export function adminAccount(): { email: string; password: string } {
  return JSON.parse(process.env.GAVEL_E2E_ADMIN ?? "{}");
}

// A request context with the token of an existing account.
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

  // Registers a new user and bids as that user.
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

  // Moves the end to `seconds` from now, and returns it.
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

  async setWeight(user_id: string, weight: number) {
    const answer = await this.api.patch(`/api/v1/users/${user_id}`, { data: { weight } });
    expect(answer.ok()).toBe(true);
  }

  async block(user_id: string) {
    const answer = await this.api.patch(`/api/v1/users/${user_id}`, { data: { status: "inactive" } });
    expect(answer.ok()).toBe(true);
  }
  async unblock(user_id: string) {
    const answer = await this.api.patch(`/api/v1/users/${user_id}`, { data: { status: "active" } });
    expect(answer.ok()).toBe(true);
  }

  async declareVoid(campaign: Campaign, user_id: string, reason: string) {
    const path = `/api/v1/campaigns/${campaign.campaign_id}/bids/${user_id}/void`;
    const answer = await this.api.put(path, { data: { reason } });
    expect(answer.status()).toBe(204);
  }

  async product(name: string, stock: number): Promise<string> {
    const data = { name, stock, min_price: 800, image_url: "/img/keyboard.svg" };
    const answer = await this.api.post("/api/v1/products", { data });
    expect(answer.status()).toBe(201);
    return (await answer.json()).product_id;
  }

  // A campaign that has started and ends in `seconds`.
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
