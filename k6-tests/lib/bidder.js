// The virtual user as a bidder, and how it raises its price.

import exec from "k6/execution";
import { signIn } from "./api-client.js";
import { userAccount } from "./environment.js";

// The most by which a bidder raises at a time, and the percentage of bidders who do.
const RAISES = [
  { share: 50, step: 1 },
  { share: 35, step: 5 },
  { share: 15, step: 20 },
];

let me;

// The bidder of this virtual user, which signs in at the first call and whose price only rises.
export function bidder(minPrice) {
  if (!me) {
    const index = exec.vu.idInTest;
    me = { token: signIn(userAccount(index)), price: minPrice, step: raiseOf(index).step };
  }
  return me;
}

function raiseOf(index) {
  let place = (index * 37) % 100;
  return RAISES.find(({ share }) => (place -= share) < 0);
}

// The next price, with at most two decimals.
export function raise(bidder) {
  bidder.price = Math.round((bidder.price + 0.01 + Math.random() * bidder.step) * 100) / 100;
  return bidder.price;
}
