// The player: it plays, and what was said leads to where it was said.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Person } from "./browser.mjs";
import { eventually } from "./company.mjs";

/** Waits until this can be said of the media; the page's own policy lets no words be evaluated within it. */
export const until = (page, condition) => eventually(condition, () => page.evaluate(`(() => {
  const media = document.getElementById("media");
  return media && ${condition};
})()`).catch(() => false));

export function player(house) {
  test("a recording plays, and each sentence, chapter and link leads to its second", async () => {
    const { browser, company, roles, minute } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.member);
    const { page } = it;
    const parts = [];
    page.on("response", (response) => {
      if (response.url().includes("/media")) parts.push(response.status());
    });
    const path = `/recordings/${minute("产品周会")}`;
    await it.visit(path);
    await until(page, "media.readyState >= 1 && Math.abs(media.duration - 20) < 0.5");
    await page.keyboard.press("k");
    await until(page, "!media.paused && media.currentTime > 0.5");
    assert.ok(parts.length > 0 && parts.every((status) => status === 206), parts.join());

    await page.locator("#transcript").getByText("数据库迁移放到十二月").click();
    await until(page, "media.currentTime >= 8 && media.currentTime < 11.5 && !media.paused");
    await page.locator("#transcript [aria-current]", { hasText: "数据库迁移" }).waitFor();
    await page.keyboard.press(" ");
    await until(page, "media.paused");
    await page.getByLabel("AI 纪要").check();
    await page.locator(".todos li").first().waitFor();
    assert.equal(await page.locator("#transcript").isVisible(), false, "one of the two at a time");
    await page.locator(".chapters a").first().click();
    await until(page, "media.currentTime < 4 && !media.paused");
    await page.keyboard.press("k");
    for (const [key, condition] of [
      ["]", "media.playbackRate === 1.25"],
      ["ArrowRight", "media.currentTime >= 5"],
      ["m", "media.muted"],
      ["c", "media.textTracks[0].mode === 'showing' && media.textTracks[0].cues?.length === 5"],
    ]) {
      await page.keyboard.press(key);
      await until(page, condition);
    }
    assert.equal(await page.locator("#speed").inputValue(), "1.25");
    await it.isCalm("the player");
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "下载", exact: true }).click()]);
    assert.match(file.suggestedFilename(), /产品周会.*\.mp4$/);

    await it.visit(`${path}?t=12`);
    await until(page, "media.readyState >= 1 && media.currentTime >= 12");
    await until(page, "media.paused");
    await page.keyboard.press("y");
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await eventually("a link", async () => (await copied()).includes("?t="));
    assert.equal(await copied(), `${company.site}${path}?t=12`);
    await page.locator("#transcript [aria-current]", { hasText: "中文GPT5" }).waitFor();
    await page.keyboard.press("q");
    await eventually("a quotation", async () => (await copied()).includes("—"));
    assert.match(await copied(), /^王芳: 中文GPT5 的接入，由李娜出方案。\n— 产品周会：Q4 规划 \/ 复盘 0:12\nhttp/);
    await it.close();
  });

  test("audio plays, too, and what is kept is proved", async () => {
    const { browser, company, roles, minute } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.auditor);
    const { page } = it;
    const token = minute("用户访谈");
    await it.visit(`/recordings/${token}`);
    await page.keyboard.press("k");
    await until(page, "media.tagName === 'AUDIO' && media.currentTime > 0.5");
    const told = await company.ask("recordings", "show", token, "--json");
    const hash = JSON.stringify(told).match(/[0-9a-f]{64}/)[0];
    await page.getByText("文件与证明").click();
    assert.ok((await page.locator(".proof").textContent()).includes(hash));
    await it.isAccessible("the proof");
    await it.close();
  });

  test("a transcript of a part says so, and on paper it is whole", async () => {
    const { browser, company, roles, minute, long } = house;
    const boss = await Person.at(browser, company);
    await boss.enter(roles.administrator);
    await boss.visit(`/recordings/${minute("年度全员大会")}`);
    assert.match(await boss.page.locator(".said-there .box").textContent(), /14 分钟中的 1 分钟/);
    await boss.close();

    const it = await Person.at(browser, company);
    await it.enter(roles.member);
    const { page } = it;
    await it.visit(`/recordings/${long}`);
    const heights = () => page.locator("#transcript").evaluate((list) => [list.clientHeight, list.scrollHeight]);
    const [shown, whole] = await heights();
    assert.ok(shown < whole, "it scrolls");
    await page.emulateMedia({ media: "print" });
    const [printed, all] = await heights();
    assert.equal(printed, all, "all of it is on paper");
    for (const gone of [".nav", "video", ".tools", ".foot"]) {
      assert.equal(await page.locator(gone).first().isVisible(), false, gone);
    }
    await it.close();
  });
}
