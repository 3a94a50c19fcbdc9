// Starts a server with its own database, Redis prefix and port, and removes all of it afterwards. If GAVEL_E2E_URL and
// GAVEL_E2E_ADMIN name a server and its admin, the tests use that one instead (scripts/test-deployment.sh: servers
// behind a balancer).
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";

const ROOT = path.resolve(__dirname, "../..");
const START_MS_MAX = 30_000;
const STOP_MS_MAX = 40_000;

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run 'make test', or eval "$(scripts/local-services.sh env)" first`);
  return value;
}

function existing(variable: string, fallback: string): string {
  const file = path.resolve(process.env[variable] ?? path.join(ROOT, fallback));
  if (!fs.existsSync(file)) throw new Error(`${file} does not exist: build it, or set ${variable}`);
  return file;
}

// The password is in the environment, because other users can see arguments.
function psql(base: URL, statement: string) {
  const env = {
    ...process.env,
    PGHOST: base.hostname,
    PGPORT: base.port || "5432",
    PGUSER: decodeURIComponent(base.username),
    PGPASSWORD: decodeURIComponent(base.password),
    PGDATABASE: base.pathname.slice(1),
  };
  execFileSync("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement], { env, stdio: ["ignore", "ignore", "inherit"] });
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}

async function waitUntilReady(url: string, server: ChildProcess, log: string) {
  const deadline = Date.now() + START_MS_MAX;
  while (!(await isReady(url))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      throw new Error(`the server did not become ready:\n${fs.readFileSync(log, "utf8")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function end(server: ChildProcess) {
  if (server.exitCode !== null) throw new Error(`the server exited by itself, with code ${server.exitCode}`);
  const ended = once(server, "exit");
  server.kill("SIGTERM");
  const timer = setTimeout(() => server.kill("SIGKILL"), STOP_MS_MAX);
  const [code, signal] = await ended;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`the server did not shut down cleanly: code ${code}, signal ${signal}`);
}

// A server with its own database, which survives a stop.
export interface TestServer {
  url: string;
  admin: { email: string; password: string };
  start: () => Promise<void>;
  stop: () => Promise<void>;
  // Stops the server and drops its database.
  dispose: () => Promise<void>;
}

export async function launch(): Promise<TestServer> {
  const base = new URL(required("DATABASE_URL"));
  const gavel = existing("GAVEL_BIN", "target/debug/gavel");
  const name = `gavel_test_e2e_${randomBytes(6).toString("hex")}`;
  const database = new URL(base);
  database.pathname = `/${name}`;
  const port = await freePort();
  const admin = { email: "admin@e2e.test", password: randomBytes(12).toString("hex") };
  const env = {
    ...process.env,
    DATABASE_URL: database.href,
    REDIS_URL: required("REDIS_URL"),
    REDIS_PREFIX: `${name}:`,
    JWT_SECRET: randomBytes(32).toString("hex"),
    ADMIN_PASSWORD: admin.password,
    GAVEL_ENV: "development",
    DEMO_CROWD: "false",
    GAVEL_SITE_ROOT: existing("GAVEL_SITE_ROOT", "target/site"),
    HOST: "127.0.0.1",
    PORT: String(port),
  };
  const url = `http://127.0.0.1:${port}`;
  const results = path.join(__dirname, "../test-results");
  fs.mkdirSync(results, { recursive: true });
  const log = path.join(results, `server-${port}.log`);
  const run = (...args: string[]) => execFileSync(gavel, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  const drop = () => psql(base, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);

  let server: ChildProcess | undefined;
  const start = async () => {
    const output = fs.openSync(log, "a");
    server = spawn(gavel, ["serve"], { env, stdio: ["ignore", output, output] });
    await waitUntilReady(url, server, log);
  };
  const stop = async () => {
    const running = server;
    server = undefined;
    if (running) await end(running);
  };
  const dispose = async () => {
    try {
      await stop();
    } finally {
      drop();
    }
  };
  // An interrupted test run must not leave a server behind.
  process.on("exit", () => server?.kill("SIGKILL"));

  psql(base, `CREATE DATABASE ${name}`);
  try {
    run("migrate");
    run("create-admin", "--email", admin.email, "--username", "Admin");
    await start();
  } catch (error) {
    server?.kill("SIGKILL");
    drop();
    throw error;
  }
  return { url, admin, start, stop, dispose };
}

// Playwright calls this before all tests, and the function it returns after them.
export default async function globalSetup() {
  if (process.env.GAVEL_E2E_URL) return;
  const server = await launch();
  // Workers start after this and inherit the environment.
  process.env.GAVEL_E2E_URL = server.url;
  process.env.GAVEL_E2E_ADMIN = JSON.stringify(server.admin);
  return server.dispose;
}
