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

/** A silent recording of so many seconds. */
function silence(seconds) {
  const rate = 8_000;
  const wave = Buffer.alloc(44 + rate * seconds, 0x80);
  wave.write("RIFF", 0);
  wave.writeUInt32LE(wave.length - 8, 4);
  wave.write("WAVEfmt ", 8);
  wave.writeUInt32LE(16, 16);
  // PCM, one channel.
  wave.writeUInt16LE(1, 20);
  wave.writeUInt16LE(1, 22);
  wave.writeUInt32LE(rate, 24);
  wave.writeUInt32LE(rate, 28);
  wave.writeUInt16LE(1, 32);
  wave.writeUInt16LE(8, 34);
  wave.write("data", 36);
  wave.writeUInt32LE(rate * seconds, 40);
  return wave;
}

/** Has this page play what lasts as long as its transcript: the platform's stand-in has nothing longer than 30 seconds. */
function lasting(page, seconds) {
  const wave = silence(seconds);
  return page.route("**/media", (route) => {
    const [, from, to] = route.request().headers().range?.match(/^bytes=(\d+)-(\d*)$/) ?? [null, "0", ""];
    const [start, end] = [Number(from), to === "" ? wave.length - 1 : Number(to)];
    return route.fulfill({
      status: 206,
      headers: { "content-type": "audio/wav", "accept-ranges": "bytes", "content-range": `bytes ${start}-${end}/${wave.length}` },
      body: wave.subarray(start, end + 1),
    });
  });
}

const seek = (page, second) => page.evaluate(`document.getElementById("media").currentTime = ${second}`);

/** Which sentence is said now, and whether all of it lies within the transcript's own window. */
const current = (page) => page.evaluate(() => {
  const list = document.getElementById("transcript");
  const line = list.querySelector("[aria-current]");
  if (!line) return {};
  const [around, its] = [list.getBoundingClientRect(), line.getBoundingClientRect()];
  return { number: [...list.children].indexOf(line) + 1, isSeen: its.top >= around.top && its.bottom <= around.bottom };
});

const copied = (page) => page.evaluate(() => navigator.clipboard.readText());

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
    await eventually("a link", async () => (await copied(page)).includes("?t="));
    assert.equal(await copied(page), `${company.site}${path}?t=12`);
    await page.locator("#transcript [aria-current]", { hasText: "中文GPT5" }).waitFor();
    await page.keyboard.press("q");
    await eventually("a quotation", async () => (await copied(page)).includes("—"));
    assert.match(await copied(page), /^王芳: 中文GPT5 的接入，由李娜出方案。\n— 产品周会：Q4 规划 \/ 复盘 0:12\nhttp/);
    await it.close();
  });

  test("sentences that are selected are quoted together, and selecting plays nothing", async () => {
    const { browser, company, roles, minute } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.member);
    const { page } = it;
    const path = `/recordings/${minute("产品周会")}`;
    await it.visit(path);
    await until(page, "media.readyState >= 1");
    await page.locator("#transcript").scrollIntoViewIfNeeded();
    const words = page.locator("#transcript .words");
    const said = await words.allTextContents();
    assert.equal(said.length, 5);
    // From within one sentence to within another, which need not come after it.
    const select = async (from, to) => {
      const [start, end] = [await words.nth(from).boundingBox(), await words.nth(to).boundingBox()];
      await page.mouse.move(start.x + 20, start.y + start.height - 5);
      await page.mouse.down();
      await page.mouse.move(end.x + 40, end.y + end.height - 5, { steps: 5 });
      await page.mouse.up();
    };
    const quoted = async (press) => {
      await page.evaluate(() => navigator.clipboard.writeText(" "));
      await press();
      return eventually("a quotation", async () => (await copied(page)).trim());
    };
    const quotation = (sentences, clock, second) => [
      ...sentences.map((sentence) => `王芳: ${sentence}`),
      `— 产品周会：Q4 规划 / 复盘 ${clock}`,
      `${company.site}${path}?t=${second}`,
    ].join("\n");
    await select(1, 3);
    assert.equal(await quoted(() => page.keyboard.press("q")), quotation(said.slice(1, 4), "0:04", 4));
    await select(4, 2);
    assert.equal(await quoted(() => page.locator("#copy-quote").click()), quotation(said.slice(2), "0:08", 8));
    assert.deepEqual(await page.locator("#media").evaluate((media) => [media.paused, media.currentTime]), [true, 0]);
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

  test("chapters stand on the bar where they begin, and lead there", async () => {
    const { browser, company, roles, minute } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.member);
    const { page } = it;
    await it.visit(`/recordings/${minute("产品周会")}`);
    await until(page, "media.readyState >= 1");
    await page.evaluate(() => {
      window.jumps = [];
      const media = document.getElementById("media");
      media.addEventListener("seeking", () => window.jumps.push(media.currentTime));
    });
    const bar = await page.locator(".marks").boundingBox();
    const marks = page.locator(".marks a");
    // Three share twenty seconds; what is kept of them is to the second.
    const begins = [0, 20 / 3, 40 / 3];
    const isThere = (index, second) => second <= begins[index] + 0.05 && second > begins[index] - 1;
    assert.equal(await marks.count(), begins.length);
    for (const [index, go] of [[1, "click"], [2, "Enter"], [0, "click"]]) {
      const mark = marks.nth(index);
      const place = ((await mark.boundingBox()).x - bar.x) / bar.width * 20;
      assert.ok(isThere(index, place), `chapter ${index} stands at ${place} s`);
      await page.evaluate(() => { window.jumps = []; });
      if (go === "click") await mark.click(); else await mark.press(go);
      const [second] = await eventually("a jump", () => page.evaluate(() => window.jumps.length > 0 && window.jumps));
      assert.ok(isThere(index, second), `chapter ${index} leads to ${second} s`);
      await until(page, "!media.paused && Math.abs(document.getElementById('played').getAttribute('x') / 50 - media.currentTime) < 0.5");
    }
    assert.equal(new URL(page.url()).search, "", "the page is the same");
    await it.isCalm("chapters");
    await it.close();
  });

  test("every speed can be chosen, and keys go from one to the next and stop at the ends", async () => {
    const { browser, company, roles, minute } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.member);
    const { page } = it;
    await it.visit(`/recordings/${minute("产品周会")}`);
    const choice = page.locator("#speed");
    const speeds = (await choice.locator("option").allTextContents()).map(Number);
    assert.deepEqual(speeds, speeds.toSorted((a, b) => a - b));
    assert.deepEqual([speeds.at(0), speeds.at(-1)], [0.5, 3]);
    const plays = (speed) => until(page, `media.playbackRate === ${speed} && document.getElementById("speed").value === "${speed}"`);
    await plays(1);
    const walk = async (key, way) => {
      for (const speed of way) {
        await page.keyboard.press(key);
        await plays(speed);
      }
    };
    await walk("]", [...speeds.filter((speed) => speed > 1), 3]);
    await walk("[", [...speeds.toReversed().slice(1), 0.5]);
    await walk("]", [speeds[1]]);
    await choice.selectOption("2");
    await plays(2);
    await it.isCalm("speeds");
    await it.close();
  });

  test("keys do what their list says", async () => {
    const { browser, company, roles, minute } = house;
    const it = await Person.at(browser, company);
    await it.enter(roles.member);
    const { page } = it;
    await it.visit(`/recordings/${minute("产品周会")}`);
    await until(page, "media.readyState >= 1");
    await page.keyboard.press("?");
    const frame = page.getByRole("dialog");
    await frame.waitFor();
    const listed = await frame.locator("kbd").allTextContents();
    assert.deepEqual(listed.sort(), [..."/?CFJKLMNPQY[]←→", "Space"].sort());
    await it.isAccessible("the keys");
    await page.keyboard.press("l");
    await page.keyboard.press("Escape");
    await frame.waitFor({ state: "hidden" });
    await until(page, "media.currentTime === 0");

    const press = async (key, condition) => {
      await page.keyboard.press(key);
      await until(page, condition);
    };
    const goes = async (...way) => {
      for (const [key, second] of way) await press(key, `!media.seeking && Math.abs(media.currentTime - ${second}) < 0.1`);
    };
    await goes(["ArrowRight", 5], ["l", 15], ["ArrowLeft", 10], ["j", 0], ["ArrowLeft", 0], ["L", 10], ["l", 20], ["J", 10]);
    // The browser has keys of its own there: one press is one step all the same.
    await page.locator("#media").focus();
    await goes(["ArrowRight", 15], ["ArrowLeft", 10]);
    await press(" ", "!media.paused && media.currentTime > 10.3");
    await press(" ", "media.paused");
    await page.locator("#media").evaluate((media) => media.blur());
    await press(" ", "!media.paused");
    await press("k", "media.paused");
    await press("f", "document.fullscreenElement === media");
    await press("f", "document.fullscreenElement === null");
    await page.locator("#show-notes").focus();
    await seek(page, 10);
    await press("k", "!media.paused");
    await press("K", "media.paused");
    await it.isCalm("keys");
    await it.close();
  });

  for (const [where, phone] of [["at the desk", false], ["on a phone", true]]) {
    test(`the transcript follows, until somebody scrolls it: ${where}`, async () => {
      const { browser, company, roles, long } = house;
      const it = await Person.at(browser, company, { phone });
      await it.enter(roles.member);
      const { page } = it;
      await lasting(page, 182);
      await it.visit(`/recordings/${long}`);
      await until(page, "media.readyState >= 1 && media.duration > 181");
      const list = page.locator("#transcript");
      const follow = page.locator("#follow");
      const follows = (number) => eventually(`sentence ${number}, in sight`, async () => {
        const said = await current(page);
        return said.number === number && said.isSeen;
      });
      await seek(page, 150);
      await follows(38);
      await seek(page, 174.5);
      await page.keyboard.press("k");
      await follows(45);
      await page.keyboard.press("k");
      await seek(page, 90);
      await follows(23);

      await list.scrollIntoViewIfNeeded();
      const { x, y, height } = await list.boundingBox();
      if (phone) {
        const finger = await it.context.newCDPSession(page);
        const touch = (type, ...points) => finger.send("Input.dispatchTouchEvent", { type, touchPoints: points });
        await touch("touchStart", { x: x + 50, y: y + height / 4 });
        for (const part of [4, 5, 6, 7]) await touch("touchMove", { x: x + 50, y: y + height * part / 8 });
        await touch("touchEnd");
      } else {
        await page.mouse.move(x + 50, y + height / 2);
        await page.mouse.wheel(0, -200);
      }
      await eventually("no following", async () => !(await follow.isChecked()));
      await list.evaluate((element) => element.scrollTo(0, 0));
      await seek(page, 170);
      await eventually("sentence 43", async () => (await current(page)).number === 43);
      assert.equal(await list.evaluate((element) => element.scrollTop), 0, "it stays where somebody reads");
      await follow.check();
      await follows(43);
      await it.isCalm(`following ${where}`);
      await it.close();
    });
  }
}
