// Mixed workload: users sign in, browse, bid now and then, and watch the live feed.

import { check, sleep } from "k6";
import { closeCampaign, openCampaign } from "./lib/campaign.js";
import { bid, get } from "./lib/api-client.js";
import { LiveFeed, pause } from "./lib/live-feed.js";
import { bidder, raise } from "./lib/bidder.js";
import { number, options as shared } from "./lib/environment.js";

export { handleSummary } from "./lib/report.js";

const SECONDS = number("DURATION", 60);
const VUS = number("VUS", 100);
const VIEWERS = number("VIEWERS", 100);

export const options = shared(
  {
    visitors: { executor: "constant-vus", vus: VUS, duration: `${SECONDS}s`, exec: "visit" },
    watchers: {
      executor: "per-vu-iterations",
      vus: Math.max(1, Math.ceil(VIEWERS / 50)),
      iterations: 1,
      maxDuration: `${SECONDS + 30}s`,
      exec: "watch",
    },
  },
  {
    http_req_failed: ["rate<0.001"],
    "http_req_duration{name:bid}": ["p(95)<20"],
    "http_req_duration{name:campaigns}": ["p(95)<20"],
    "http_req_duration{name:ranking}": ["p(95)<20"],
    "http_req_duration{name:page}": ["p(95)<100"],
  },
);

export const setup = () => openCampaign({ seconds: SECONDS + 60 });
export const teardown = closeCampaign;

export function visit(data) {
  const me = bidder(data.min_price);
  const { token } = me;
  const id = data.campaign;
  // Shares in percent.
  const actions = [
    [40, () => bid(token, id, raise(me))],
    [20, () => get(`rankings/${id}`, "ranking")],
    [10, () => get(`rankings/${id}/me`, "my rank", { token })],
    [10, () => get("campaigns?limit=20", "campaigns")],
    [5, () => get(`campaigns/${id}`, "campaign")],
    [5, () => get(`bids/${id}/history?limit=20`, "history", { token })],
    [5, () => get("orders?limit=20", "orders", { token })],
    [5, () => get(`/campaigns/${id}`, "page")],
  ];
  let place = Math.random() * 100;
  const [, act] = actions.find(([share]) => (place -= share) < 0);
  check(act(), { "every request succeeds": ({ status }) => status === 200 || status === 201 });
  sleep(0.2 + Math.random() * 0.8);
}

export async function watch(data) {
  let frames = 0;
  const sockets = Array.from({ length: Math.min(50, VIEWERS) }, () => new LiveFeed(data.campaign, { onFrame: () => frames++ }));
  await pause((SECONDS - 1) * 1000);
  check(sockets, { "every socket is open": () => sockets.every((socket) => socket.open) });
  check(frames, { "frames arrive": () => frames >= sockets.length });
  for (const socket of sockets) socket.close();
}
