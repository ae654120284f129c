// Nobody gets by an address what is not theirs, and that they tried is in the audit log.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Person } from "./browser.mjs";

const DOORS = ["", "?t=4&q=%E9%A2%84%E7%AE%97", "/media", "/media?download=1", "/captions.vtt", "/cover", "/text/transcript_srt",
  "/text/transcript_txt", "/text/summary", "/text/sidecar"];

export function walls(house) {
  test("somebody else's recording is not there, by no address, and each try is written down", async () => {
    const { browser, company, roles, minute } = house;
    const token = minute("产品周会");
    for (const role of ["other", "administrator"]) {
      const it = await Person.at(browser, company);
      await it.enter(roles[role]);
      const refusals = async () => {
        const rows = await company.ask("audit", "export", "--jsonl");
        return rows.filter((row) => row.verb === "refused" && row.subject === token && row.actor === company.person(roles[role])).length;
      };
      const before = await refusals();
      const asked = DOORS.map((door) => `/recordings/${token}${door}`);
      const zip = `/recordings.zip?r=${token}`;
      // Whoever may list everything can tick its row: then it is left out, and that is no trespass.
      if (role === "other") asked.push(zip);
      else assert.match(new URL((await it.context.request.get(zip)).url()).pathname, /^\/recordings$/, "nothing to take away");
      for (const path of asked) {
        const answer = await it.context.request.get(path);
        assert.equal(answer.status(), 404, `${role} ${path}`);
        assert.doesNotMatch(await answer.text(), /产品周会|预算|数据库/, `${role} ${path}`);
      }
      assert.equal(await refusals(), before + asked.length, role);
      await it.visit("/search?q=%E4%B8%8D%E5%BD%B1%E5%93%8D%E5%8F%8C%E5%8D%81%E4%B8%80");
      assert.equal(await it.page.locator("[role=status]").textContent(), "没有找到", role);
      assert.equal(await it.page.locator(".group").count(), 0, role);
      const list = await (await it.context.request.get("/recordings.csv")).text();
      // Those who run the service know that it is there, and no more.
      assert.equal(list.includes("产品周会"), role === "administrator", role);
      await it.close();
    }
  });

  test("an auditor opens it, and that is written down; the log is whole", async () => {
    const { browser, company, roles, minute } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.auditor);
    const token = minute("产品周会");
    assert.equal(await it.visit(`/recordings/${token}`), 200);
    await it.visit("/audit?verb=refused");
    assert.ok((await it.page.locator("tbody tr", { hasText: token }).count()) > 0);
    await it.visit(`/audit?verb=viewed&subject=${token}`);
    assert.match(await it.page.locator("tbody tr").first().textContent(), /欧阳雪/);
    await company.ask("audit", "verify", "--json");
    await it.close();
  });

  test("pages of those who run the service are closed to members", async () => {
    const { browser, company, roles, minute } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.other);
    for (const path of ["/overview", "/queue", "/queue/live", `/queue/${minute("产品周会")}`, "/people", "/coverage", "/coverage.xlsx", "/health",
      "/health/live", "/health/found", "/health/checks/clock", "/audit", "/settings"]) {
      assert.equal((await it.context.request.get(path)).status(), 403, path);
    }
    await it.close();
  });
}
