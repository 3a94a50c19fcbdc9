// The classic shape of a flash sale: users double in six stages while they grow more hurried.

import { sleep } from "k6";
import exec from "k6/execution";
import { closeCampaign, openCampaign } from "./lib/campaign.js";
import { bid } from "./lib/gavel.js";
import { bidder, raise } from "./lib/people.js";
import { number, options as shared, USERS } from "./lib/settings.js";

export { handleSummary } from "./lib/report.js";

const SECONDS = number("DURATION", 630);
const VUS = number("VUS", USERS);
const STAGES = 6;
// Pause after an answer: in the first half, then, and in the last sixth.
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

export default function (world) {
  const me = bidder(world.min_price);
  bid(me.token, world.campaign, raise(me));
  const part = exec.scenario.progress;
  sleep(PAUSES.find(([until]) => part <= until)[1]);
}
