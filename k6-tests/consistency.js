// No acknowledged bid is lost, and the right bidders win.
//
// Each user records the responses to their own bids. After the end the history must contain every bid answered 201, and
// apart from those only bids whose responses were lost; the orders must be the top of the ranking. Each user also keeps
// a websocket, which must be open at the end whatever happened: scripts/test-deployment.sh restarts servers meanwhile.

import { check } from "k6";
import exec from "k6/execution";
import { Counter } from "k6/metrics";
import { adminToken, awaitSettlement, now, openCampaign } from "./lib/campaign.js";
import { bidAsync, get, signIn } from "./lib/api-client.js";
import { LiveFeed, pause } from "./lib/live-feed.js";
import { number, options as shared, userAccount, USERS } from "./lib/environment.js";

export { handleSummary } from "./lib/report.js";

const SECONDS = number("DURATION", 30);
const VUS = number("VUS", Math.min(USERS, 100));
const PAUSE_MS = number("PAUSE", 300);
// Responses of a server or balancer that is restarting: the bid may be retried.
const RESTARTING = [502, 503, 504];
const LEAD = 10;
const PAGE = 100;

const missing = new Counter("acknowledged_bids_missing");
const unexpected = new Counter("unacknowledged_bids_found");
const compared = new Counter("acknowledged_bids_compared");

export const options = shared(
  { bidders: { executor: "per-vu-iterations", vus: VUS, iterations: 1, maxDuration: `${LEAD + SECONDS + 180}s` } },
  { acknowledged_bids_missing: ["count==0"], unacknowledged_bids_found: ["count==0"], acknowledged_bids_compared: ["count>0"] },
);

export const setup = () => openCampaign({ lead: LEAD, seconds: SECONDS });

export default async function (data) {
  const token = signIn(userAccount(exec.vu.idInTest));
  let result = null;
  const live = new LiveFeed(data.campaign, { token, onFrame: (frame) => (result = frame.includes("campaign_ended") ? JSON.parse(frame).data : result) });
  await pause(data.start - now(data) + 100);
  const acknowledged = await bidUntilTheEnd(data, token);

  check(live, { "the socket is open at the end": ({ open }) => open });
  // Spread out, so that users do not all ask at once.
  await pause(data.end - now(data) + 1000 + Math.random() * 2000);
  const campaign = awaitSettlement(data);
  await pause(1000);
  compareHistory(data, token, acknowledged);
  const me = get(`rankings/${data.campaign}/me`, "my rank", { token }).json();
  const orders = get("orders", "orders", { token }).json("orders");
  const order = orders.find(({ campaign_id }) => campaign_id === data.campaign);
  const won = me.rank !== null && me.rank <= campaign.quota;
  check(order, {
    "winners have an order, and nobody else does": (order) => (order !== undefined) === won,
    "the order is the user's best bid": (order) => !order || (order.final_rank === me.rank && order.final_price === me.price),
  });
  check(result, { "the socket delivered the result": (result) => result !== null && result.is_winner === won });
  live.close();
}

// Bids until the end. Returns the accepted bids by number, and how many more may have been accepted without a response.
async function bidUntilTheEnd(data, token) {
  const bids = new Map();
  let unknown = 0;
  let price = data.min_price + exec.vu.idInTest / 100;
  while (now(data) < data.end - 500) {
    price = Math.round((price + 1 + Math.random()) * 100) / 100;
    const answer = await bidAsync(token, data.campaign, price, { statuses: RESTARTING });
    if (answer.status === 201) {
      const { bid_number, score } = answer.json();
      bids.set(bid_number, { price, score });
    } else if (answer.status !== 200) {
      unknown++;
    }
    await pause(PAUSE_MS * (0.5 + Math.random()));
  }
  return { bids, unknown };
}

function history(data, token) {
  const all = [];
  for (;;) {
    const page = get(`bids/${data.campaign}/history?skip=${all.length}&limit=${PAGE}`, "history", { token }).json();
    all.push(...page.bids);
    if (all.length >= page.total || page.bids.length === 0) return all;
  }
}

function compareHistory(data, token, { bids, unknown }) {
  const found = new Map(history(data, token).map((bid) => [bid.bid_number, bid]));
  for (const [number, { price, score }] of bids) {
    const bid = found.get(number);
    compared.add(1);
    if (!bid || bid.price !== price || bid.score !== score) missing.add(1);
    found.delete(number);
  }
  if (found.size > unknown) unexpected.add(found.size - unknown);
}

export function teardown(data) {
  const token = adminToken();
  const report = get(`orders/campaign/${data.campaign}?limit=1000`, "report", { token }).json();
  const ranking = get(`rankings/${data.campaign}?limit=1000`, "ranking").json();
  const winners = ranking.rankings.slice(0, Math.min(data.quota, ranking.total_participants));
  check(report, {
    "the server reports a consistent result": ({ is_consistent }) => is_consistent,
    "no more is sold than the quota": ({ total }) => total <= data.quota,
    "the orders are the top of the ranking": ({ orders }) =>
      orders.length === winners.length &&
      orders.every((order, place) => order.user_id === winners[place].user_id && order.final_rank === place + 1 && order.final_price === winners[place].price),
  });
}
