// An administrator sets a new archive up: the list turns green by itself, and is the health page afterwards.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Person } from "./browser.mjs";
import { keep } from "./screenshots.mjs";

export function firstRun(house) {
  test("the list turns green by itself while things are set up", async () => {
    const { fresh, browser } = house;
    const [administrator] = fresh.ready.users;
    const it = await Person.at(browser, fresh);
    assert.equal(await it.signIn(administrator.name, fresh.firstLink), "/health");
    const { page } = it;
    assert.equal(await page.locator("h1").textContent(), "首次设置");
    const done = (id) => page.locator(`#step-${id}.done`);
    for (const id of ["app", "redirect", "storage"]) await done(id).waitFor();
    assert.equal(await page.locator(".steps .open").count(), 5);
    await it.isCalm("first run");
    await it.isAccessible("first run");
    await keep(page, "first-run");
    await page.setViewportSize({ width: 390, height: 844 });
    await it.isCalm("first run on a phone");
    await keep(page, "first-run-phone");
    await page.setViewportSize({ width: 1280, height: 800 });

    const scopes = page.locator("#step-scopes-1");
    assert.ok(JSON.parse(await scopes.textContent()).scopes.user.includes("offline_access"));
    await page.locator('button[data-copy="step-scopes-1"]').click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await scopes.textContent());
    assert.equal(await page.locator("#step-events-1").textContent(), `${fresh.site}/webhook/event`);
    assert.equal(await page.locator("#step-redirect-1").textContent(), `${fresh.site}/auth/callback`);

    await page.evaluate(() => { window.isTheSamePage = true; });
    await fresh.postEvents();
    await done("events").waitFor();
    await fresh.authorise(administrator.open_id);
    await done("member").waitFor();
    await done("scopes").waitFor();
    const token = await fresh.record({ owner: administrator.open_id, title: "第一次周会" });
    await done("event").waitFor();
    await done("recording").waitFor();
    assert.ok(await page.evaluate(() => window.isTheSamePage));
    assert.equal(await page.locator(".steps .open").count(), 0);

    await it.visit("/health");
    assert.equal(await page.locator("h1").textContent(), "健康检查");
    assert.equal(await page.locator(".steps").isVisible(), false, "it is over");
    await fresh.archived(token);
    await it.visit("/");
    assert.equal(new URL(page.url()).pathname, "/recordings");
    await it.close();
  });

  test("an employee authorises with one click", async () => {
    const { fresh, browser } = house;
    const [, employee] = fresh.ready.users;
    const it = await Person.at(browser, fresh);
    const { page } = it;
    await it.visit("/auth/start");
    await page.getByRole("link", { name: "去飞书授权" }).click();
    await page.locator(`input[value="${employee.open_id}"]`).check();
    await page.locator('button[value="allow"]').click();
    await page.waitForURL("**/auth/callback?*");
    assert.equal(await page.locator("h1").textContent(), `${employee.name}，授权已完成`);
    await it.isCalm("welcome");
    await it.isAccessible("welcome");
    await keep(page, "welcome");
    const { members } = await fresh.ask("members", "list", "--json");
    assert.deepEqual(members.map((member) => member.name).sort(), fresh.ready.users.slice(0, 2).map((user) => user.name).sort());
    await it.close();
  });

  test("each check is run again by its button, and says whose move it is", async () => {
    const { fresh, browser } = house;
    const it = await Person.at(browser, fresh);
    await it.signIn(fresh.ready.users[0].name, "/auth/sign-in?to=/health");
    const { page } = it;
    const check = page.locator("#check-credentials");
    assert.match(await check.textContent(), /正常/);
    await fresh.control("POST", "faults", { api: "auth.tenant_token", times: 1, fault: { kind: "code", code: 10014, status: 200 } });
    await check.locator("button").click();
    await page.locator("#check-credentials .bad").waitFor();
    const said = await check.textContent();
    assert.match(said, /10014/);
    assert.match(said, /凭证与基础信息/, "what to do");
    assert.match(said, /管理员处理/, "whose move it is");
    await it.isAccessible("a check that failed");
    await check.locator("button").click();
    await page.locator("#check-credentials .good").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.closest("li")?.id), "check-credentials");

    await page.getByText("给别人看的报告").click();
    await page.locator('button[data-copy="report"]').click();
    const report = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(report, /^minutes-vault \d+\.\d+\.\d+ /);
    assert.match(report, /\[ok\] credentials/);
    const { app_id: app, users } = fresh.ready;
    for (const ours of [fresh.folder, fresh.site, app, ...users.flatMap((user) => [user.open_id, user.name])]) {
      assert.ok(!report.includes(ours), `${ours} is in the report`);
    }
    await it.close();
  });
}
