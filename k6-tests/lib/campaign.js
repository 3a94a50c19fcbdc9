// The campaign that a run bids in: the one in CAMPAIGN_ID, or a new one.

import { sleep } from "k6";
import { get, post, signIn } from "./api-client.js";
import { adminAccount, number, text } from "./environment.js";

export const MIN_PRICE = 100;
const SETTLED_SECONDS_MAX = 30;

function expect(answer, status, what) {
  if (answer.status !== status) throw new Error(`${what}: ${answer.status} ${answer.body || answer.error}`);
  return answer.json();
}

// The admin's token, which callers must not return from setup(): its data ends up in results.
export function adminToken() {
  return signIn(adminAccount());
}

// For setup(): a campaign that starts in `lead` seconds and lasts `seconds`. Times are the server's.
export function openCampaign({ lead = 0, seconds }) {
  const given = text("CAMPAIGN_ID", "");
  const campaign = given ? { campaign_id: given } : create(adminToken(), lead, seconds);
  const seen = expect(get(`campaigns/${campaign.campaign_id}`, "campaign"), 200, "the campaign cannot be read");
  return {
    campaign: campaign.campaign_id,
    own: !given,
    // What to add to this machine's clock to get the server's.
    clock: Date.parse(seen.server_time) - Date.now(),
    start: Date.parse(seen.start_time),
    end: Date.parse(seen.end_time),
    min_price: seen.product.min_price,
    quota: seen.quota,
  };
}

function create(token, lead, seconds) {
  const quota = number("QUOTA", 15);
  const product = expect(
    post("products", { name: `Load test ${Date.now()}`, stock: quota, min_price: MIN_PRICE }, "admin", { token, statuses: [201] }),
    201,
    "the product was not created",
  );
  // The server's clock counts, not this machine's.
  const now = Date.parse(product.created_at);
  const times = { start_time: new Date(now + lead * 1000).toISOString(), end_time: new Date(now + (lead + seconds) * 1000).toISOString() };
  return expect(
    post("campaigns", { product_id: product.product_id, quota, ...times }, "admin", { token, statuses: [201] }),
    201,
    "the campaign was not created",
  );
}

// For teardown(): cancels the campaign if it is ours.
export function closeCampaign({ campaign, own }) {
  if (!own) return;
  post(`campaigns/${campaign}/cancel`, { reason: "The load test is over." }, "admin", {
    token: adminToken(),
    statuses: [200, 403, 409],
  });
}

// The server's time in milliseconds.
export function now({ clock }) {
  return Date.now() + clock;
}

export function sleepUntil(data, time) {
  const wait = time - now(data);
  if (wait > 0) sleep(wait / 1000);
}

// Waits for the end of the campaign and its settlement.
export function awaitSettlement(data) {
  sleepUntil(data, data.end);
  for (let tries = 0; tries < SETTLED_SECONDS_MAX * 2; tries++) {
    const answer = get(`campaigns/${data.campaign}`, "campaign", { statuses: [200, 502, 503] });
    if (answer.status === 200 && answer.json("settled_at")) return answer.json();
    sleep(0.5);
  }
  throw new Error(`the campaign was not settled within ${SETTLED_SECONDS_MAX} s of its end`);
}
