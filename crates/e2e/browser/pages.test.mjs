// The pages as people use them: the built program with the stand-in's demo company behind it, in a real browser.

import { after, before, describe } from "node:test";

import { openBrowser } from "./browser.mjs";
import { Company, eventually } from "./company.mjs";
import { firstRun } from "./first_run.mjs";
import { doors } from "./doors.mjs";
import { hostile, HOSTILE, TWIN } from "./hostile.mjs";
import { library } from "./library.mjs";
import { looks } from "./looks.mjs";
import { office } from "./office.mjs";
import { player } from "./player.mjs";
import { proof } from "./proof.mjs";
import { queue } from "./queue.mjs";
import { rooms } from "./rooms.mjs";
import { search } from "./search.mjs";
import { walls } from "./walls.mjs";
import { watermark } from "./watermark.mjs";

/** Whom the tests are about; all of the stand-in's demo company. */
const ROLES = { administrator: "张伟", auditor: "欧阳雪", member: "王芳", other: "陈静" };

/** Filled before the first test. */
const house = { roles: ROLES };

/** The demo company, with what a hostile colleague adds to it, settled. */
async function settledCompany() {
  const company = await Company.open("company", (person) => ({
    COMPANY_NAME: "示例科技",
    COMPANY_ADMINISTRATORS: person(ROLES.administrator),
    COMPANY_AUDITORS: person(ROLES.auditor),
  }));
  const mallory = await company.control("POST", "people", HOSTILE.person);
  const people = company.ready.users.filter((user) => user.authorises).map((user) => user.open_id);
  for (const openId of [...people, mallory.open_id]) await company.authorise(openId);
  await company.postEvents();
  await company.control("POST", "play", { spacing_ms: 20 });
  house.hostile = await company.record({ ...HOSTILE.minute, owner: mallory.open_id });
  house.twin = await company.record({ ...TWIN, owner: mallory.open_id });
  house.long = await company.record({
    owner: company.person(ROLES.member),
    title: "部门月会",
    transcript: Array.from({ length: 45 }, (_, line) => `第 ${line + 1} 句：本月的进展与下月的安排。`),
  });
  // As demo's own report has it, and the three recordings from above.
  await eventually("the demo company, archived", async () => {
    const { recordings } = await company.ask("status", "--json");
    return recordings.archived === 40 && recordings.denied === 1 && recordings.gone === 1;
  });
  // Looks for what people attended come after all other looks.
  await eventually("what its member attended", async () => {
    const { attended } = await company.ask("members", "show", company.person(ROLES.member), "--json");
    return attended?.reached_ms <= attended?.goal_ms;
  });
  const { minutes } = await company.control("GET", "minutes");
  house.minute = (title) => minutes.find((minute) => minute.title.startsWith(title)).token;
  return company;
}

before(async () => {
  house.browser = await openBrowser();
  [house.company, house.fresh] = await Promise.all([settledCompany(), Company.open("small", { COMPANY_WATERMARK: "true" })]);
});

after(async () => {
  await house.browser?.close();
  await house.fresh?.close();
  await house.company?.close();
});

describe("the first run", () => firstRun(house));
describe("the doors", () => doors(house));
describe("the library", () => library(house));
describe("the player", () => player(house));
describe("the proof", () => proof(house));
describe("the watermark", () => watermark(house));
describe("the search", () => search(house));
describe("the queue", () => queue(house));
describe("the walls", () => walls(house));
describe("hostile texts", () => hostile(house));
describe("the office", () => office(house));
describe("the rooms", () => rooms(house));
describe("every page", () => looks(house));
