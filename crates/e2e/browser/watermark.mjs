// The viewer's name over what is played.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Person } from "./browser.mjs";
import { until } from "./player.mjs";

export function watermark(house) {
  test("the viewer's name lies over the picture, in full screen, too", async () => {
    const { browser, fresh } = house;
    const [viewer] = fresh.ready.users;
    await fresh.postEvents();
    await fresh.authorise(viewer.open_id);
    const token = await fresh.record({ owner: viewer.open_id, title: "名字在画面上" });
    await fresh.archived(token);
    const it = await Person.at(browser, fresh);
    await it.enter(viewer.name);
    const { page } = it;
    await it.visit(`/recordings/${token}`);
    await until(page, "media.readyState >= 1");
    const names = page.locator(".watermark bdi");
    const lies = () => page.evaluate(() => {
      const [name, video] = [".watermark", "#media"].map((part) => document.querySelector(part).getBoundingClientRect());
      return Math.abs(name.left - video.left) < 2 && Math.abs(name.top - video.top) < 2 && Math.abs(name.right - video.right) < 2
        && Math.abs(name.bottom - video.bottom) < 2;
    });
    assert.equal(await names.first().textContent(), `${viewer.name} ${viewer.open_id}`);
    assert.ok(await lies());
    await page.locator("#media").focus();
    await page.keyboard.press("f");
    await until(page, "document.fullscreenElement?.contains(document.querySelector('.watermark'))");
    assert.ok(await names.first().isVisible());
    assert.ok(await lies());
    assert.equal(await page.locator("#speed").isVisible(), false, "nothing but picture and name");
    await page.keyboard.press("f");
    await until(page, "document.fullscreenElement === null");
    await page.getByRole("button", { name: "全屏" }).click();
    await until(page, "document.fullscreenElement?.contains(document.querySelector('.watermark'))");
    await page.keyboard.press("f");
    // The browser's own button would show the picture alone.
    assert.deepEqual(await page.locator("#media").evaluate((media) => [media.controlsList.contains("nofullscreen"), media.disablePictureInPicture]), [true, true]);
    await it.isCalm("watermark");
    await it.close();
  });
}
