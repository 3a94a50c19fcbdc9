// A client of Gavel's REST API. Tokens stay in the memory of the virtual user that got them: never in a URL, a tag or
// the data of setup(), so they do not end up in results.

import http from "k6/http";
import { sleep } from "k6";
import { Counter } from "k6/metrics";
import { BASE_URL } from "./environment.js";

const API = `${BASE_URL}/api/v1`;
const JSON_TYPE = { "Content-Type": "application/json" };
const SIGN_IN_TRIES = 10;

const accepted = new Counter("bids_accepted");
const kept = new Counter("bids_kept");
const refused = new Counter("bids_refused");
const unanswered = new Counter("bids_unanswered");

// `name` groups all URLs of one kind in the results; `statuses` are those that count as success.
function params(name, { token, statuses = [200], tags = {} } = {}) {
  const headers = token ? { ...JSON_TYPE, Authorization: `Bearer ${token}` } : JSON_TYPE;
  return { headers, tags: { name, ...tags }, responseCallback: http.expectedStatuses(...statuses) };
}

export function get(path, name, options) {
  return http.get(path.startsWith("/") ? BASE_URL + path : `${API}/${path}`, params(name, options));
}

export function post(path, body, name, options) {
  return http.post(`${API}/${path}`, JSON.stringify(body), params(name, options));
}

function signInRequest(account) {
  return ["POST", `${API}/auth/login`, JSON.stringify(account), params("sign in")];
}

// Returns a token. Retries when the server says so.
export function signIn(account) {
  for (let tries = 1; ; tries++) {
    const answer = http.request(...signInRequest(account));
    if (answer.status === 200) return answer.json("access_token");
    if (tries === SIGN_IN_TRIES || ![0, 429, 502, 503].includes(answer.status)) {
      throw new Error(`could not sign in as ${account.email}: ${answer.status} ${answer.error}`);
    }
    sleep(Number(answer.headers["Retry-After"] || 1) * (0.5 + Math.random()));
  }
}

// Signs accounts in beforehand, a few at a time, so that the server has their passwords cached.
export function warmUp(accounts) {
  for (let from = 0; from < accounts.length; from += 20) {
    const answers = http.batch(accounts.slice(from, from + 20).map(signInRequest));
    const failed = answers.find((answer) => answer.status !== 200);
    if (failed) throw new Error(`could not sign in: ${failed.status} ${failed.error}`);
  }
}

// The arguments of http.request or http.asyncRequest for a bid. `statuses` are further ones that the test expects.
export function bidRequest(token, campaign, price, { statuses = [], tags } = {}) {
  const body = JSON.stringify({ campaign_id: campaign, price });
  return ["POST", `${API}/bids`, body, params("bid", { token, statuses: [200, 201, ...statuses], tags })];
}

export function bid(token, campaign, price, options) {
  return count(http.request(...bidRequest(token, campaign, price, options)));
}

export async function bidAsync(token, campaign, price, options) {
  return count(await http.asyncRequest(...bidRequest(token, campaign, price, options)));
}

function count(answer) {
  if (answer.status === 201) accepted.add(1);
  else if (answer.status === 200) kept.add(1);
  else if (answer.status === 0) unanswered.add(1);
  else refused.add(1, { status: String(answer.status) });
  return answer;
}
