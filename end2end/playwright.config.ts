// End-to-end tests in Chromium against a temporary server (see support/test-server.ts).
//
//   eval "$(../scripts/local-services.sh env)" && npx playwright test
//
// GAVEL_BIN and GAVEL_SITE_ROOT choose the build, DATABASE_URL and REDIS_URL the services, CHROMIUM_BIN the browser.
import { defineConfig, devices } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  globalSetup: "./support/test-server.ts",
  // A test that passes only on retry has found a bug.
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  workers: 2,
  reporter: [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    locale: "en-GB",
    // Screenshots would slow every test down; the trace contains the DOM without them.
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions: {
      executablePath: process.env.CHROMIUM_BIN ?? "/usr/bin/chromium",
      // Chromium has no sandbox for root, and tests do not need the other features.
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
