// The open model: bids come at a rate, however long their answers take. First steady, then rising.

import { closeCampaign, openCampaign } from "./lib/campaign.js";
import { bid, warmUp } from "./lib/gavel.js";
import { bidder, raise } from "./lib/people.js";
import { number, options as shared, userAccount, USERS } from "./lib/settings.js";

export { handleSummary } from "./lib/report.js";

const SECONDS = number("DURATION", 60);
const RATE = number("RATE", 300);
const PEAK = number("PEAK", 1000);
const VUS = number("VUS", Math.min(USERS, 300));

const bidders = { preAllocatedVUs: VUS, maxVUs: USERS, gracefulStop: "5s" };

export const options = shared(
  {
    steady: { executor: "constant-arrival-rate", rate: RATE, timeUnit: "1s", duration: `${SECONDS / 2}s`, ...bidders },
    rising: {
      executor: "ramping-arrival-rate",
      startTime: `${SECONDS / 2}s`,
      startRate: RATE,
      timeUnit: "1s",
      stages: [
        { duration: `${SECONDS / 4}s`, target: PEAK },
        { duration: `${SECONDS / 4}s`, target: PEAK },
      ],
      ...bidders,
    },
  },
  {
    "http_req_duration{name:bid,scenario:steady}": ["p(95)<20"],
    "http_req_duration{name:bid,scenario:rising}": ["p(95)<20"],
    "http_req_failed{name:bid}": ["rate<0.001"],
    // What the load could not send in time says nothing about the server.
    dropped_iterations: ["count==0"],
  },
);

// Sign-ins have a scenario of their own. Here they are out of the way: their passwords have just been checked.
export function setup() {
  warmUp(Array.from({ length: VUS }, (_, index) => userAccount(index + 1)));
  return openCampaign({ seconds: SECONDS + 30 });
}
export const teardown = closeCampaign;

export default function (world) {
  const me = bidder(world.min_price);
  bid(me.token, world.campaign, raise(me));
}
