// The search: from two characters to the second at which they were said.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Person } from "./browser.mjs";
import { eventually } from "./company.mjs";
import { until } from "./player.mjs";

export function search(house) {
  const indexed = (it) => eventually("the index", async () => {
    await it.visit("/search");
    return !(await it.page.getByText("仍在建立索引").isVisible());
  });

  test("two characters, Enter, and it plays; n goes to the next place, also in another recording", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.member);
    const { page } = it;
    await indexed(it);
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

  test("a place that was found shows who said it and when, and what was said before and after", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.member);
    const { page } = it;
    await indexed(it);
    for (const [sought, title, ...shown] of [
      ["上个季度", "产品周会",
        "大家好，我们先过一遍 Q4 的规划。", "0:04 王芳 第一件事是预算，上个季度超了百分之八。", "数据库迁移放到十二月，不影响双十一。"],
      ["open points", "大客户谈判",
        "大家好，我们开始今天的会议。", "0:04 周杰 Let's go through the open points.", "好的，会后我发纪要。"],
      // Nothing comes before the first sentence, and nothing after the last.
      ["先过一遍", "产品周会", "0:00 王芳 大家好，我们先过一遍 Q4 的规划。", "第一件事是预算，上个季度超了百分之八。"],
      ["发到群里", "产品周会", "中文GPT5 的接入，由李娜出方案。", "0:16 王芳 好，下周三之前把排期发到群里。"],
      // Notes are said by nobody.
      ["预算明细", "产品周会", "纪要 整理上季度的预算明细"],
    ]) {
      await it.visit(`/search?q=${encodeURIComponent(sought)}`);
      const places = page.locator(".group", { hasText: title }).locator(".places p");
      assert.deepEqual(await places.allInnerTexts(), shown, sought);
    }
    await it.isCalm("what was said before and after");
    await it.close();
  });

  test("an input method's Enter sends nothing, and its other keys do nothing", async () => {
    const { browser, company, roles, minute } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.member);
    const { page } = it;
    const session = await it.context.newCDPSession(page);
    // What a page does something with, it keeps from the browser.
    const isTaken = (key, how) => page.evaluate(([key, how]) => {
      const event = new KeyboardEvent("keydown", { key, ...how, bubbles: true, cancelable: true });
      return !document.activeElement.dispatchEvent(event);
    }, [key, how]);
    const composing = { keyCode: 229, isComposing: true };
    for (const path of ["/recordings", "/search"]) {
      await it.visit(path);
      await page.locator("#q").focus();
      await session.send("Input.imeSetComposition", { text: "yusuan", selectionStart: 6, selectionEnd: 6 });
      assert.equal(await page.locator("#q").inputValue(), "yusuan");
      assert.equal(await isTaken("Enter", composing), true, `${path}: it sends nothing`);
      for (const key of "/?nk") assert.equal(await isTaken(key, composing), false, `${path} ${key}`);
    }
    await session.send("Input.insertText", { text: "数据" });
    assert.equal(new URL(page.url()).search, "");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/search?q=*");
    assert.match(await page.locator("[role=status]").textContent(), /2 条录制/);

    // Nor outside a field. Some browsers tell it by the number alone.
    for (const [path, keys] of [["/search?q=%E9%A2%84%E7%AE%97", "/?n"], [`/recordings/${minute("产品周会")}`, "/?nk"]]) {
      await it.visit(path);
      for (const how of [composing, { isComposing: true }, { keyCode: 229 }]) {
        for (const key of keys) assert.equal(await isTaken(key, how), false, `${path} ${key} ${JSON.stringify(how)}`);
      }
      assert.ok(page.url().endsWith(path), page.url());
      assert.equal(await page.locator("dialog#keys").isVisible(), false);
      assert.equal(await isTaken(keys.at(-1), {}), true, `${path}: the same key by itself`);
    }
    await it.close();
  });
}
