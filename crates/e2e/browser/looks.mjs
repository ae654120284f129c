// Every page in every look: nothing moves by itself, nothing is wider than the window, nobody outside is asked, axe finds
// nothing serious, and at somebody's first visit it is light.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Person } from "./browser.mjs";
import { PAGES } from "./pages.mjs";
import { until } from "./player.mjs";
import { keep, keepPicture } from "./screenshots.mjs";

const LOOKS = {
  desk: {},
  dark: { theme: "dark" },
  phone: { phone: true },
  english: { language: "en" },
};

export function looks(house) {
  const addresses = () => PAGES.map((page) => ({ ...page, path: typeof page.path === "function" ? page.path(house) : page.path }));

  for (const [look, how] of Object.entries(LOOKS)) {
    test(`every page is calm and readable: ${look}`, async (t) => {
      const { browser, company, roles } = house;
      const people = {};
      for (const who of ["nobody", "administrator", "auditor", "member"]) {
        people[who] = await Person.at(browser, company, how);
        if (who !== "nobody") await people[who].enter(roles[who]);
      }
      for (const { name, who, path, shots } of addresses()) {
        await t.test(name, async () => {
          const it = people[who];
          await it.visit(path);
          if (name.startsWith("player") && name !== "player-part") await until(it.page, "media.readyState >= 2 && !media.seeking");
          const where = `${path} (${look})`;
          if (shots.includes(look)) await keep(it.page, look === "desk" ? name : `${name}-${look}`);
          await it.isCalm(where);
          assert.equal(await it.page.locator("html").getAttribute("lang"), look === "english" ? "en" : "zh-CN");
          assert.notEqual(await it.page.title(), "");
          await it.isAccessible(where);
        });
      }
      for (const it of Object.values(people)) await it.close();
    });
  }

  test("every page is light at somebody's first visit", async (t) => {
    const { browser, company, roles } = house;
    const people = {};
    for (const who of ["nobody", "administrator", "auditor", "member"]) {
      people[who] = await Person.at(browser, company);
      if (who !== "nobody") await people[who].enter(roles[who]);
    }
    for (const { name, who, path } of addresses()) {
      const bytes = await people[who].weigh(path);
      t.diagnostic(`${name}: ${Math.ceil(bytes / 1024)} KiB`);
    }
    for (const it of Object.values(people)) await it.close();
  });

  test("titles tell pages apart", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.administrator);
    const titles = [];
    for (const { who, path } of addresses().filter((page) => page.who === "administrator")) {
      await it.visit(path);
      titles.push(await it.page.title());
    }
    assert.equal(new Set(titles).size, titles.length, titles.join());
    if (house.moving) await keepPicture(house.moving, "queue-moving");
    await it.close();
  });
}
