// Every bid that was acknowledged is there, and the winners are who they have to be.
//
// Each user notes the answers to their own bids. After the end the history must hold all that were answered 201 and
// nothing else but bids whose answers were lost, and the orders must be the top of the ranking. Each user also keeps a
// socket, which must be open in the end whatever happened: run it while servers are restarted (scripts/rolling.sh).

import { check } from "k6";
import exec from "k6/execution";
import { Counter } from "k6/metrics";
import { adminToken, awaitSettlement, now, openCampaign } from "./lib/campaign.js";
import { bidAsync, get, signIn } from "./lib/gavel.js";
import { Live, pause } from "./lib/live.js";
import { number, options as shared, userAccount, USERS } from "./lib/settings.js";

export { handleSummary } from "./lib/report.js";

const SECONDS = number("DURATION", 30);
const VUS = number("VUS", Math.min(USERS, 100));
const PAUSE_MS = number("PAUSE", 300);
// Answers of a server or balancer that is restarting: the bid may be tried again.
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

export default async function (world) {
  const token = signIn(userAccount(exec.vu.idInTest));
  let result = null;
  const live = new Live(world.campaign, { token, onFrame: (frame) => (result = frame.includes("campaign_ended") ? JSON.parse(frame).data : result) });
  await pause(world.start - now(world) + 100);
  const acknowledged = await bidUntilTheEnd(world, token);

  check(live, { "the socket is open in the end": ({ open }) => open });
  // Not all at the same moment.
  await pause(world.end - now(world) + 1000 + Math.random() * 2000);
  const campaign = awaitSettlement(world);
  await pause(1000);
  compareHistory(world, token, acknowledged);
  const me = get(`rankings/${world.campaign}/me`, "my rank", { token }).json();
  const orders = get("orders", "orders", { token }).json("orders");
  const order = orders.find(({ campaign_id }) => campaign_id === world.campaign);
  const won = me.rank !== null && me.rank <= campaign.quota;
  check(order, {
    "who is in the top has an order, and nobody else": (order) => (order !== undefined) === won,
    "an order is the standing bid": (order) => !order || (order.final_rank === me.rank && order.final_price === me.price),
  });
  check(result, { "the socket told the outcome": (result) => result !== null && result.is_winner === won });
  live.close();
}

// Bids again and again; gives the accepted ones by number, and how many may have been accepted without an answer.
async function bidUntilTheEnd(world, token) {
  const bids = new Map();
  let unknown = 0;
  let price = world.min_price + exec.vu.idInTest / 100;
  while (now(world) < world.end - 500) {
    price = Math.round((price + 1 + Math.random()) * 100) / 100;
    const answer = await bidAsync(token, world.campaign, price, { statuses: RESTARTING });
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

function history(world, token) {
  const all = [];
  for (;;) {
    const page = get(`bids/${world.campaign}/history?skip=${all.length}&limit=${PAGE}`, "history", { token }).json();
    all.push(...page.bids);
    if (all.length >= page.total || page.bids.length === 0) return all;
  }
}

function compareHistory(world, token, { bids, unknown }) {
  const found = new Map(history(world, token).map((bid) => [bid.bid_number, bid]));
  for (const [number, { price, score }] of bids) {
    const bid = found.get(number);
    compared.add(1);
    if (!bid || bid.price !== price || bid.score !== score) missing.add(1);
    found.delete(number);
  }
  if (found.size > unknown) unexpected.add(found.size - unknown);
}

export function teardown(world) {
  const token = adminToken();
  const report = get(`orders/campaign/${world.campaign}?limit=1000`, "report", { token }).json();
  const ranking = get(`rankings/${world.campaign}?limit=1000`, "ranking").json();
  const winners = ranking.rankings.slice(0, Math.min(world.quota, ranking.total_participants));
  check(report, {
    "the server finds its result consistent": ({ is_consistent }) => is_consistent,
    "no more was sold than offered": ({ total }) => total <= world.quota,
    "the orders are the top of the ranking": ({ orders }) =>
      orders.length === winners.length &&
      orders.every((order, place) => order.user_id === winners[place].user_id && order.final_rank === place + 1 && order.final_price === winners[place].price),
  });
}
