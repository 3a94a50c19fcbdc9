// The typical load of a flash sale: users double in six stages, and pause less and less between bids.

import { sleep } from "k6";
import exec from "k6/execution";
import { closeCampaign, openCampaign } from "./lib/campaign.js";
import { bid } from "./lib/api-client.js";
import { bidder, raise } from "./lib/bidder.js";
import { number, options as shared, USERS } from "./lib/environment.js";

export { handleSummary } from "./lib/report.js";

const SECONDS = number("DURATION", 630);
const VUS = number("VUS", USERS);
const STAGES = 6;
// Pauses after a response in seconds, with the part of the run until which each applies.
const PAUSES = [
  [1 / 2, 1.0],
  [5 / 6, 0.4],
  [1, 0.15],
];

const stages = Array.from({ length: STAGES }, (_, stage) => ({
  duration: `${SECONDS / STAGES}s`,
  target: Math.max(1, Math.round(VUS / 2 ** (STAGES - 1 - stage))),
}));

export const options = shared(
  { bidders: { executor: "ramping-vus", startVUs: Math.max(1, Math.round(VUS / 2 ** STAGES)), stages, gracefulStop: "5s" } },
  { "http_req_duration{name:bid}": ["p(95)<20"], "http_req_failed{name:bid}": ["rate<0.001"] },
);

export const setup = () => openCampaign({ seconds: SECONDS + 30 });
export const teardown = closeCampaign;

export default function (data) {
  const me = bidder(data.min_price);
  bid(me.token, data.campaign, raise(me));
  const { progress } = exec.scenario;
  sleep(PAUSES.find(([until]) => progress <= until)[1]);
}
