// Playwright fixtures: pages whose errors fail the test, and API clients for the admin and for other bidders.
import { type BrowserContext, type BrowserContextOptions, type Page, expect, test as base } from "@playwright/test";
import { type Admin, Rivals, adminAccount, asAdmin } from "./api-client";

export { expect };

// `expected` matches console errors that the test expects.
type NewPage = (options?: BrowserContextOptions, expected?: RegExp) => Promise<Page>;

interface Fixtures {
  // Opens a page in its own browser context. Errors in it fail the test.
  newPage: NewPage;
  // The admin's API client.
  admin: Admin;
  // Other bidders, who use the REST API.
  rivals: Rivals;
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
    // Otherwise live pages would keep running during the next tests.
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
