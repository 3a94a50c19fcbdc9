// Runs the three programs of the quick start in docs/api.md against a running server.
//
//   node scripts/test-api-examples.mjs URL
//
// It signs in as an admin, creates a product and a campaign that is live, and runs each program as a process of its
// own with an increasing price. A program that does not exit with 0 fails the test, and its output is shown. The
// campaign is cancelled and the product withdrawn afterwards. GAVEL_EMAIL and GAVEL_PASSWORD are a bidder's,
// GAVEL_ADMIN_EMAIL and GAVEL_ADMIN_PASSWORD an admin's.

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const DOCUMENT = path.resolve(import.meta.dirname, "../docs/api.md");
const TIME_LIMIT_MS = 30_000;
const FIRST_PRICE = 1000;
const CAMPAIGN_MS = 10 * 60_000;
// Node has WebSocket from version 22 on, and version 20 with this flag.
const NODE_FLAGS = typeof WebSocket === "undefined" ? ["--experimental-websocket", "--no-warnings"] : [];
const PROGRAMS = [
  { language: "sh", file: "bid.sh", command: "sh", flags: [] },
  { language: "js", file: "bid.mjs", command: process.execPath, flags: NODE_FLAGS },
  { language: "python", file: "bid.py", command: "python3", flags: [] },
];

const url = process.argv[2]?.replace(/\/+$/, "");
const { GAVEL_EMAIL, GAVEL_PASSWORD, GAVEL_ADMIN_EMAIL, GAVEL_ADMIN_PASSWORD } = process.env;
if (!url || !GAVEL_EMAIL || !GAVEL_PASSWORD || !GAVEL_ADMIN_EMAIL || !GAVEL_ADMIN_PASSWORD) {
  console.error("usage: node scripts/test-api-examples.mjs URL");
  console.error("GAVEL_EMAIL, GAVEL_PASSWORD, GAVEL_ADMIN_EMAIL and GAVEL_ADMIN_PASSWORD must be set");
  process.exit(2);
}

// The block of the document whose info string is "LANGUAGE example".
function program(document, language) {
  const blocks = [...document.matchAll(new RegExp(`^\`\`\`${language} example\\n([\\s\\S]*?)^\`\`\`$`, "gm"))];
  if (blocks.length !== 1) throw new Error(`docs/api.md has ${blocks.length} blocks "${language} example", not one`);
  return blocks[0][1];
}

async function request(method, resource, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(`${url}/api/v1${resource}`, { method, headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${resource}: ${response.status} ${text}`);
  return { answer: JSON.parse(text), date: response.headers.get("date") };
}

// Runs a program in a process group of its own, so that nothing it has started outlives the time limit.
function run({ command, flags }, file, env) {
  return new Promise((resolve) => {
    const child = spawn(command, [...flags, file], { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    const timer = setTimeout(() => {
      output += `\nstopped after ${TIME_LIMIT_MS / 1000} s\n`;
      process.kill(-child.pid, "SIGKILL");
    }, TIME_LIMIT_MS);
    child.on("error", (error) => {
      clearTimeout(timer);
      resolve({ code: error.code, output: error.message });
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? signal, output });
    });
  });
}

const document = fs.readFileSync(DOCUMENT, "utf8");
const sources = PROGRAMS.map(({ language }) => program(document, language));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "gavel-api-examples-"));
let admin;
let product;
let campaign;
let failures = 0;
try {
  const session = await request("POST", "/auth/login", { email: GAVEL_ADMIN_EMAIL, password: GAVEL_ADMIN_PASSWORD });
  admin = session.answer.access_token;
  // By the server's clock, which may differ from this machine's.
  const now = Date.parse(session.date);
  const lamp = { name: "Lamp of the API examples", stock: 2, min_price: 1 };
  product = (await request("POST", "/products", lamp, admin)).answer;
  const schedule = {
    product_id: product.product_id,
    start_time: new Date(now - 1000).toISOString(),
    end_time: new Date(now + CAMPAIGN_MS).toISOString(),
  };
  campaign = (await request("POST", "/campaigns", schedule, admin)).answer;

  for (const [index, entry] of PROGRAMS.entries()) {
    const file = path.join(folder, entry.file);
    fs.writeFileSync(file, sources[index]);
    const price = FIRST_PRICE + 100 * index;
    const started = performance.now();
    const { code, output } = await run(entry, file, {
      PATH: process.env.PATH,
      GAVEL_URL: url,
      GAVEL_EMAIL,
      GAVEL_PASSWORD,
      GAVEL_CAMPAIGN: campaign.campaign_id,
      GAVEL_PRICE: String(price),
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (code === 0) {
      console.log(`ok      ${entry.language}: bid ${price} in ${seconds} s`);
    } else {
      failures += 1;
      console.log(`FAILED  ${entry.language}: exit ${code} after ${seconds} s\n${output}`);
    }
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
  if (campaign) {
    await request("POST", `/campaigns/${campaign.campaign_id}/cancel`, { reason: "The examples have run." }, admin);
  }
  if (product) await request("PATCH", `/products/${product.product_id}`, { status: "inactive" }, admin);
}
process.exit(failures === 0 ? 0 : 1);
