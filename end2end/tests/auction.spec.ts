// A whole auction between two bidders, and what a page does when it reconnects.
import { randomBytes } from "node:crypto";
import { expect, test } from "../support/fixtures";
import { bid, bidButton, expectMyRank, register, watch } from "../support/page-actions";

test("two bidders compete live and the better one wins", async ({ newPage, admin }) => {
  // Tests may be repeated against one server.
  const name = `Studio Headphones ${randomBytes(4).toString("hex")}`;
  const [alice, bob] = [await newPage(), await newPage()];
  await register(alice, "Alice");
  await register(bob, "Bob");
  const campaign = await admin.campaign(await admin.product(name, 1), 20);
  for (const page of [alice, bob]) {
    await watch(page, campaign);
    // Gone after a reload.
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  }

  await test.step("ranks swap without a reload", async () => {
    const first = (page: typeof alice) => page.locator(".ranking tbody tr").first();
    await bid(alice, "900", "accepted");
    await expectMyRank(alice, 1);
    await expect(first(bob)).toContainText("Alice");
    await bid(bob, "1000.50", "accepted");
    await expectMyRank(bob, 1);
    await expectMyRank(alice, 2);
    await expect(first(alice)).toContainText("Bob");
    await bid(alice, "1100", "accepted");
    await expectMyRank(alice, 1);
    await expectMyRank(bob, 2);
    await expect(first(alice)).toHaveClass(/me/);
  });

  await test.step("a lower bid changes nothing", async () => {
    await bid(alice, "850", "kept");
    await expectMyRank(alice, 1);
  });

  await test.step("open pages show the result", async () => {
    await expect(alice.locator("[data-result]")).toHaveAttribute("data-result", "won", { timeout: 45_000 });
    await expect(bob.locator("[data-result]")).toHaveAttribute("data-result", "lost", { timeout: 45_000 });
    await expect(alice.locator(".result")).toContainText("You won");
    await expect(bob.locator(".result")).toContainText("You did not win");
    await expect(bidButton(alice)).toBeHidden();
    for (const page of [alice, bob]) {
      expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);
    }
  });

  await test.step("it is the same after a reload, and the winner has an order", async () => {
    await bob.reload();
    await expect(bob.locator("[data-result]")).toHaveAttribute("data-result", "lost");
    await alice.getByRole("link", { name: "See my orders" }).click();
    const order = alice.locator("[data-order]");
    await expect(order).toHaveCount(1);
    await expect(order).toContainText(name);
    await expect(order).toContainText("NT$1,100");
    await bob.goto("/orders");
    await expect(bob.locator("main")).toContainText("You have no orders yet.");
  });
});

test("a page that lost its connection reconnects", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Reconnecting Keyboard", 5), 600);
  const [watcher, bidder] = [await newPage(), await newPage()];
  const sockets: { close: (options: { code: number }) => Promise<void> }[] = [];
  await watcher.routeWebSocket(/\/ws\//, (socket) => {
    socket.connectToServer();
    sockets.push(socket);
  });
  await watch(watcher, campaign);
  // The close code of a server that restarts.
  await sockets[0].close({ code: 1012 });
  await expect.poll(() => sockets.length).toBe(2);
  await expect(watcher.locator("[data-link]")).toHaveAttribute("data-link", "live");

  await register(bidder, "Dave");
  await watch(bidder, campaign);
  await bid(bidder, "900", "accepted");
  await expect(watcher.locator(".ranking tbody")).toContainText("Dave");
});

test("an older ranking never replaces a newer one", async ({ newPage, admin }) => {
  const campaign = await admin.campaign(await admin.product("Versioned Camera", 5), 600);
  const page = await newPage();
  const toPage: ((frame: object) => void)[] = [];
  await page.routeWebSocket(/\/ws\//, (socket) => {
    socket.connectToServer();
    toPage.push((frame) => socket.send(JSON.stringify(frame)));
  });
  await watch(page, campaign);
  const ranking = (username: string, version: number) => {
    const { campaign_id, version: campaign_version } = campaign;
    const row = { rank: 1, user_id: campaign_id, username, score: 1, price: 900 };
    const totals = { total_participants: 1, min_winning_score: null, max_score: 1 };
    const timestamp = new Date().toISOString();
    return { event: "ranking_update", data: { campaign_id, top_k: [row], ...totals, timestamp, version, campaign_version } };
  };
  await page.evaluate(() => {
    const seen: string[] = [];
    const table = document.querySelector(".ranking tbody")!;
    new MutationObserver(() => seen.push(table.textContent!)).observe(table, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { seen });
  });
  // A ranking's version is its number of bids, which is zero in the frames that the server keeps sending.
  toPage[0](ranking("Newer", 10));
  await expect(page.locator(".ranking tbody")).toContainText("Newer");
  toPage[0](ranking("Older", 9));
  toPage[0](ranking("Newest", 11));
  await expect(page.locator(".ranking tbody")).toContainText("Newest");
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen.join("\n"));
  expect(seen).toContain("Newer");
  expect(seen).not.toContain("Older");
});
