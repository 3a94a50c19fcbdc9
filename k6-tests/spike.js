// Everyone bids in the first second of the campaign, and again in its last second.

import { check } from "k6";
import exec from "k6/execution";
import { awaitSettlement, openCampaign, sleepUntil } from "./lib/campaign.js";
import { bid } from "./lib/api-client.js";
import { bidder, raise } from "./lib/bidder.js";
import { number, options as shared, USERS } from "./lib/environment.js";

export { handleSummary } from "./lib/report.js";

const SECONDS = number("DURATION", 20);
const VUS = number("VUS", USERS);
// Seconds for signing in before the start.
const LEAD = number("LEAD", 10 + VUS / 20);
// The last bids are sent this long before the end, so that they are received in time.
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

export default function (data) {
  sleepUntil(data, data.start - LEAD * 1000 * (1 - (0.8 * exec.vu.idInTest) / VUS));
  const me = bidder(data.min_price);

  sleepUntil(data, data.start + Math.random() * 1000);
  const first = bid(me.token, data.campaign, raise(me), { tags: { second: "first" } });
  check(first, { "a bid of the first second is accepted": ({ status }) => status === 201 });

  sleepUntil(data, data.end - MARGIN_MS - Math.random() * 1000);
  const last = bid(me.token, data.campaign, raise(me), { tags: { second: "last" } });
  check(last, { "a bid of the last second is accepted": ({ status }) => [200, 201].includes(status) });

  sleepUntil(data, data.end + 50);
  const late = bid(me.token, data.campaign, raise(me), { statuses: [403], tags: { second: "after" } });
  check(late, { "a bid after the end is refused": ({ status }) => status === 403 });
}

export function teardown(data) {
  const { quota, stats } = awaitSettlement(data);
  check(stats, { "everyone took part": ({ total_participants }) => total_participants === VUS || VUS > USERS });
  check(quota, { "the campaign has winners": () => stats.min_winning_score !== null || VUS < quota });
}
