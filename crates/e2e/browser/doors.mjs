// Coming in, and what every page has: the way back, languages, light and dark, keys.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Person } from "./browser.mjs";

export function doors(house) {
  test("whoever asked for a page gets to it through the sign-in", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.visit("/search?q=%E9%A2%84%E7%AE%97");
    assert.equal(new URL(it.page.url()).pathname, "/auth/sign-in");
    assert.equal(await it.signIn(roles.member, it.page.url()), "/search");
    assert.equal(await it.page.locator("#q").inputValue(), "预算");
    await it.page.getByRole("button", { name: "退出登录" }).click();
    await it.visit("/recordings");
    assert.equal(new URL(it.page.url()).pathname, "/auth/sign-in", "signed out");
    await it.close();
  });

  test("the other language is one click away and stays", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.signIn(roles.member);
    const { page } = it;
    assert.equal(await page.locator("h1").textContent(), "录制");
    await page.getByRole("link", { name: "English" }).click();
    assert.equal(await page.locator("h1").textContent(), "Recordings");
    await it.visit("/sessions");
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await page.getByRole("link", { name: "中文" }).click();
    assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
    await it.close();
  });

  test("light and dark follow the system until somebody chooses", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.signIn(roles.member);
    const { page } = it;
    const isDark = () => page.evaluate(() => {
      const [red] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
      const ground = red < 128;
      // The browser's own parts go with it.
      const field = document.createElement("input");
      document.body.append(field);
      field.style.all = "revert";
      const [own] = getComputedStyle(field).backgroundColor.match(/\d+/g).map(Number);
      field.remove();
      if (ground !== own < 128) throw new Error("fields are not drawn like the page");
      return ground;
    });
    const choose = async (name) => {
      await page.getByRole("link", { name }).click();
      await page.waitForLoadState("load");
    };
    assert.equal(await isDark(), false);
    await page.emulateMedia({ colorScheme: "dark" });
    assert.equal(await isDark(), true);
    await choose("浅色");
    assert.equal(await isDark(), false);
    await page.emulateMedia({ colorScheme: "light" });
    await choose("深色");
    assert.equal(await isDark(), true);
    await it.visit("/sessions");
    assert.equal(await isDark(), true, "it stays");
    assert.equal(await page.getByRole("link", { name: "深色" }).getAttribute("aria-current"), "true");
    await choose("跟随系统");
    assert.equal(await isDark(), false);
    assert.deepEqual((await it.context.cookies()).filter((cookie) => cookie.name === "mv_theme"), []);
    await it.isCalm("themes");
    await it.close();
  });

  test("keys lead to the search, to the list of keys, and past the navigation", async () => {
    const { browser, company, roles } = house;
    const it = await Person.at(browser, company);
    await it.signIn(roles.member);
    const { page } = it;
    await it.visit("/sessions");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    assert.ok((await page.locator(".skip").boundingBox()).y >= 0, "it shows when it has the focus");
    await page.keyboard.press("Enter");
    assert.equal(new URL(page.url()).hash, "#content");
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus");
    assert.ok(await focused.evaluate((element) => element.closest("main") !== null));
    assert.notEqual(await focused.evaluate((element) => getComputedStyle(element).outlineStyle), "none");

    await focused.evaluate((element) => element.blur());
    await page.keyboard.press("?");
    const keys = page.locator("dialog#keys");
    await keys.waitFor();
    await it.isAccessible("the list of keys");
    await page.keyboard.press("Escape");
    await keys.waitFor({ state: "hidden" });
    await page.keyboard.press("/");
    await page.waitForURL("**/search");
    await page.keyboard.type("?/");
    assert.equal(await page.locator("#q").inputValue(), "?/", "nothing happens while somebody types");
    await it.close();
  });
}
