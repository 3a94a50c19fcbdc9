// Bundles the static site that the server serves, from the output of wasm-bindgen, style/ and public/.
//
//   node scripts/bundle-assets.mjs BUILD_DIR SITE_DIR
//
// Code and styles have a content hash in their names, so that browsers may cache them for ever; SITE_DIR/hash.txt tells
// the server the hashes, in the format that Leptos reads. Everything that compresses well gets a .br and a .gz beside
// it, so that the server never compresses static files itself.
//
// A running server never sees a partial site: each file is replaced atomically, hash.txt comes last, and the files of
// the previous hash.txt are kept for pages that are already open.

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import zlib from "node:zlib";

const NAME = "gavel";
const PKG = "pkg";
const HASHES = "hash.txt";
const COMPRESSIBLE = /\.(js|mjs|wasm|css|html|svg|json|webmanifest|txt|xml|ico|map)$/;
const COMPRESSIONS = { ".br": brotli, ".gz": gzip };

const [buildDir, siteDir] = process.argv.slice(2);
if (!siteDir) {
  console.error("usage: node scripts/bundle-assets.mjs BUILD_DIR SITE_DIR");
  process.exit(2);
}

function brotli(content) {
  return promisify(zlib.brotliCompress)(content, {
    params: {
      [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
      [zlib.constants.BROTLI_PARAM_LGWIN]: 24,
      [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
}

function gzip(content) {
  return promisify(zlib.gzip)(content, { level: 9 });
}

// All files below `dir`, as paths relative to it; none if it does not exist.
function filesBelow(dir) {
  if (!fs.existsSync(dir)) return [];
  return fs
    .readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath ?? entry.path, entry.name)))
    .filter((file) => !path.basename(file).startsWith("."))
    .sort();
}

function hash(content) {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

function hashedName(kind, digest) {
  return path.join(PKG, `${NAME}.${digest}.${kind}`);
}

// The styles concatenated in the order of their file names.
function styles() {
  const parts = filesBelow("style").filter((file) => file.endsWith(".css"));
  return Buffer.concat(parts.map((file) => Buffer.concat([fs.readFileSync(path.join("style", file)), Buffer.from("\n")])));
}

// The site as a map from path to content, without compressed copies and hash.txt, and the hashes of the hashed files.
function collect() {
  const site = new Map();
  for (const file of filesBelow("public")) site.set(file, fs.readFileSync(path.join("public", file)));
  // JavaScript snippets of dependencies, which the main script imports by relative paths.
  for (const file of filesBelow(path.join(buildDir, "snippets"))) {
    site.set(path.join(PKG, "snippets", file), fs.readFileSync(path.join(buildDir, "snippets", file)));
  }
  const wasm = fs.readFileSync(path.join(buildDir, `${NAME}_bg.wasm`));
  const css = styles();
  // The script has the name of its WASM file as a default.
  const script = fs
    .readFileSync(path.join(buildDir, `${NAME}.js`), "utf8")
    .replaceAll(`${NAME}_bg.wasm`, path.basename(hashedName("wasm", hash(wasm))));
  const hashed = { js: Buffer.from(script), wasm, css };
  const hashes = {};
  for (const [kind, content] of Object.entries(hashed)) {
    hashes[kind] = hash(content);
    site.set(hashedName(kind, hashes[kind]), content);
  }
  return { site, hashes };
}

// Compressed copies, where they are smaller.
async function compress(site) {
  const copies = new Map();
  const jobs = [...site]
    .filter(([file]) => COMPRESSIBLE.test(file))
    .flatMap(([file, content]) =>
      Object.entries(COMPRESSIONS).map(async ([suffix, run]) => {
        const copy = await run(content);
        if (copy.length < content.length) copies.set(file + suffix, copy);
      }),
    );
  await Promise.all(jobs);
  return copies;
}

// Replaces a file atomically, unless its content is the same.
function place(file, content) {
  const target = path.join(siteDir, file);
  if (fs.existsSync(target) && fs.readFileSync(target).equals(content)) return;
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.new`);
  fs.writeFileSync(temporary, content);
  fs.renameSync(temporary, target);
}

// The hashed files, and their compressed copies, of the site's current hash.txt.
function previousFiles() {
  const file = path.join(siteDir, HASHES);
  if (!fs.existsSync(file)) return [];
  const lines = fs.readFileSync(file, "utf8").trim().split("\n");
  const names = lines.map((line) => hashedName(...line.split(": ")));
  return names.flatMap((name) => [name, ...Object.keys(COMPRESSIONS).map((suffix) => name + suffix)]);
}

function report(site, copies) {
  const kilobytes = (content) => (content ? `${(content.length / 1000).toFixed(1)} kB` : "-").padStart(10);
  console.log(`${"".padEnd(36)}${"raw".padStart(10)}${"gzip".padStart(10)}${"brotli".padStart(10)}`);
  for (const [file, content] of site) {
    if (!file.startsWith(PKG)) continue;
    const sizes = [content, copies.get(`${file}.gz`), copies.get(`${file}.br`)];
    console.log(file.padEnd(36) + sizes.map(kilobytes).join(""));
  }
}

const { site, hashes } = collect();
const copies = await compress(site);
const keep = new Set([HASHES, ...previousFiles(), ...site.keys(), ...copies.keys()]);
// Compressed copies first: a server that picks one up early serves the same content as the original.
for (const [file, content] of [...copies, ...site]) place(file, content);
place(HASHES, Buffer.from(Object.entries(hashes).map(([kind, digest]) => `${kind}: ${digest}\n`).join("")));
for (const file of filesBelow(siteDir)) {
  if (!keep.has(file)) fs.rmSync(path.join(siteDir, file));
}
report(site, copies);
