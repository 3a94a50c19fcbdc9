// Many who watch: a storm of connections, frames to all of them while bids go on, and a storm of reconnections.
//
// A virtual user has many sockets, and now and then it bids: its own sockets then tell how long after the answer they
// showed the bid. Only one of them bids at a time.

import exec from "k6/execution";
import { Counter, Trend } from "k6/metrics";
import { closeCampaign, now, openCampaign } from "./lib/campaign.js";
import { bidAsync, signIn, warmUp } from "./lib/gavel.js";
import { Live, pause } from "./lib/live.js";
import { number, options as shared, userAccount } from "./lib/settings.js";

export { handleSummary } from "./lib/report.js";

const VIEWERS = number("VIEWERS", 1000);
const VUS = number("VUS", Math.max(1, Math.min(20, Math.ceil(VIEWERS / 50))));
// The storm of connections takes this long, then sockets are open this long, and after half of it all of them reconnect.
const CONNECT = number("CONNECT", Math.max(2, VIEWERS / 500));
const SECONDS = number("DURATION", 60);
const BIDS_PER_SECOND = number("RATE", 1);
const UNSEEN_MS_MAX = 10_000;
// Time to sign in and to hang up.
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

// Passwords are checked one at a time, and before: that takes memory which is not the sockets'.
export function setup() {
  for (let user = 1; user <= VUS; user++) warmUp([userAccount(user)]);
  const world = openCampaign({ seconds: SLACK + CONNECT + SECONDS + 60 });
  return { ...world, began: now(world) };
}
export const teardown = closeCampaign;

export default async function (world) {
  const at = (seconds) => pause(world.began + seconds * 1000 - now(world));
  const mine = share(VIEWERS, VUS, exec.vu.idInTest);
  const token = signIn(userAccount(exec.vu.idInTest));
  const watched = { price: "", answered: 0, left: 0 };
  const live = [];

  await at(SLACK);
  for (let n = 0; n < mine; n++) {
    live.push(new Live(world.campaign, { onFrame: (frame, socket) => look(watched, frame, socket) }));
    await at(SLACK + (CONNECT * (n + 1)) / mine);
  }
  const half = SLACK + CONNECT + SECONDS / 2;
  await bidUntil(half, world, token, watched, live);
  for (const socket of live) socket.reopen();
  await bidUntil(SLACK + CONNECT + SECONDS, world, token, watched, live);

  const good = live.filter((socket) => socket.open).length;
  open.add(good);
  closed.add(live.length - good);
  for (const socket of live) socket.close();
}

// How many of all viewers are those of one virtual user.
function share(all, users, index) {
  return Math.floor((all * index) / users) - Math.floor((all * (index - 1)) / users);
}

// Bids when it is this one's turn, and waits until its sockets have shown it.
async function bidUntil(end, world, token, watched, live) {
  const turns = BIDS_PER_SECOND / VUS;
  for (;;) {
    const seconds = (now(world) - world.began) / 1000;
    const place = (exec.vu.idInTest - 1) / VUS;
    const next = (Math.floor(seconds * turns - place) + 1 + place) / turns;
    if (next >= end) break;
    await pause((next - seconds) * 1000);
    await bidAndWatch(world, token, watched, live);
  }
  await pause(end * 1000 - (now(world) - world.began));
}

async function bidAndWatch(world, token, watched, live) {
  // Rising with time, and the same for nobody else: it leads, and frames that hold it can be told by their text.
  const cents = Math.floor(world.min_price + now(world) - world.began) * 100 + (exec.vu.idInTest % 100);
  const price = cents / 100;
  const waiting = live.filter((socket) => socket.open).length;
  Object.assign(watched, { price: `"price":${price}`, answered: 0, left: waiting, early: 0 });
  const answer = await bidAsync(token, world.campaign, price);
  watched.answered = Date.now();
  // Frames that came before the answer count as at once.
  for (; watched.early > 0; watched.early--) delay.add(0);
  if (answer.status !== 201) watched.left = 0;
  const patience = Date.now() + UNSEEN_MS_MAX;
  while (watched.left > 0 && Date.now() < patience) await pause(100);
  if (watched.left > 0) unseen.add(watched.left);
  watched.left = 0;
}

// A frame of one of the sockets. It is not parsed: thousands of them come in a second.
function look(watched, frame, socket) {
  if (watched.left === 0 || socket.shown === watched.price || !frame.includes(watched.price)) return;
  socket.shown = watched.price;
  watched.left--;
  if (watched.answered) delay.add(Date.now() - watched.answered);
  else watched.early++;
}
