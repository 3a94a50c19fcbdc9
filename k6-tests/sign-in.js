// Everyone signs in at once while others bid, whose latency must not suffer.

import { check } from "k6";
import { closeCampaign, openCampaign } from "./lib/campaign.js";
import { bid, signIn, warmUp } from "./lib/api-client.js";
import { bidder, raise } from "./lib/bidder.js";
import { number, options as shared, userAccount, USERS } from "./lib/environment.js";
import exec from "k6/execution";

export { handleSummary } from "./lib/report.js";

// Seconds of bidding before the sign-in storm starts.
const QUIET = number("QUIET", 10);
const SECONDS = number("DURATION", 60);
const RATE = number("RATE", 100);
const BIDDERS = number("BIDDERS", Math.min(USERS, 50));
const VUS = number("VUS", USERS);

const bids = { executor: "constant-arrival-rate", rate: RATE, timeUnit: "1s", preAllocatedVUs: BIDDERS, gracefulStop: "5s", exec: "bidOnce" };

export const options = shared(
  {
    before: { ...bids, duration: `${QUIET}s` },
    during: { ...bids, startTime: `${QUIET}s`, duration: `${SECONDS - QUIET}s` },
    storm: { executor: "per-vu-iterations", vus: VUS, iterations: 1, startTime: `${QUIET}s`, maxDuration: `${SECONDS}s`, exec: "signInOnce" },
  },
  {
    "http_req_duration{name:bid,scenario:before}": ["p(95)<20"],
    "http_req_duration{name:bid,scenario:during}": ["p(95)<20"],
    "http_req_duration{name:sign in}": ["p(95)<60000"],
    "http_req_failed{name:bid}": ["rate==0"],
  },
);

export function setup() {
  warmUp(Array.from({ length: Math.min(USERS, 3 * BIDDERS) }, (_, index) => userAccount(index + 1)));
  return openCampaign({ seconds: SECONDS + 60 });
}
export const teardown = closeCampaign;

export function bidOnce(data) {
  const me = bidder(data.min_price);
  bid(me.token, data.campaign, raise(me));
}

export function signInOnce() {
  const token = signIn(userAccount(exec.vu.idInTest));
  check(token, { "everyone can sign in": (token) => token.length > 0 });
}
