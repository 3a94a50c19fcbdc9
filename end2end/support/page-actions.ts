// What a test does on a page as a user.
import { type Page, expect } from "@playwright/test";
import { type Campaign, newEmail } from "./api-client";

// The URLs of the WebAssembly.
export const WASM = /\.wasm(\?|$)/;

// Waits until the islands are hydrated; before that a click would be a plain form post.
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
  await page.getByLabel("Display name").fill(username);
  await page.getByLabel("Password", { exact: true }).fill("correct horse");
  await page.locator("main").getByRole("button", { name: "Create account" }).click();
}

// Fills in and sends the sign-in form that the page shows.
export async function signIn(page: Page, { email, password }: { email: string; password: string }) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.locator("main").getByRole("button", { name: "Sign in" }).click();
}

export async function signOut(page: Page) {
  await page.goto("/profile");
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.locator(".who")).toHaveCount(0);
}

// Opens a campaign and waits until it is live.
export async function watch(page: Page, campaign: Campaign) {
  await page.goto(`/campaigns/${campaign.campaign_id}`);
  await hydrated(page);
  await expect(page.locator("[data-link]")).toHaveAttribute("data-link", "live");
}

// The button that sends the bid: it carries the price once there is one.
export const bidButton = (page: Page) => page.locator("#bid button.send");

export async function bid(page: Page, price: string, outcome: "accepted" | "kept", unusual = false) {
  await page.getByLabel("Your price").fill(price);
  await bidButton(page).click();
  if (unusual) await page.getByRole("alertdialog").getByRole("button", { name: /^Bid / }).click();
  await expect(page.locator("[data-bid]")).toHaveAttribute("data-bid", outcome);
}

export async function expectMyRank(page: Page, rank: number) {
  await expect(page.locator("[data-my-rank]")).toHaveAttribute("data-my-rank", String(rank));
}

// Delays the WebAssembly until `release` is called; `asked` resolves when the page requests it.
export async function holdWasm(page: Page) {
  let release = () => {};
  let ask = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const asked = new Promise<void>((resolve) => (ask = resolve));
  await page.route(WASM, async (route) => {
    ask();
    await released;
    await route.continue();
  });
  return { release, asked };
}
