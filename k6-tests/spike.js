// Everyone in the first second of the campaign, and everyone again in the last one before its end.

import { check } from "k6";
import exec from "k6/execution";
import { awaitSettlement, openCampaign, sleepUntil } from "./lib/campaign.js";
import { bid } from "./lib/gavel.js";
import { bidder, raise } from "./lib/people.js";
import { number, options as shared, USERS } from "./lib/settings.js";

export { handleSummary } from "./lib/report.js";

const SECONDS = number("DURATION", 20);
const VUS = number("VUS", USERS);
// Time to sign in before the start.
const LEAD = number("LEAD", 10 + VUS / 20);
// The last bids aim at this long before the end, so that those sent in time are also received in time.
const MARGIN_MS = 300;

export const options = shared(
  { crowd: { executor: "per-vu-iterations", vus: VUS, iterations: 1, maxDuration: `${LEAD + SECONDS + 60}s` } },
  {
    "http_req_failed{name:bid}": ["rate==0"],
    "http_req_duration{name:bid,second:first}": ["p(99)<1000"],
    "http_req_duration{name:bid,second:last}": ["p(99)<1000"],
  },
);

export const setup = () => openCampaign({ lead: LEAD, seconds: SECONDS });

export default function (world) {
  sleepUntil(world, world.start - LEAD * 1000 * (1 - (0.8 * exec.vu.idInTest) / VUS));
  const me = bidder(world.min_price);

  sleepUntil(world, world.start + Math.random() * 1000);
  const first = bid(me.token, world.campaign, raise(me), { tags: { second: "first" } });
  check(first, { "a bid of the first second is accepted": ({ status }) => status === 201 });

  sleepUntil(world, world.end - MARGIN_MS - Math.random() * 1000);
  const last = bid(me.token, world.campaign, raise(me), { tags: { second: "last" } });
  check(last, { "a bid of the last second is accepted": ({ status }) => [200, 201].includes(status) });

  sleepUntil(world, world.end + 50);
  const late = bid(me.token, world.campaign, raise(me), { statuses: [403], tags: { second: "after" } });
  check(late, { "a bid after the end is refused": ({ status }) => status === 403 });
}

export function teardown(world) {
  const { quota, stats } = awaitSettlement(world);
  check(stats, { "everyone took part": ({ total_participants }) => total_participants === VUS || VUS > USERS });
  check(quota, { "the campaign has winners": () => stats.min_winning_score !== null || VUS < quota });
}
