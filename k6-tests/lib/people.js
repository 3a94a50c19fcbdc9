// Who bids, and how.

import exec from "k6/execution";
import { signIn } from "./gavel.js";
import { userAccount } from "./settings.js";

// How a bidder raises: at most so much a time, and how many of a hundred are like that.
const TEMPERAMENTS = [
  { share: 50, step: 1 },
  { share: 35, step: 5 },
  { share: 15, step: 20 },
];

let me;

// The virtual user as a person: signed in at its first turn, with a temperament and a price that only rises.
export function bidder(minPrice) {
  if (!me) {
    const index = exec.vu.idInTest;
    me = { token: signIn(userAccount(index)), price: minPrice, step: temperament(index).step };
  }
  return me;
}

function temperament(index) {
  let place = (index * 37) % 100;
  return TEMPERAMENTS.find(({ share }) => (place -= share) < 0);
}

// The next price: never with more than two decimals.
export function raise(person) {
  person.price = Math.round((person.price + 0.01 + Math.random() * person.step) * 100) / 100;
  return person.price;
}
