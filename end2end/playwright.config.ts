// End-to-end tests in Chromium against a server of their own (see support/server.ts).
//
//   eval "$(../scripts/local-services.sh env)" && npx playwright test
//
// GAVEL_BIN and GAVEL_SITE_ROOT choose the build, DATABASE_URL and REDIS_URL the services, CHROMIUM_BIN the browser.
import { defineConfig, devices } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  globalSetup: "./support/server.ts",
  // A test that passes only when repeated has found something.
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  workers: 2,
  reporter: [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    locale: "en-GB",
    // Pictures would be taken of every test all the time; what was in the page is in the trace without them.
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions: {
      executablePath: process.env.CHROMIUM_BIN ?? "/usr/bin/chromium",
      // Root has no sandbox, and a test machine no need of the rest.
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
