// The queue, live: a recording arrives while somebody watches, and waits when they say so.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Person } from "./browser.mjs";
import { eventually } from "./company.mjs";

export function queue(house) {
  test("a part that is live says so when it is not any more", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.administrator);
    const { page } = it;
    await page.route("**/queue/live", (route) => route.abort());
    await it.visit("/queue");
    assert.equal(await page.locator(".movement.stale").count(), 0);
    await page.locator(".movement.stale").waitFor();
    await page.unroute("**/queue/live");
    await page.locator(".movement:not(.stale)").waitFor();
    await it.context.close();
  });

  test("a recording arrives before one's eyes, is paused, resumed and comes to its end", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.administrator);
    const { page } = it;
    await it.visit("/queue");
    await page.getByText("现在没有正在下载的录制").waitFor();
    const slow = await company.control("POST", "faults", { api: "media.download", fault: { kind: "slow", bytes_per_second: 100_000 } });
    const token = await company.record({
      owner: company.person(roles.member),
      title: "全员大会（直播录像）",
      media: { kind: "generated", bytes: 80 * 1024 * 1024 },
    });
    const moving = page.locator(".moving li", { hasText: "全员大会（直播录像）" });
    await moving.waitFor();
    const bytes = () => moving.locator("progress").evaluate((bar) => bar.value);
    const at = await bytes();
    await eventually("progress", async () => (await bytes()) > at);
    await page.waitForFunction(() => document.querySelector(".moving small")?.textContent.includes("/s"));
    await eventually("pieces that come side by side", async () => (await moving.locator(".segments rect").count()) > 1);
    await it.isAccessible("the queue, moving");
    house.moving = await page.screenshot();

    await page.getByRole("button", { name: "暂停所有下载" }).click();
    await page.locator(".said", { hasText: "已暂停" }).waitFor();
    await page.getByText("现在没有正在下载的录制").waitFor();
    await it.visit("/queue");
    const row = page.locator("tr", { hasText: "全员大会（直播录像）" });
    await row.waitFor();
    assert.equal((await company.ask("status", "--json")).paused_at_ms > 0, true);
    await company.control("DELETE", `faults/${slow.id}`);
    await page.getByRole("button", { name: "继续所有下载" }).click();
    await page.locator(".said", { hasText: "已继续" }).waitFor();
    await company.archived(token);
    await it.close();
  });

  test("one recording is paused alone, and tried again at once", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.administrator);
    const { page } = it;
    await it.visit("/queue");
    // Nobody may export it, so it waits for days.
    const paused = page.locator("tbody tr", { hasText: "保密：并购讨论" });
    await paused.getByRole("button", { name: "暂停" }).click();
    await page.locator(".said", { hasText: "已暂停" }).waitFor();
    assert.match(await paused.textContent(), /已暂停/);
    await paused.getByRole("button", { name: "继续" }).click();
    await page.locator(".said", { hasText: "已继续" }).waitFor();
    await paused.getByRole("button", { name: "立即重试" }).click();
    await page.locator(".said", { hasText: "1 条录制" }).waitFor();
    await page.locator(".take").getByRole("button", { name: "立即重试" }).click();
    await page.locator(".said", { hasText: "没有勾选" }).waitFor();
    await paused.getByRole("checkbox").check();
    await page.locator(".take").getByRole("button", { name: "暂停" }).click();
    await page.locator(".said", { hasText: "已暂停" }).waitFor();
    assert.match(await paused.textContent(), /已暂停/);
    await page.getByRole("checkbox", { name: "选中本页所有行" }).check();
    await page.locator(".take").getByRole("button", { name: "继续" }).click();
    await page.locator(".said", { hasText: "已继续" }).waitFor();
    await paused.getByRole("link", { name: "无权导出" }).click();
    await page.locator("h1", { hasText: "保密：并购讨论" }).waitFor();
    assert.match(await page.locator("tbody tr").first().textContent(), /欧阳雪/, "with whose authorisation it was tried");
    await it.close();
  });
}
