// The browser: one window a person, each with a watch over what must never happen on any page.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Over the wire, at somebody's first visit; what is played is not part of a page. */
const HEAVIEST_BYTES = 150 * 1024;

// What has moved by itself, and what the policy forbade; told by the browser itself.
const watch = () => {
  window.shifts = [];
  window.forbidden = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      // Within the browser's own controls of media there is no node of ours.
      const moved = entry.sources.filter(({ node }) => node).map(({ node }) => node.outerHTML?.slice(0, 80) ?? node.nodeName);
      if (!entry.hadRecentInput && moved.length > 0) window.shifts.push(`${entry.value} ${moved.join(", ")}`);
    }
  }).observe({ type: "layout-shift", buffered: true });
  document.addEventListener("securitypolicyviolation", (event) => {
    window.forbidden.push(`${event.violatedDirective} ${event.blockedURI}`);
  });
};

export const openBrowser = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // As root there is no sandbox; a container's /dev/shm is small.
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--mute-audio"],
});

/** Somebody's browser. */
export class Person {
  /** `looks`: language, theme, size. */
  static async at(browser, company, looks = {}) {
    const person = new Person();
    person.company = company;
    person.complaints = [];
    person.context = await browser.newContext({
      baseURL: company.site,
      locale: looks.language ?? "zh-CN",
      colorScheme: looks.theme ?? "light",
      viewport: looks.phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
      hasTouch: Boolean(looks.phone),
      reducedMotion: "reduce",
      permissions: ["clipboard-read", "clipboard-write"],
      timezoneId: "Asia/Shanghai",
    });
    person.context.setDefaultTimeout(30_000);
    await person.context.addInitScript(watch);
    // The platform's authorize page is where people sign in; no other place outside is ever asked for anything.
    person.context.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      const isKnown = origin === company.site || (origin === company.ready.accounts_base && request.isNavigationRequest());
      if (!isKnown && !["data:", "blob:"].includes(protocol)) person.complaints.push(`asked ${request.url()}`);
    });
    person.context.on("response", (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.startsWith("/static/") && !response.ok()) person.complaints.push(`${pathname}: ${response.status()}`);
    });
    person.page = await person.context.newPage();
    person.page.on("pageerror", (error) => person.complaints.push(`a script broke: ${error}`));
    person.page.on("dialog", (dialog) => {
      person.complaints.push(`a dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    return person;
  }

  /** Signs in through the platform's page, as somebody of this name; where that leads. */
  async signIn(name, start = "/auth/sign-in") {
    const { page, company } = this;
    await page.goto(start);
    await page.locator(".button").click();
    await page.locator(`input[value="${company.person(name)}"]`).check();
    await page.locator('button[value="allow"]').click();
    await page.waitForURL((url) => url.origin === company.site && !url.pathname.startsWith("/auth/"));
    return new URL(page.url()).pathname;
  }

  /** Comes with a session of this person: their first visit signs in, later ones bring its cookie. */
  async enter(name) {
    const known = this.company.sessions.get(name);
    if (known) {
      await this.context.addCookies([known]);
    } else {
      await this.signIn(name);
      const cookies = await this.context.cookies();
      this.company.sessions.set(name, cookies.find((cookie) => cookie.name === "mv_session"));
    }
    await this.visit("/recordings");
  }

  /** Opens a page, to the end of what it loads. */
  async visit(path) {
    const answer = await this.page.goto(path, { waitUntil: "load" });
    await this.page.evaluate(() => document.fonts.ready);
    return answer.status();
  }

  /** What no page may ever do. */
  async isCalm(where) {
    const seen = await this.page.evaluate(() => ({
      shifts: window.shifts,
      forbidden: window.forbidden,
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      // The key of a text instead of the text.
      keys: document.body.innerText.match(/\b(nav|step|check|health|library|player|search|column|overview|queue|people|coverage|audit|notice|config|sessions|keys|said|theme|verb|role|state)-[a-z]+(-[a-z]+)*\b/g) ?? [],
    }));
    assert.deepEqual(this.complaints, [], where);
    assert.deepEqual(seen, { shifts: [], forbidden: [], wide: 0, keys: [] }, where);
  }

  /** No serious finding of axe. */
  async isAccessible(where) {
    // The page's own policy lets no foreign script in; this way asks nobody.
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    const serious = violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`);
    assert.deepEqual(serious, [], where);
  }

  /** Bytes that this page costs a browser which has never been here. */
  async weigh(path) {
    const session = await this.context.newCDPSession(this.page);
    await session.send("Network.enable");
    await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    const kinds = new Map();
    let bytes = 0;
    session.on("Network.responseReceived", ({ requestId, type }) => kinds.set(requestId, type));
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (kinds.get(requestId) !== "Media") bytes += encodedDataLength;
    });
    await this.page.goto(path, { waitUntil: "load" });
    await session.detach();
    assert.ok(bytes > 1_000, `${path}: nothing was weighed`);
    assert.ok(bytes <= HEAVIEST_BYTES, `${path} weighs ${bytes} bytes`);
    return bytes;
  }

  close() {
    return this.context.close();
  }
}
