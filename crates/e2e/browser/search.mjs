// The search: from two characters to the second at which they were said.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Person } from "./browser.mjs";
import { eventually } from "./company.mjs";
import { until } from "./player.mjs";

export function search(house) {
  test("two characters, Enter, and it plays; n goes to the next place, also in another recording", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.member);
    const { page } = it;
    await eventually("the index", async () => {
      await it.visit("/search");
      return !(await page.getByText("仍在建立索引").isVisible());
    });
    await it.visit("/recordings");
    await page.locator("#q").fill("预算");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/search?q=*");
    assert.match(await page.locator("[role=status]").textContent(), /2 条录制/);
    assert.deepEqual(new Set(await page.locator("mark").allTextContents()), new Set(["预算"]));
    assert.match(await page.locator("a.place:focus").textContent(), /预算/);
    await page.keyboard.press("n");
    await page.keyboard.press("p");
    const first = new URL(await page.locator("a.place:focus").evaluate((link) => link.href));
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === first.pathname);
    const second = Number(first.searchParams.get("t"));
    await until(page, `!media.paused && media.currentTime > ${second}`);
    assert.ok((await page.locator("#transcript .hit mark").allTextContents()).every((text) => text === "预算"));
    for (let steps = 0; new URL(page.url()).pathname === first.pathname && steps < 5; steps += 1) {
      const before = page.url();
      const at = await page.evaluate(() => document.getElementById("media").currentTime);
      await page.keyboard.press("n");
      await page.waitForFunction(([url, was]) => location.href !== url || document.getElementById("media").currentTime > was + 0.2, [before, at]);
      await page.waitForLoadState();
    }
    const next = new URL(page.url());
    assert.notEqual(next.pathname, first.pathname, "the other recording");
    await until(page, `!media.paused && media.currentTime > ${next.searchParams.get("t")}`);
    await it.isCalm("a place that was found");
    await it.close();
  });

  test("an input method's Enter sends nothing", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.member);
    const { page } = it;
    const session = await it.context.newCDPSession(page);
    for (const path of ["/recordings", "/search"]) {
      await it.visit(path);
      await page.locator("#q").focus();
      await session.send("Input.imeSetComposition", { text: "yusuan", selectionStart: 6, selectionEnd: 6 });
      assert.equal(await page.locator("#q").inputValue(), "yusuan");
      const isSent = await page.locator("#q").evaluate((field) => {
        const event = new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, isComposing: true, bubbles: true, cancelable: true });
        return field.dispatchEvent(event);
      });
      assert.equal(isSent, false, path);
    }
    await session.send("Input.insertText", { text: "数据" });
    assert.equal(new URL(page.url()).search, "");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/search?q=*");
    assert.match(await page.locator("[role=status]").textContent(), /2 条录制/);
    await it.close();
  });
}
