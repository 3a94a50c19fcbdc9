// Many viewers: a storm of websocket connections, frames to all of them during bidding, and a storm of reconnections.
//
// Each virtual user has many sockets. Now and then it bids, and measures how long after the response its sockets receive
// a ranking with the bid. Virtual users take turns, so only one bids at a time.

import exec from "k6/execution";
import { Counter, Trend } from "k6/metrics";
import { closeCampaign, now, openCampaign } from "./lib/campaign.js";
import { bidAsync, signIn, warmUp } from "./lib/api-client.js";
import { LiveFeed, pause } from "./lib/live-feed.js";
import { number, options as shared, userAccount } from "./lib/environment.js";

export { handleSummary } from "./lib/report.js";

const VIEWERS = number("VIEWERS", 1000);
const VUS = number("VUS", Math.max(1, Math.min(20, Math.ceil(VIEWERS / 50))));
// Seconds in which the sockets connect, and seconds for which they are then open; halfway through all of them reconnect.
const CONNECT = number("CONNECT", Math.max(2, VIEWERS / 500));
const SECONDS = number("DURATION", 60);
const BIDS_PER_SECOND = number("RATE", 1);
const UNSEEN_MS_MAX = 10_000;
// Seconds for signing in and for closing the sockets.
const SLACK = 15;

const delay = new Trend("frame_delay", true);
const unseen = new Counter("frames_missed");
const open = new Counter("sockets_open_at_the_end");
const closed = new Counter("sockets_not_open_at_the_end");

export const options = shared(
  { viewers: { executor: "per-vu-iterations", vus: VUS, iterations: 1, maxDuration: `${CONNECT + SECONDS + 4 * SLACK}s` } },
  {
    frame_delay: ["p(99)<300"],
    frames_missed: ["count==0"],
    sockets_not_open_at_the_end: ["count==0"],
    bids_accepted: ["count>0"],
    "http_req_failed{name:bid}": ["rate==0"],
  },
);

// Signs users in beforehand and one at a time, so that hashing passwords does not add to the memory of the sockets.
export function setup() {
  for (let user = 1; user <= VUS; user++) warmUp([userAccount(user)]);
  const data = openCampaign({ seconds: SLACK + CONNECT + SECONDS + 60 });
  return { ...data, began: now(data) };
}
export const teardown = closeCampaign;

export default async function (data) {
  const at = (seconds) => pause(data.began + seconds * 1000 - now(data));
  const mine = share(VIEWERS, VUS, exec.vu.idInTest);
  const token = signIn(userAccount(exec.vu.idInTest));
  const watched = { price: "", answered: 0, left: 0 };
  const live = [];

  await at(SLACK);
  for (let n = 0; n < mine; n++) {
    live.push(new LiveFeed(data.campaign, { onFrame: (frame, socket) => look(watched, frame, socket) }));
    await at(SLACK + (CONNECT * (n + 1)) / mine);
  }
  const half = SLACK + CONNECT + SECONDS / 2;
  await bidUntil(half, data, token, watched, live);
  for (const socket of live) socket.reopen();
  await bidUntil(SLACK + CONNECT + SECONDS, data, token, watched, live);

  const good = live.filter((socket) => socket.open).length;
  open.add(good);
  closed.add(live.length - good);
  for (const socket of live) socket.close();
}

// The number of viewers of one virtual user.
function share(all, users, index) {
  return Math.floor((all * index) / users) - Math.floor((all * (index - 1)) / users);
}

// Bids whenever it is this virtual user's turn, and waits until its sockets have received the bid.
async function bidUntil(end, data, token, watched, live) {
  const turns = BIDS_PER_SECOND / VUS;
  for (;;) {
    const seconds = (now(data) - data.began) / 1000;
    const place = (exec.vu.idInTest - 1) / VUS;
    const next = (Math.floor(seconds * turns - place) + 1 + place) / turns;
    if (next >= end) break;
    await pause((next - seconds) * 1000);
    await bidAndWatch(data, token, watched, live);
  }
  await pause(end * 1000 - (now(data) - data.began));
}

async function bidAndWatch(data, token, watched, live) {
  // The price rises with time, so it leads, and is unique, so that frames with this bid can be found by their text.
  const cents = Math.floor(data.min_price + now(data) - data.began) * 100 + (exec.vu.idInTest % 100);
  const price = cents / 100;
  const waiting = live.filter((socket) => socket.open).length;
  Object.assign(watched, { price: `"price":${price}`, answered: 0, left: waiting, early: 0 });
  const answer = await bidAsync(token, data.campaign, price);
  watched.answered = Date.now();
  // Frames that arrived before the response count as no delay.
  for (; watched.early > 0; watched.early--) delay.add(0);
  if (answer.status !== 201) watched.left = 0;
  const patience = Date.now() + UNSEEN_MS_MAX;
  while (watched.left > 0 && Date.now() < patience) await pause(100);
  if (watched.left > 0) unseen.add(watched.left);
  watched.left = 0;
}

// Handles a frame of one of the sockets, without parsing it: thousands arrive per second.
function look(watched, frame, socket) {
  if (watched.left === 0 || socket.shown === watched.price || !frame.includes(watched.price)) return;
  socket.shown = watched.price;
  watched.left--;
  if (watched.answered) delay.add(Date.now() - watched.answered);
  else watched.early++;
}
