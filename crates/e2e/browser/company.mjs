// A company for a test: the platform's stand-in with its people, the program over a folder of its own, and what people
// do there without a browser.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const programs = process.env.PROGRAMS;
const run = promisify(execFile);

/** Asks until there is an answer. */
export async function eventually(what, look) {
  const end = Date.now() + 240_000;
  while (Date.now() < end) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`never came: ${what}`);
}

/** An address of this machine at which nobody listens, for a program that has to know its own before it starts. */
export async function freeAddress() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return `127.0.0.1:${port}`;
}

/** The first line of a program's output in which something is found. */
function lineOf(child, find) {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (text) => { said = (said + text).slice(-4_000); });
    child.once("exit", (code) => reject(new Error(`${child.spawnfile} ended with ${code}:\n${said}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = find(line);
      if (found) resolve(found);
    });
  });
}

export class Company {
  /** Starts the stand-in of this scenario, and the program with these settings (names without MINUTES_VAULT_). */
  static async open(scenario, settings) {
    const company = new Company();
    /** Cookies of people who have signed in, by their names. */
    company.sessions = new Map();
    company.folder = await mkdtemp(join(tmpdir(), "browser-test-"));
    company.sim = spawn(join(programs, "feishu-sim"), ["serve", "--scenario", scenario, "--seed", "7"]);
    company.ready = JSON.parse(await lineOf(company.sim, (line) => line.startsWith("{") && line));
    const resolved = typeof settings === "function" ? settings((name) => company.person(name)) : settings;
    const ours = Object.entries({
      FEISHU_APP_ID: company.ready.app_id,
      FEISHU_APP_SECRET: company.ready.app_secret,
      FEISHU_OPEN_BASE_URL: company.ready.api_base,
      FEISHU_ACCOUNTS_BASE_URL: company.ready.accounts_base,
      FEISHU_ALLOW_PRIVATE_MEDIA: "true",
      EVENTS_ENCRYPT_KEY: company.ready.encrypt_key,
      EVENTS_VERIFICATION_TOKEN: company.ready.verification_token,
      SERVER_LISTEN: "127.0.0.1:0",
      LANGUAGE: "zh",
      PATROL_INTERVAL: "30s",
      ARCHIVE_BACKFILL_SINCE: "60d",
      RETRY_NOT_READY: "1s/1h",
      RETRY_TROUBLE: "1s/60s",
      ...resolved,
    });
    const theirs = Object.entries(process.env).filter(([name]) => !name.startsWith("MINUTES_VAULT_"));
    company.env = Object.fromEntries([...theirs, ...ours.map(([name, value]) => [`MINUTES_VAULT_${name}`, value])]);
    company.vault = spawn(join(programs, "minutes-vault"), ["serve"], { cwd: company.folder, env: company.env });
    let first;
    company.site = await lineOf(company.vault, (line) => {
      first ??= line.match(/http:\/\/\S+\?first=\S+/)?.[0];
      // The last line that is said, but for how events come.
      return line.includes("/webhook/event") && line.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0];
    });
    company.firstLink = first;
    return company;
  }

  async close() {
    for (const child of [this.vault, this.sim]) {
      if (child.exitCode !== null) continue;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** The open_id of the person of this name. */
  person(name) {
    const user = this.ready.users.find((user) => user.name === name);
    if (!user) throw new Error(`nobody is called ${name}`);
    return user.open_id;
  }

  /** A control call of the stand-in. */
  async control(method, path, body) {
    const answer = await fetch(`${this.ready.api_base}/_sim/${path}`, { method, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** From now on the platform posts its events to the program. */
  async postEvents() {
    await this.control("POST", "webhook", { url: `${this.site}/webhook/event`, check: true });
  }

  /** Presses the authorisation page's button and allows, as somebody of this open_id. */
  async authorise(openId) {
    const start = await fetch(`${this.site}/auth/start`, { headers: { accept: "text/html" } });
    const cookies = start.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
    const button = (await start.text()).match(/href="([^"]*\/authen\/[^"]*)"/)[1];
    const authorize = new URL(button.replaceAll("&#38;", "&").replaceAll("&amp;", "&"));
    const form = new URLSearchParams([...authorize.searchParams, ["open_id", openId], ["decision", "allow"]]);
    const decided = await fetch(authorize.origin + authorize.pathname, { method: "POST", body: form, redirect: "manual" });
    const back = await fetch(decided.headers.get("location"), { headers: { cookie: cookies, accept: "text/html" } });
    if (!back.ok) throw new Error(`${openId} could not authorise: ${back.status}`);
  }

  /** Somebody makes a recording, and the platform tells of it; its minute_token. */
  async record(minute) {
    const { token } = await this.control("POST", "minutes", { announce: "recording_ready", ...minute });
    await this.control("POST", `minutes/${token}/announce`, {});
    return token;
  }

  /** What a command of the program prints as JSON. */
  async ask(...words) {
    const { stdout } = await run(join(programs, "minutes-vault"), words, { cwd: this.folder, env: this.env, maxBuffer: 1 << 26 });
    return words.includes("--jsonl") ? stdout.trim().split("\n").map((line) => JSON.parse(line)) : JSON.parse(stdout);
  }

  /** Waits until this recording has been archived. */
  archived(token) {
    return eventually(`${token}, archived`, async () => {
      const show = await this.ask("recordings", "show", token, "--json").catch(() => ({}));
      return show.state === "archived";
    });
  }
}
