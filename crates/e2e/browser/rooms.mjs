// What those who run the archive press: rules, holds, the trash, tokens, sign-ins.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Person } from "./browser.mjs";
import { eventually } from "./company.mjs";
import { keep } from "./screenshots.mjs";

export function rooms(house) {
  const enter = async (role, looks) => {
    const it = await Person.at(house.browser, house.company, looks);
    await it.enter(house.roles[role]);
    return it;
  };
  const said = (page, text) => page.locator(".said", { hasText: text }).waitFor();
  const fits = async (it, where) => {
    await it.isCalm(where);
    await it.isAccessible(where);
  };

  test("a rule is tried dry, switched on, off and forgotten; a hold is placed and lifted", async () => {
    const it = await enter("administrator");
    const { page } = it;
    await it.visit("/storage");
    await page.getByLabel("早于（天）").fill("1");
    await page.getByLabel("类型").selectOption("audio");
    await page.getByRole("button", { name: "创建规则" }).click();
    await said(page, "还没有启用");
    await page.locator("tbody tr", { hasText: "用户访谈" }).waitFor();
    await fits(it, "a rule, tried dry");
    await keep(page, "storage-rule");
    await it.visit("/storage");
    await page.locator("#rules tbody").getByRole("button", { name: "删除规则" }).click();
    await said(page, "规则已删除");

    await page.getByLabel("早于（天）").fill("36500");
    await page.getByRole("button", { name: "创建规则" }).click();
    await page.getByRole("button", { name: "启用" }).click();
    await said(page, "规则已启用");
    await page.getByRole("button", { name: "关闭" }).click();
    await said(page, "规则已关闭");
    await page.getByRole("button", { name: "删除规则" }).click();
    await said(page, "规则已删除");

    await page.getByLabel("录制（妙记标识或地址）").fill(house.roles.other);
    await page.getByLabel("原因", { exact: true }).fill("劳动仲裁 2026-11");
    await page.getByRole("button", { name: "设置保留" }).click();
    await said(page, "已设置法律保留");
    const hold = page.locator("#holds tbody tr", { hasText: "劳动仲裁" }).first();
    await hold.getByText("解除").first().click();
    await hold.getByLabel("解除原因").fill("已结案");
    await hold.getByRole("button", { name: "解除" }).click();
    await said(page, "已解除");
    await it.close();
  });

  test("an owner puts a recording in the trash, and it comes back as it was", async () => {
    const { company, roles } = house;
    const token = await company.record({ owner: company.person(roles.member), title: "要删的会" });
    await company.archived(token);
    const member = await enter("member");
    await member.visit(`/recordings/${token}`);
    await member.page.locator("details", { hasText: "移入回收站…" }).locator("summary").click();
    await member.page.getByRole("button", { name: "移入回收站" }).click();
    await said(member.page, "已移入回收站");
    assert.equal(await member.visit(`/recordings/${token}`), 404, "it is there for nobody");

    const it = await enter("administrator");
    const { page } = it;
    const row = page.locator("#trash tbody tr", { hasText: token });
    await eventually("its files in the trash", async () => {
      await it.visit("/storage");
      return (await row.getByRole("button", { name: "恢复" }).count()) === 1;
    });
    await fits(it, "the trash");
    await keep(page, "storage-trash");
    await row.getByRole("button", { name: "恢复" }).click();
    await said(page, "已恢复");
    await company.archived(token);
    assert.equal(await member.visit(`/recordings/${token}`), 200);
    await member.close();
    await it.close();
  });

  test("a token opens the API until it is ended", async () => {
    const { company } = house;
    const it = await enter("member");
    const { page } = it;
    await it.visit("/tokens");
    await page.getByLabel("用途").fill("测试程序");
    await page.getByRole("button", { name: "生成令牌" }).click();
    const token = await page.getByLabel("新令牌").inputValue();
    const call = () => fetch(`${company.site}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal((await call()).status, 200);
    assert.ok(!page.url().includes(token), "no address holds it");
    await it.visit("/tokens");
    assert.ok(!(await page.content()).includes(token), "it is shown once");
    await page.locator("tbody tr", { hasText: "测试程序" }).getByRole("button", { name: "结束" }).click();
    await said(page, "令牌已失效");
    assert.equal((await call()).status, 401);
    await it.close();
  });

  test("what somebody chose is theirs in another browser, until that is signed out from here", async () => {
    const { browser, company, roles } = house;
    const here = await Person.at(browser, company);
    await here.signIn(roles.other);
    await here.visit("/sessions?lang=en&theme=dark");
    await here.page.getByLabel("My time zone").fill("America/New_York");
    await here.page.getByRole("button", { name: "Set" }).click();
    const there = await Person.at(browser, company);
    await there.signIn(roles.other);
    await there.visit("/sessions");
    assert.equal(await there.page.locator("html").getAttribute("lang"), "en");
    assert.equal(await there.page.getByLabel("My time zone").inputValue(), "America/New_York");
    assert.equal(await there.page.locator('meta[name="color-scheme"]').getAttribute("content"), "dark");

    await here.visit("/sessions");
    const others = here.page.locator("tbody tr").filter({ hasNotText: "This one" });
    while (await others.count() > 0) await others.first().getByRole("button").click();
    await there.visit("/recordings");
    assert.match(there.page.url(), /\/auth\/sign-in/);
    await here.visit("/sessions?lang=zh&theme=system&zone=Asia/Shanghai");
    await here.close();
    await there.close();
  });

  test("cards show the pictures of recordings", async () => {
    const it = await enter("member");
    const { page } = it;
    await it.visit("/recordings?view=cards");
    await page.locator(".cover img").first().scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector(".cover img").naturalWidth === 320);
    assert.match(await page.locator(".cover .length").first().textContent(), /\d:\d\d/);
    await it.close();
  });
}
