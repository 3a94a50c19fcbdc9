// Samples the CPU time and memory of processes once a second until SIGTERM, then prints and writes a summary.
//
//   node scripts/sample-cpu-memory.mjs FILE.json NAME=PID...

import fs from "node:fs";
import { execFileSync } from "node:child_process";

const INTERVAL_MS = 1000;
const [file, ...wanted] = process.argv.slice(2);
const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"]));
const processes = wanted.map((entry) => {
  const [name, pid] = entry.split("=");
  return { name, pid, samples: [] };
});

// CPU time in seconds and resident memory in bytes, or undefined if the process has exited.
function sample(pid) {
  try {
    // The process name, in parentheses, may contain spaces and parentheses.
    const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
    if (!resident) return undefined;
    return { at: Date.now(), cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND, rss: Number(resident[1]) * 1024 };
  } catch {
    return undefined;
  }
}

function sampleAll() {
  for (const { pid, samples } of processes) {
    const seen = sample(pid);
    if (seen) samples.push(seen);
  }
}

const megabytes = (bytes) => Math.round(bytes / 1e5) / 10;
const percent = (from, to) => Math.round((100 * (to.cpu - from.cpu)) / Math.max(0.001, (to.at - from.at) / 1000));

function summary({ name, samples }) {
  const [first, last] = [samples[0], samples.at(-1)];
  // Per sample: seconds since the start, percent of one core since the previous sample, and memory.
  const course = samples.slice(1).map((now, i) => ({
    second: Math.round((now.at - first.at) / 1000),
    cpu_percent: percent(samples[i], now),
    rss_mb: megabytes(now.rss),
  }));
  return {
    name,
    cpu_percent: percent(first, last),
    cpu_percent_max: Math.max(...course.map(({ cpu_percent }) => cpu_percent)),
    rss_mb_first: megabytes(first.rss),
    rss_mb_max: Math.max(...course.map(({ rss_mb }) => rss_mb)),
    course,
  };
}

function finish() {
  const rows = processes.filter(({ samples }) => samples.length > 1).map(summary);
  console.log("\nProcesses (percent of one core, resident memory)");
  for (const { name, cpu_percent, cpu_percent_max, rss_mb_first, rss_mb_max } of rows) {
    console.log(`  ${name.padEnd(8)} CPU ${cpu_percent} %, at most ${cpu_percent_max} %; memory ${rss_mb_first} MB at first, at most ${rss_mb_max} MB`);
  }
  fs.writeFileSync(file, JSON.stringify(rows, null, 1));
  process.exit(0);
}

process.on("SIGTERM", finish);
sampleAll();
setInterval(sampleAll, INTERVAL_MS);
