// Titles, names and transcripts of somebody who means ill change nothing but the text.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Person } from "./browser.mjs";

const TRICKS = [
  "<script>alert(1)</script>",
  "\"><img src=x onerror=alert(2)>",
  "\u{202e}\u{2066}右到左 gnp.exe\u{2067}",
  "长".repeat(300),
  "X".repeat(300),
  "👨‍👩‍👧‍👦🇨🇳🏴‍☠️ e\u{0301}\u{0302}\u{0303}",
  "</bdi></li></ol><h1>假标题</h1>{{7*7}} javascript:alert(3)",
];

export const HOSTILE = {
  person: { name: "<b onmouseover=alert(4)>小强\u{202e}</b>", authorises: true },
  minute: {
    title: TRICKS.join(" "),
    transcript: TRICKS,
    artifacts: {
      summary: TRICKS.join("\n"),
      chapters: TRICKS,
      todos: TRICKS.map((trick) => [trick, [trick]]),
      keywords: TRICKS,
    },
  },
};

/** The same with plain words. */
export const TWIN = {
  title: "普通的会议",
  transcript: TRICKS.map((_, line) => `普通的第 ${line + 1} 句`),
  artifacts: {
    summary: TRICKS.map((_, line) => `普通的第 ${line + 1} 段`).join("\n"),
    chapters: TRICKS.map((_, line) => `普通的第 ${line + 1} 章`),
    todos: TRICKS.map((_, line) => [`普通的第 ${line + 1} 件事`, ["小明"]]),
    keywords: ["普通"],
  },
};

/** A page's elements without its texts. */
const skeleton = (page) => page.evaluate(() => [...document.querySelectorAll("body *")].map((element) => element.tagName).join(" "));

export function hostile(house) {
  test("a hostile recording's page is built like a plain one's", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.auditor);
    const { page } = it;
    await it.visit(`/recordings/${house.twin}`);
    const plain = await skeleton(page);
    await it.visit(`/recordings/${house.hostile}`);
    assert.equal(await skeleton(page), plain);
    assert.equal((await page.locator("h1").textContent()).trim(), HOSTILE.minute.title);
    const lines = await page.locator("#transcript .words").allTextContents();
    assert.deepEqual(lines.map((line) => line.trim()), TRICKS.map((trick) => trick.trim()));
    await it.close();
  });

  test("no page runs, breaks or widens for it, at the desk or on a phone", async () => {
    const { browser, company, roles } = house;
    for (const [role, paths] of [
      ["auditor", [`/recordings/${house.hostile}`, "/recordings?sort=title", "/recordings?view=cards", "/search?q=%E5%81%87%E6%A0%87%E9%A2%98", "/search?q=alert", "/audit"]],
      ["administrator", ["/recordings", "/queue", "/people", "/coverage", "/overview", "/sessions"]],
    ]) {
      for (const phone of [false, true]) {
        const it = await Person.at(browser, company, { phone });
        await it.enter(roles[role]);
        for (const path of paths) {
          assert.equal(await it.visit(path), 200);
          await it.isCalm(`${path}${phone ? " on a phone" : ""}`);
          assert.equal(await it.page.locator("script:not([src]), img[src='x'], [onerror], [onmouseover], h1:not(:first-of-type)").count(), 0, path);
        }
        await it.close();
      }
    }
  });
}
