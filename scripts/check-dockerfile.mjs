// Builds the Dockerfile without Docker: each stage in its own folder, by chroot. The base images are made locally:
// Debian with debootstrap, and the Rust image from that and this machine's toolchain.
//
//   sudo node scripts/check-dockerfile.mjs FOLDER
//
// The folder takes several gigabytes and is kept: a second run reuses the caches and continues after the last step that
// succeeded, as long as nothing before it has changed. With DATABASE_URL and REDIS_URL set, the image is also started.

import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "..");
const MIRROR = "http://deb.debian.org/debian";
const home = process.argv[2] && path.resolve(process.argv[2]);
if (!home || process.getuid() !== 0) {
  console.error("usage, as root: node scripts/check-dockerfile.mjs FOLDER");
  process.exit(2);
}

function run(command, ...args) {
  execFileSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
}

// A Dockerfile as [instruction, arguments] pairs: comments dropped, lines joined.
function parse(text) {
  return text
    .replace(/^\s*#.*\n/gm, "")
    .replace(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => /^(\w+)\s+(.*)$/.exec(line.trim()).slice(1));
}

// The build context: our .dockerignore excludes everything but the names after an exclamation mark.
function context() {
  const lines = fs.readFileSync(path.join(ROOT, ".dockerignore"), "utf8").split("\n");
  return lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
}

// Makes a minimal Debian in `tree`, with apt.
function debian(tree) {
  const base = path.join(home, "debian");
  if (!fs.existsSync(path.join(base, "etc/debian_version"))) run("debootstrap", "--variant=minbase", "bookworm", base, MIRROR);
  run("cp", "-a", base, tree);
  fs.copyFileSync("/etc/resolv.conf", path.join(tree, "etc/resolv.conf"));
}

// Makes the Rust image: a minimal Debian with a C compiler, certificates and the toolchain.
function rust(tree) {
  debian(tree);
  enter(tree, VARIABLES, "/", "apt-get update && apt-get install -y --no-install-recommends ca-certificates gcc libc6-dev");
  // This machine's certificates, which may include a proxy's.
  fs.copyFileSync("/etc/ssl/certs/ca-certificates.crt", path.join(tree, "etc/ssl/certs/ca-certificates.crt"));
  const toolchain = execFileSync("rustc", ["--print", "sysroot"], { encoding: "utf8" }).trim();
  run("mkdir", "-p", path.join(tree, "usr/local/cargo/bin"), path.join(tree, "usr/local/rustup"));
  run("cp", "-a", toolchain, path.join(tree, "usr/local/rustup/toolchain"));
  for (const program of fs.readdirSync(path.join(toolchain, "bin"))) {
    fs.symlinkSync(`/usr/local/rustup/toolchain/bin/${program}`, path.join(tree, "usr/local/cargo/bin", program));
  }
}

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const VARIABLES = { PATH: SYSTEM_PATH, HOME: "/root", ...network() };
const IMAGES = {
  "rust:1.95-bookworm": { make: rust, variables: { CARGO_HOME: "/usr/local/cargo", PATH: `/usr/local/cargo/bin:${SYSTEM_PATH}` } },
  "debian:bookworm-slim": { make: debian, variables: {} },
};

// Runs a command inside `tree`, with /proc and /dev as in Docker, and with cache mounts.
function enter(tree, variables, directory, command, caches = []) {
  const binds = caches.map(({ id, target }) => {
    fs.mkdirSync(path.join(tree, target), { recursive: true });
    fs.mkdirSync(path.join(home, "cache", id), { recursive: true });
    return `mount --bind "${home}/cache/${id}" "${tree}${target}" && `;
  });
  const inside = `${binds.join("")}mount -t proc proc "${tree}/proc" && mount --rbind /dev "${tree}/dev" && exec chroot "${tree}" /usr/bin/env -i "$@"`;
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  run("unshare", "--mount", "--fork", "bash", "-c", inside, "-", ...assignments, "bash", "-c", `cd ${directory} && ${command}`);
}

class Stage {
  constructor(image, name, stages) {
    this.tree = path.join(home, name);
    if (!IMAGES[image]) throw new Error(`this script cannot make the image ${image}`);
    this.variables = { ...VARIABLES, ...IMAGES[image].variables };
    this.directory = "/";
    this.stages = stages;
    this.image = image;
  }

  // Makes the tree from scratch.
  begin() {
    if (fs.existsSync(this.tree)) run("rm", "-rf", "--one-file-system", this.tree);
    IMAGES[this.image].make(this.tree);
  }

  ENV(text) {
    for (const [, name, value] of text.matchAll(/(\w+)=(\S+)/g)) this.variables[name] = value;
  }

  WORKDIR(directory) {
    this.directory = directory;
    fs.mkdirSync(path.join(this.tree, directory), { recursive: true });
  }

  COPY(text) {
    const words = text.split(/\s+/);
    const from = words[0].startsWith("--from=") ? this.stages[words.shift().slice(7)].tree : undefined;
    const to = words.pop();
    const target = path.join(this.tree, to.startsWith("/") ? to : path.join(this.directory, to));
    for (const source of words) this.copy(from, source, target, to.endsWith("/") || words.length > 1);
  }

  copy(from, source, target, isFolder) {
    if (from) {
      fs.mkdirSync(path.dirname(target), { recursive: true });
      return run("cp", "-a", path.join(from, source), target);
    }
    const names = source === "." ? context() : [source];
    for (const name of names) {
      const place = source === "." ? path.join(target, name) : isFolder ? path.join(target, path.basename(name)) : target;
      fs.mkdirSync(path.dirname(place), { recursive: true });
      // Only tracked files: builds leave others in the tree.
      const files = execFileSync("git", ["-C", ROOT, "ls-files", "--", name], { encoding: "utf8" }).split("\n").filter(Boolean);
      if (files.length === 0) throw new Error(`there is no ${name}`);
      for (const file of files) {
        const copy = path.join(place, path.relative(name, file));
        fs.mkdirSync(path.dirname(copy), { recursive: true });
        fs.copyFileSync(path.join(ROOT, file), copy);
      }
    }
  }

  RUN(text) {
    const caches = [...text.matchAll(/--mount=type=cache,id=(\S+?),target=(\S+)/g)].map(([, id, target]) => ({ id, target }));
    enter(this.tree, this.variables, this.directory, text.replace(/--mount=\S+/g, ""), caches);
  }

  USER(user) {
    this.user = user;
  }

  ENTRYPOINT(text) {
    this.entrypoint = JSON.parse(text);
  }

  HEALTHCHECK(text) {
    this.healthcheck = JSON.parse(text.slice(text.indexOf("CMD") + 3));
  }

  EXPOSE() {}
  CMD() {}

  // Starts a process as Docker would, as the image's user and with a read-only root.
  start(args, extra) {
    const [user, group] = this.user.split(":");
    const inside = `mount --bind "${this.tree}" "${this.tree}" && mount -o remount,ro,bind "${this.tree}" && mount --rbind /dev "${this.tree}/dev" && exec chroot --userspec=${user}:${group} "${this.tree}" /usr/bin/env -i "$@"`;
    const assignments = Object.entries({ ...this.variables, ...extra }).map(([name, value]) => `${name}=${value}`);
    return spawn("unshare", ["--mount", "bash", "-c", inside, "-", ...assignments, ...args], { stdio: ["ignore", "inherit", "inherit"] });
  }
}

// This machine's proxy settings.
function network() {
  const names = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];
  return Object.fromEntries(names.filter((name) => process.env[name]).map((name) => [name, process.env[name]]));
}

// A hash of what a step depends on: all steps before it, its text, and the files it copies.
function keyAfter(key, instruction, text) {
  const hash = createHash("sha256").update(`${key} ${instruction} ${text}`);
  if (instruction === "COPY" && !text.startsWith("--from")) {
    const names = text.split(/\s+/).slice(0, -1).flatMap((name) => (name === "." ? context() : [name]));
    hash.update(execFileSync("git", ["-C", ROOT, "ls-files", "-s", "--", ...names]));
  }
  return hash.digest("hex");
}

// Steps that change the tree; the others only change the state of a Stage, and run every time.
const LASTING = new Set(["COPY", "RUN"]);

function build() {
  const stages = {};
  let stage, key, file, done;
  for (const [instruction, text] of parse(fs.readFileSync(path.join(ROOT, "Dockerfile"), "utf8"))) {
    console.log(`\n==> ${instruction} ${text}`);
    if (instruction === "FROM") {
      const [image, , name = "runtime"] = text.split(/\s+/);
      stage = stages[name] = new Stage(image, name, stages);
      // A stage may copy from earlier ones, so it is rebuilt when they are.
      key = keyAfter(Object.values(stages).map((stage) => stage.key).join(), instruction, text);
      file = path.join(home, `${name}.done`);
      done = fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n") : [];
      if (done[0] !== key) {
        fs.rmSync(file, { force: true });
        stage.begin();
        done = [key];
      }
    } else {
      stage.key = key = keyAfter(key, instruction, text);
      if (!LASTING.has(instruction)) {
        stage[instruction](text);
        continue;
      }
      if (done.includes(key)) {
        console.log("cached");
        continue;
      }
      stage[instruction](text);
      done.push(key);
    }
    fs.writeFileSync(file, done.join("\n"));
  }
  return stage;
}

// Starts the image with the services at DATABASE_URL and REDIS_URL, and waits until its health check passes.
async function tryOut(image) {
  const settings = { DATABASE_URL: process.env.DATABASE_URL, REDIS_URL: process.env.REDIS_URL, REDIS_PREFIX: "gavel_image:", PORT: "3219", JWT_SECRET: randomBytes(32).toString("hex") };
  const [migrated] = await once(image.start([...image.entrypoint, "migrate"], settings), "exit");
  if (migrated !== 0) throw new Error("the image cannot migrate");
  const server = image.start([...image.entrypoint, "serve"], settings);
  try {
    for (let tries = 0; tries < 50; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      const [code] = await once(image.start(image.healthcheck, settings), "exit");
      if (code === 0) {
        console.log("\nThe image serves and is healthy.");
        return;
      }
    }
    throw new Error("the image does not become healthy");
  } finally {
    server.kill("SIGTERM");
    await once(server, "exit");
  }
}

fs.mkdirSync(home, { recursive: true });
const image = build();
run("du", "-sh", "--one-file-system", image.tree);
if (process.env.DATABASE_URL) await tryOut(image);
