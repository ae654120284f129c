// The proof of what is kept: what it says of a file is what whoever has the file finds.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { Person } from "./browser.mjs";

const UNITS = { B: 1, KiB: 1024, MiB: 1024 ** 2 };

/** As pages say it, to the minute and in the archive's zone. */
const moment = (exact) => exact.slice(0, 16).replace("T", " ");

export function proof(house) {
  test("the proof tells hash, size, length and times of each file, and how the recording was found", async () => {
    const { browser, company, roles, minute } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.auditor);
    const { page } = it;
    const token = minute("产品周会");
    await it.visit(`/recordings/${token}`);
    const panel = page.locator(".proof", { has: page.locator(".sha") });
    assert.equal(await panel.locator("table").isVisible(), false, "it is not in the way");
    await page.getByRole("link", { name: "文字记录等文件" }).click();
    await panel.locator("table").waitFor();

    const { artifacts, sightings } = await company.ask("recordings", "show", token, "--json");
    const rows = panel.locator("tbody tr");
    assert.equal(await rows.count(), artifacts.length);
    const kept = artifacts.filter(({ state }) => state === "done");
    assert.ok(["media", "transcript_srt", "summary"].every((kind) => kept.some((artifact) => artifact.kind === kind)), JSON.stringify(artifacts));
    for (const { kind, sha256, done_at: doneAt, verified_at: verifiedAt } of kept) {
      const row = rows.filter({ hasText: sha256 });
      const [, , size, plays, fetched, readAgain, hash] = await row.locator("td").allTextContents();
      const file = await it.context.request.get(await row.getByRole("link").getAttribute("href"));
      assert.equal(file.status(), 200, kind);
      const bytes = await file.body();
      assert.equal(hash, createHash("sha256").update(bytes).digest("hex"), kind);
      const [figure, unit] = size.split(" ");
      const beyond = bytes.length / UNITS[unit] - Number(figure);
      assert.ok(beyond >= 0 && beyond < 0.011, `${kind}: ${bytes.length} bytes are not ${size}`);
      assert.equal(plays, kind === "media" ? "0:20" : "", kind);
      assert.deepEqual([fetched, readAgain], [moment(doneAt), moment(verifiedAt)], kind);
    }
    const others = artifacts.length - kept.length;
    assert.equal(await rows.filter({ hasNot: page.getByRole("link") }).count(), others, "no file, no link");

    const found = await panel.locator("li").allTextContents();
    assert.equal(found.length, sightings.length);
    for (const { first_at: firstAt } of sightings) {
      assert.ok(found.some((line) => line.endsWith(` · ${moment(firstAt)}`)), `${firstAt} is not in ${found}`);
    }
    assert.ok(found.some((line) => line.includes("录制完成")), `by its event: ${found}`);
    const source = await panel.locator("p:not(.hint)").textContent();
    assert.match(source, /源文件/);
    assert.doesNotMatch(source, /\d{4}-\d\d/, "a day must pass before the platform is asked again");
    await it.isCalm("the proof");
    await it.isAccessible("the proof");
    await it.close();
  });
}
