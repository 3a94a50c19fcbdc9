// Hours of ordinary use, to see whether the server grows: users bid, sockets reconnect all the time, and every minute
// an admin creates a campaign that ends and is settled a minute or two later. scripts/soak.sh watches the server.

import { check, sleep } from "k6";
import exec from "k6/execution";
import http from "k6/http";
import { Counter } from "k6/metrics";
import { adminToken, MIN_PRICE } from "./lib/campaign.js";
import { bid, get, post, signIn, warmUp } from "./lib/api-client.js";
import { LiveFeed, pause } from "./lib/live-feed.js";
import { bidder, raise } from "./lib/bidder.js";
import { BASE_URL, number, options as shared, userAccount } from "./lib/environment.js";

export { handleSummary } from "./lib/report.js";

const SECONDS = number("DURATION", 3600);
const VUS = number("VUS", 60);
const RATE = number("RATE", 120);
const VIEWERS = number("VIEWERS", 100);
const QUOTA = number("QUOTA", 15);
// Seconds until all bid: bidders sign in at their first bid, and a storm of sign-ins (sign-in.js) is not the subject.
const RAMP = Math.min(20, SECONDS / 10);
const SOCKETS_PER_WATCHER = 50;
const RECONNECT_MS = 30_000;
// Each campaign outlives the creation of the next, so there is always one to bid in.
const CAMPAIGN_EVERY = 60;
const CAMPAIGN_SECONDS_MIN = 65;
const CAMPAIGN_SECONDS_MAX = 120;
const SETTLED_SECONDS_MAX = 30;
// How long a user believes a list of campaigns.
const LIST_MS = 5000;
// Sessions last an hour by default, so users sign in again long before.
const SESSION_MS = 10 * 60_000;
// Those who sign in, look around and leave; they do not share accounts with the bidders.
const VISITORS_FIRST = 201;
const VISITORS = 200;

const created = new Counter("campaigns_created");
const settled = new Counter("campaigns_settled");
const unsettled = new Counter("campaigns_not_settled");

const steady = { executor: "constant-arrival-rate", timeUnit: "1s", duration: `${SECONDS}s`, gracefulStop: "30s" };

export const options = shared(
  {
    campaigns: { ...steady, rate: 1, timeUnit: `${CAMPAIGN_EVERY}s`, preAllocatedVUs: 4, gracefulStop: "3m", exec: "runCampaign" },
    bidders: {
      executor: "ramping-arrival-rate",
      timeUnit: "1s",
      gracefulStop: "30s",
      startTime: "1s",
      startRate: Math.ceil(RATE / 10),
      stages: [
        { duration: `${RAMP}s`, target: RATE },
        { duration: `${SECONDS - RAMP}s`, target: RATE },
      ],
      preAllocatedVUs: VUS,
      maxVUs: VUS,
      exec: "bidOnce",
    },
    watchers: {
      executor: "per-vu-iterations",
      vus: Math.max(1, Math.ceil(VIEWERS / SOCKETS_PER_WATCHER)),
      iterations: 1,
      maxDuration: `${SECONDS + 30}s`,
      exec: "watch",
    },
    visitors: { ...steady, rate: 1, preAllocatedVUs: 10, maxVUs: 50, startTime: "1s", exec: "visit" },
    readers: { ...steady, rate: 10, preAllocatedVUs: 5, maxVUs: 50, startTime: "1s", exec: "read" },
  },
  {
    http_req_failed: ["rate==0"],
    sockets_failed: ["count==0"],
    sockets_lost: ["count==0"],
    bids_accepted: ["count>0"],
    campaigns_settled: ["count>0"],
    campaigns_not_settled: ["count==0"],
  },
);

// Signs the bidders in beforehand, so that the start is like the rest.
export function setup() {
  warmUp(Array.from({ length: VUS }, (_, index) => userAccount(index + 1)));
  const now = Date.now();
  // Other runs may use the same server: only campaigns with this name are bid in.
  return { name: `Soak ${now}`, end: now + SECONDS * 1000 };
}

// Logs a request that failed, since k6 only counts them. Neither its address nor its answer has a token.
function seen(what, answer, good = answer.status >= 200 && answer.status < 300) {
  if (!good) console.error(`${what}: ${answer.status} ${answer.error} ${String(answer.body).slice(0, 200)}`);
  check(good, { [`${what}: the answer is as expected`]: (good) => good });
  return answer;
}

// One campaign from its creation to its settlement.
export function runCampaign(data) {
  const left = (data.end - Date.now()) / 1000;
  // The last ones end with the run, so that all are settled in it.
  const seconds = Math.min(left, CAMPAIGN_SECONDS_MIN + Math.random() * (CAMPAIGN_SECONDS_MAX - CAMPAIGN_SECONDS_MIN));
  if (seconds < 5) return;
  const campaign = createCampaign(data, seconds);
  const { campaign_id: id, server_time } = campaign;
  created.add(1);
  sleep(Math.max(0, Date.parse(campaign.end_time) - Date.parse(server_time)) / 1000);
  if (!isSettled(id)) {
    unsettled.add(1);
    console.error(`campaign ${id} was not settled within ${SETTLED_SECONDS_MAX} s of its end`);
    return;
  }
  settled.add(1);
  const report = seen("report", get(`orders/campaign/${id}`, "report", { token: adminToken() }));
  check(report, { "the result is consistent": (report) => report.json("is_consistent") === true });
}

function createCampaign(data, seconds) {
  const options = { token: adminToken(), statuses: [201] };
  const name = `${data.name} ${exec.scenario.iterationInTest}`;
  const product = seen("product", post("products", { name, stock: QUOTA, min_price: MIN_PRICE }, "admin", options)).json();
  // The server's clock counts, not this machine's.
  const start = Date.parse(product.created_at);
  const times = { start_time: new Date(start).toISOString(), end_time: new Date(start + seconds * 1000).toISOString() };
  return seen("campaign", post("campaigns", { product_id: product.product_id, quota: QUOTA, ...times }, "admin", options)).json();
}

function isSettled(id) {
  for (let tries = 0; tries < SETTLED_SECONDS_MAX * 2; tries++) {
    if (seen("campaign", get(`campaigns/${id}`, "campaign")).json("settled_at")) return true;
    sleep(0.5);
  }
  return false;
}

let known = [];
let askAt = 0;

// One of the run's campaigns that take bids, or undefined.
function anyCampaign(data) {
  if (Date.now() >= askAt) {
    const list = seen("campaigns", get("campaigns?status=active&limit=100", "campaigns")).json("campaigns");
    known = list.filter(({ product }) => product.name.startsWith(data.name)).map(({ campaign_id }) => campaign_id);
    askAt = Date.now() + (known.length > 0 ? LIST_MS : 500);
  }
  return known[Math.floor(Math.random() * known.length)];
}

let signInAt;

// The user of this virtual user, with a session that is not about to expire.
function member() {
  const me = bidder(MIN_PRICE);
  if (signInAt !== undefined && Date.now() > signInAt) {
    me.token = signIn(userAccount(exec.vu.idInTest));
    signInAt = undefined;
  }
  signInAt = signInAt || Date.now() + SESSION_MS * (0.5 + Math.random());
  return me;
}

// The user's price in each campaign: every campaign starts from the minimum.
let standing = {};

export function bidOnce(data) {
  const id = anyCampaign(data);
  if (!id) return;
  const me = member();
  if (!standing[id]) {
    const open = Object.entries(standing).filter(([id]) => known.includes(id));
    standing = { ...Object.fromEntries(open), [id]: { price: MIN_PRICE, step: me.step } };
  }
  const answer = bid(me.token, id, raise(standing[id]), { statuses: [403] });
  const isLate = answer.status === 403 && answer.json("code") === "CAMPAIGN_ENDED";
  seen("bid", answer, [200, 201].includes(answer.status) || isLate);
  if (isLate) askAt = 0;
}

export async function watch(data) {
  await Promise.all(Array.from({ length: Math.min(SOCKETS_PER_WATCHER, VIEWERS) }, (_, index) => watchOne(data, index)));
}

// A page that is opened again and again, by users and spectators.
async function watchOne(data, index) {
  await pause(1000 + (index / SOCKETS_PER_WATCHER) * RECONNECT_MS);
  while (data.end - Date.now() > 2000) {
    const id = anyCampaign(data);
    if (id) {
      let frames = 0;
      const feed = new LiveFeed(id, { token: index % 2 === 0 ? member().token : undefined, onFrame: () => frames++ });
      await pause(Math.min(RECONNECT_MS * (0.9 + 0.2 * Math.random()), data.end - Date.now()));
      check(frames, { "every socket gets frames": (frames) => frames > 0 });
      feed.close();
    } else {
      await pause(500);
    }
  }
}

// A user signs in, looks around and, half of the time, signs out.
export function visit(data) {
  const index = exec.scenario.iterationInTest % VISITORS;
  const token = signIn(userAccount(VISITORS_FIRST + index));
  // Pages know their user from the cookie only. k6 forgets it after the visit.
  http.cookieJar().set(BASE_URL, "gavel_session", token);
  const id = anyCampaign(data);
  const pages = id ? ["/", `/campaigns/${id}`, "/bids", "/orders"] : ["/", "/bids", "/orders"];
  for (const path of pages) {
    const page = get(path, "page");
    // Whoever is not signed in is sent to the sign-in.
    seen("page", page, page.status === 200 && page.body.includes("<html") && !page.url.includes("/login"));
  }
  if (id) {
    seen("my rank", get(`rankings/${id}/me`, "my rank", { token }));
    seen("history", get(`bids/${id}/history?limit=20`, "history", { token }));
  }
  seen("orders", get("orders?limit=20", "orders", { token }));
  if (index % 2 === 0) seen("sign out", post("auth/logout", {}, "sign out", { token, statuses: [204] }));
}

// Somebody who is not signed in.
export function read(data) {
  const id = anyCampaign(data);
  const place = Math.random();
  if (!id || place < 0.3) seen("campaigns", get("campaigns?limit=20", "campaigns"));
  else if (place < 0.8) seen("ranking", get(`rankings/${id}`, "ranking"));
  else seen("campaign", get(`campaigns/${id}`, "campaign"));
}
