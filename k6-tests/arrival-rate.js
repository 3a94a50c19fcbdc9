// Open model: bids arrive at a given rate, however long responses take. The rate is constant at first and then ramps up.

import { closeCampaign, openCampaign } from "./lib/campaign.js";
import { bid, warmUp } from "./lib/api-client.js";
import { bidder, raise } from "./lib/bidder.js";
import { number, options as shared, userAccount, USERS } from "./lib/environment.js";

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
    // A run that could not send bids in time says nothing about the server.
    dropped_iterations: ["count==0"],
  },
);

// Signs users in beforehand, so that the server has their passwords cached: sign-in.js is the scenario for that load.
export function setup() {
  warmUp(Array.from({ length: VUS }, (_, index) => userAccount(index + 1)));
  return openCampaign({ seconds: SECONDS + 30 });
}
export const teardown = closeCampaign;

export default function (data) {
  const me = bidder(data.min_price);
  bid(me.token, data.campaign, raise(me));
}
