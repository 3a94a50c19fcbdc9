// One user does everything once: a few seconds that tell whether the other scenarios are worth running.

import { check } from "k6";
import { awaitSettlement, adminToken, openCampaign } from "./lib/campaign.js";
import { bid, get, post, signIn } from "./lib/api-client.js";
import { LiveFeed, pause } from "./lib/live-feed.js";
import { number, options as shared, userAccount } from "./lib/environment.js";

export { handleSummary } from "./lib/report.js";

export const options = shared(
  { smoke: { executor: "per-vu-iterations", vus: 1, iterations: 1 } },
  { http_req_failed: ["rate==0"] },
);

export const setup = () => openCampaign({ seconds: number("DURATION", 8) });

// Checks that a request succeeded and that `holds` is true of the JSON body, which it returns.
function is(answer, what, holds = () => true) {
  check(answer, { [what]: ({ status, json }) => status < 300 && holds(answer.json()) });
  return answer.json();
}

export default async function (data) {
  check(get("/health", "health"), { "the server is healthy": (answer) => answer.json("status") === "healthy" });
  check(get("/readyz", "ready"), { "the server is ready": (answer) => answer.status === 200 });
  check(get("/", "page"), { "the home page is served": (answer) => answer.body.includes("<html") });
  check(get("/metrics", "metrics", { statuses: [200, 404] }), {
    "the metrics are served, or not public": ({ status, body }) => status === 404 || body.includes("bid_latency_seconds"),
  });
  const account = userAccount(1);
  const token = signIn(account);
  is(get("auth/me", "me", { token }), "I am who I am", (me) => me.email === account.email);
  is(get("products", "products"), "there are products", ({ total }) => total > 0);
  is(get("campaigns?status=active", "campaigns"), "the campaign is listed", ({ campaigns }) =>
    campaigns.some(({ campaign_id }) => campaign_id === data.campaign),
  );

  const frames = [];
  const live = new LiveFeed(data.campaign, { token, onFrame: (frame) => frames.push(frame) });
  await pause(500);
  check(frames, { "a socket gets the ranking at once": () => frames.some((frame) => frame.includes("ranking_update")) });
  live.send("ping");

  const price = data.min_price + 10;
  is(bid(token, data.campaign, price), "a bid leads", ({ rank, improved }) => rank === 1 && improved);
  is(bid(token, data.campaign, data.min_price), "a lower bid changes nothing", (answer) => !answer.improved && answer.price === price);
  const tooLow = bid(token, data.campaign, data.min_price - 1, { statuses: [400] });
  check(tooLow, { "a price too low is refused": ({ status }) => status === 400 && tooLow.json("code") === "PRICE_TOO_LOW" });
  is(get(`rankings/${data.campaign}`, "ranking"), "the ranking shows it", ({ rankings }) => rankings[0].price === price);
  is(get(`rankings/${data.campaign}/me`, "my rank", { token }), "my rank is known", ({ rank }) => rank === 1);
  is(get(`bids/${data.campaign}/history`, "history", { token }), "my history contains it", ({ total }) => total === 1);
  await pause(1000);
  check(frames, {
    "the socket answers a ping": () => frames.includes("pong"),
    "the socket shows the bid": () => frames.some((frame) => frame.includes("ranking_update") && frame.includes(`"price":${price}`)),
    "the socket says it was accepted": () => frames.some((frame) => frame.includes("bid_accepted")),
  });

  awaitSettlement(data);
  await pause(500);
  check(frames, { "the socket announces the end": () => frames.some((frame) => frame.includes("campaign_ended")) });
  live.close();
  is(get("orders", "orders", { token }), "I have my order", ({ orders }) => orders.some(({ campaign_id }) => campaign_id === data.campaign));
  const report = get(`orders/campaign/${data.campaign}`, "report", { token: adminToken() });
  is(report, "the result is consistent", ({ is_consistent, total }) => is_consistent && total === 1);
  const late = post("bids", { campaign_id: data.campaign, price: price + 1 }, "late bid", { token, statuses: [403] });
  check(late, { "a late bid is refused": ({ status }) => status === 403 && late.json("code") === "CAMPAIGN_ENDED" });
}
