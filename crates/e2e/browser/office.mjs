// What the administrator looks into and sets going from the overview, coverage, people and settings.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Person } from "./browser.mjs";
import { Company, eventually, freeAddress } from "./company.mjs";
import { keep } from "./screenshots.mjs";

export function office(house) {
  const enter = async () => {
    const it = await Person.at(house.browser, house.company);
    await it.enter(house.roles.administrator);
    return it;
  };
  const said = (page, text) => page.locator(".said", { hasText: text }).waitFor();

  test("a cause leads to its recordings, and one button has all of them tried again", async () => {
    const it = await enter();
    const { page } = it;
    await it.visit("/overview");
    const cause = page.locator("tbody tr", { has: page.locator('a[href="/queue?of=cause.export_denied"]') });
    const count = await cause.getByRole("link").textContent();
    await cause.getByRole("link").click();
    await page.waitForURL("**/queue?of=cause.export_denied");
    assert.equal(await page.locator("tbody tr").count(), Number(count));
    await page.locator("tbody tr", { hasText: "保密：并购讨论" }).waitFor();
    await page.getByRole("button", { name: "全部重试" }).click();
    await said(page, `${count} 条录制`);
    assert.match(page.url(), /of=cause\.export_denied/, "still among them");
    await page.getByLabel("查看").selectOption({ index: 0 });
    await page.getByRole("button", { name: "确定" }).click();
    await page.waitForURL((url) => url.searchParams.get("of") === "");
    await it.close();
  });

  test("a week of somebody's coverage leads to its recordings, and all of it fits into a workbook", async () => {
    const it = await enter();
    const { page } = it;
    await it.visit("/coverage");
    const cell = page.locator("tr", { hasText: house.roles.member }).locator("td a").last();
    const archived = Number((await cell.textContent()).split("/")[0]);
    assert.ok(archived > 1, `${archived}`);
    await cell.click();
    await page.waitForURL("**/recordings?**");
    const owners = await page.locator("tbody tr", { hasText: house.roles.member }).count();
    assert.equal(owners, await page.locator("tbody tr").count(), "nobody else's");
    assert.equal(owners, archived);
    await it.visit("/coverage");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "下载 Excel" }).click()]);
    assert.match(download.suggestedFilename(), /\.xlsx$/);
    await it.close();
  });

  test("people who are to be asked stand together", async () => {
    const it = await enter();
    const { page } = it;
    await it.visit("/people");
    const all = await page.locator("tbody tr").count();
    await page.getByRole("link", { name: "只看需要邀请或提醒的人" }).click();
    await page.getByRole("link", { name: "查看所有人" }).waitFor();
    const asked = await page.locator("tbody tr").count();
    assert.ok(asked > 0 && asked < all, `${asked} of ${all}`);
    assert.equal(await page.getByRole("button", { name: /^邀请/ }).first().isDisabled(), true, "nobody knows an address yet");
    await keep(page, "people-to-ask");
    await it.close();
  });

  test("where the archive knows its own address, those who are missing are asked by a card that leads there", async (t) => {
    const address = await freeAddress();
    // Of its own: everybody else's pages say that there is no address yet.
    const company = await Company.open("small", (person) => ({
      COMPANY_ADMINISTRATORS: person("张伟"),
      NOTIFY_QUIET_HOURS: "never",
      SERVER_LISTEN: address,
      SERVER_PUBLIC_URL: `http://${address}`,
    }));
    t.after(() => company.close());
    await company.postEvents();
    const missing = company.person("王芳");
    await company.record({ owner: missing, title: "还没有授权的人的会" });
    const it = await Person.at(house.browser, company);
    await it.signIn("张伟");
    const { page } = it;
    const invite = page.getByRole("button", { name: "邀请所有未授权的录制所有者 (1)" });
    await eventually("somebody who is missing", async () => {
      await it.visit("/people");
      return (await invite.count()) === 1;
    });
    assert.equal(await invite.isEnabled(), true);
    assert.equal(await page.getByText("server.public_url").count(), 0);
    await invite.click();
    await said(page, "已向 1 人发送授权卡片");
    await it.isCalm("an invitation");
    await it.isAccessible("an invitation");
    await invite.click();
    await said(page, "已向 0 人发送授权卡片");
    const row = page.locator("tbody tr", { hasText: missing });
    await eventually("the card has arrived", async () => {
      await it.visit("/people");
      return (await row.textContent()).includes("已邀请");
    });
    const { messages } = await company.control("GET", "messages");
    const cards = messages.filter((message) => message.receive_id === missing);
    assert.equal(cards.length, 1);
    assert.ok(cards[0].content.includes(`"${company.site}/auth/start"`), cards[0].content);
    await it.close();
  });

  test("a template shows the names that it would give while it is written, and is never tried with nonsense", async () => {
    const it = await enter();
    const { page } = it;
    await it.visit("/settings");
    const [field, preview] = [page.locator("input[name=template]"), page.locator("#template-preview")];
    const before = await preview.textContent();
    await field.fill("{year}/{title} [{token}]");
    await page.waitForFunction((text) => document.querySelector("#template-preview").textContent !== text, before);
    assert.match(await preview.textContent(), /20\d\d\//);
    await field.fill("{nonsense}");
    await preview.locator(".bad, .box").first().waitFor();
    await it.isCalm("/settings, with a template that cannot be");
    await it.isAccessible("/settings, with a template that cannot be");
    await it.close();
  });

  test("a template is not tried while an input method composes it, and is as soon as it is written", async () => {
    const it = await enter();
    const { page } = it;
    // Time passes when this says so, too.
    await page.clock.install();
    await it.visit("/settings");
    const [field, preview] = [page.locator("input[name=template]"), page.locator("#template-preview")];
    const tried = [];
    page.on("request", (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname === "/settings/template") tried.push(searchParams.get("template"));
    });
    const session = await it.context.newCDPSession(page);
    await field.press("Home");
    for (const text of ["gui", "guidang"]) {
      await session.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
      assert.ok((await field.inputValue()).startsWith(`${text}{`));
      await page.clock.runFor(1_000);
    }
    assert.deepEqual(tried, []);
    await session.send("Input.insertText", { text: "归档" });
    await preview.getByText("归档").first().waitFor();
    assert.deepEqual(tried, [await field.inputValue()]);
    await it.close();
  });

  test("a backup is made at once, and says how it is brought back", async () => {
    const it = await enter();
    const { page } = it;
    await it.visit("/settings");
    await page.getByText("还没有备份").waitFor();
    await page.getByRole("button", { name: "立即备份" }).click();
    await said(page, "备份已完成");
    await page.locator("code", { hasText: /minutes-vault restore '.+' --yes/ }).waitFor();
    await it.close();
  });
}
