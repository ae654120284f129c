// Lists: what somebody sees, narrows down and takes away.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";

import { Person } from "./browser.mjs";

const run = promisify(execFile);

/** What comes down when this is pressed. */
async function download(page, press) {
  const [file] = await Promise.all([page.waitForEvent("download"), press()]);
  return { name: file.suggestedFilename(), path: await file.path() };
}

/** Tests an archive whole, as another program understands it; its list. */
async function unpacked(path) {
  await run("python3", ["-m", "zipfile", "-t", path]);
  const { stdout } = await run("python3", ["-m", "zipfile", "-l", path], { env: { ...process.env, PYTHONIOENCODING: "utf-8" } });
  return stdout;
}

export function library(house) {
  test("members have their own and what they attended, narrowed down and as cards", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.member);
    const { page } = it;
    const titles = () => page.locator("td.title, .cards .title").allTextContents();
    const all = await titles();
    assert.ok(all.includes("产品周会：Q4 规划 / 复盘") && all.includes("大客户谈判"), all.join());
    assert.ok(!all.includes("线上故障复盘 2026-10"), "somebody else's");
    await page.getByRole("link", { name: "我参加的", exact: true }).click();
    assert.deepEqual(await titles(), ["大客户谈判"]);
    await page.getByRole("link", { name: "我的", exact: true }).click();
    await page.locator("summary").click();
    await page.getByLabel("类型").selectOption("audio");
    await page.getByRole("button", { name: "显示" }).click();
    assert.deepEqual(await titles(), ["上传的线下访谈"]);
    await page.getByRole("link", { name: "清除筛选" }).click();
    await page.getByRole("link", { name: "卡片" }).click();
    assert.equal((await titles()).length, all.length);
    await it.isCalm("cards");
    await it.close();
  });

  test("what an owner has just put in the trash comes back by the button beside the message", async () => {
    const { browser, company, roles, minute } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.other);
    const { page } = it;
    const title = "Sprint 27 回顾会";
    const row = page.locator("td.title", { hasText: title });
    const undo = page.getByRole("button", { name: "撤销" });
    assert.equal(await row.count(), 1);
    await it.visit(`/recordings/${minute(title)}`);
    await page.locator("details", { hasText: "移入回收站…" }).locator("summary").click();
    await page.getByRole("button", { name: "移入回收站" }).click();
    await page.locator(".said", { hasText: "已移入回收站" }).waitFor();
    assert.equal(await row.count(), 0);
    await it.isCalm("what was put in the trash");
    await it.isAccessible("what was put in the trash");
    await undo.click();
    await page.locator(".said", { hasText: "已恢复" }).waitFor();
    assert.deepEqual([await row.count(), await undo.count()], [1, 0]);
    await row.getByRole("link").click();
    await page.locator("h1", { hasText: title }).waitFor();
    await company.archived(minute(title));
    await it.close();
  });

  test("ticked recordings come as one ZIP, lists as CSV and Excel", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.member);
    const { page } = it;
    for (const title of ["需求评审", "产品周会：Q4 规划 / 复盘"]) await page.getByRole("checkbox", { name: title }).check();
    const zip = await download(page, () => page.getByRole("button", { name: "下载文件（ZIP）" }).click());
    assert.equal(zip.name, "recordings.zip");
    const listed = await unpacked(zip.path);
    for (const part of ["需求评审", "产品周会：Q4 规划"]) {
      for (const kind of [".mp4", ".srt", ".txt", ".json"]) {
        assert.ok(listed.split("\n").some((line) => line.includes(part) && line.includes(kind)), `${part} ${kind}: ${listed}`);
      }
    }
    const csv = await download(page, () => page.getByRole("button", { name: "CSV" }).click());
    const lines = (await readFile(csv.path, "utf8")).trimEnd().split("\r\n");
    assert.ok(lines[0].startsWith("\u{FEFF}标题,"), lines[0]);
    assert.equal(lines.length, 3, "what is ticked");
    await page.getByRole("checkbox", { name: "选中本页所有行" }).check();
    const rows = await page.locator("td.tick input:checked").count();
    const xlsx = await download(page, () => page.getByRole("button", { name: "Excel" }).click());
    assert.match(await unpacked(xlsx.path), /xl\/worksheets\/sheet1\.xml/);
    const all = await download(page, () => page.getByRole("button", { name: "CSV" }).click());
    assert.equal((await readFile(all.path, "utf8")).trimEnd().split("\r\n").length, rows + 1);
    await it.close();
  });
}
