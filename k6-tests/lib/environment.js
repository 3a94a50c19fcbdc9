// Settings from environment variables, which README.md lists.

export function text(name, fallback) {
  const value = __ENV[name];
  return value === undefined || value === "" ? fallback : value;
}

export function number(name, fallback) {
  const value = Number(text(name, fallback));
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} must be a number, not "${__ENV[name]}"`);
  return value;
}

export const BASE_URL = text("BASE_URL", "http://localhost:3000").replace(/\/+$/, "");
export const SOCKET_URL = BASE_URL.replace(/^http/, "ws");

const ADMIN = { email: text("ADMIN_EMAIL", "admin@test.com"), password: text("ADMIN_PASSWORD", "admin123") };
const USER_EMAIL = text("USER_EMAIL", "user%@test.com");
const USER_PASSWORD = text("USER_PASSWORD", "password123");

// Accounts that exist on the server.
export const USERS = number("USERS", 1000);

export function adminAccount() {
  return ADMIN;
}

// The account of a virtual user, counted from 1; wraps around after the last account.
export function userAccount(index) {
  const id = String(((index - 1) % USERS) + 1).padStart(4, "0");
  return { email: USER_EMAIL.replace("%", id), password: USER_PASSWORD };
}

// Options that all scripts share. LATENCY_LIMITS=off drops the latency thresholds, to test the scripts themselves.
export function options(scenarios, thresholds) {
  const wanted = { checks: ["rate==1"], ...thresholds };
  if (text("LATENCY_LIMITS", "on") === "off") {
    for (const name of Object.keys(wanted)) if (/duration|delay|dropped/.test(name)) delete wanted[name];
  }
  return {
    scenarios,
    thresholds: wanted,
    setupTimeout: "5m",
    teardownTimeout: "2m",
    summaryTrendStats: ["min", "avg", "med", "p(90)", "p(95)", "p(99)", "p(99.9)", "max"],
    // Without "url", which would make a time series of every URL. k6 lists no checks without "group".
    systemTags: ["scenario", "status", "method", "name", "group", "check", "error_code", "expected_response"],
    insecureSkipTLSVerify: text("INSECURE_TLS", "") !== "",
  };
}
