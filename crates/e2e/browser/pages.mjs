// Every page there is: its name, its address, and who opens it. A new page needs one line here to be looked at in each
// language, light and dark, at the desk and on a phone.

/** `shots`: the looks that are kept for the documents. */
export const PAGES = [
  { name: "authorise", who: "nobody", path: "/auth/start", shots: ["desk", "dark", "phone"] },
  { name: "sign-in", who: "nobody", path: "/auth/sign-in", shots: ["desk"] },
  { name: "nowhere", who: "nobody", path: "/nowhere", shots: ["desk"] },
  { name: "library", who: "administrator", path: "/recordings", shots: ["desk", "dark", "phone"] },
  { name: "library-cards", who: "member", path: "/recordings?view=cards", shots: ["desk", "phone"] },
  { name: "player", who: "member", path: (house) => `/recordings/${house.minute("产品周会")}?t=8`, shots: ["desk", "dark", "phone", "english"] },
  { name: "player-audio", who: "auditor", path: (house) => `/recordings/${house.minute("用户访谈")}`, shots: ["phone"] },
  { name: "player-part", who: "administrator", path: (house) => `/recordings/${house.minute("年度全员大会")}`, shots: ["desk"] },
  { name: "player-long", who: "member", path: (house) => `/recordings/${house.long}`, shots: [] },
  { name: "player-hostile", who: "auditor", path: (house) => `/recordings/${house.hostile}`, shots: ["phone"] },
  { name: "search", who: "member", path: "/search?q=%E9%A2%84%E7%AE%97", shots: ["desk", "dark", "phone"] },
  { name: "overview", who: "administrator", path: "/overview", shots: ["desk", "dark", "phone", "english"] },
  { name: "queue", who: "administrator", path: "/queue", shots: ["desk", "phone"] },
  { name: "queue-cause", who: "administrator", path: "/queue?of=cause.export_denied", shots: ["desk"] },
  { name: "history", who: "administrator", path: (house) => `/queue/${house.minute("保密")}`, shots: ["desk", "phone"] },
  { name: "people", who: "administrator", path: "/people", shots: ["desk", "phone"] },
  { name: "coverage", who: "administrator", path: "/coverage", shots: ["desk", "dark", "phone"] },
  { name: "health", who: "administrator", path: "/health", shots: ["desk", "phone"] },
  { name: "storage", who: "administrator", path: "/storage", shots: ["desk", "phone"] },
  { name: "tokens", who: "member", path: "/tokens", shots: ["desk", "phone"] },
  { name: "audit", who: "auditor", path: "/audit", shots: ["desk", "phone"] },
  { name: "settings", who: "administrator", path: "/settings", shots: ["desk", "phone"] },
  { name: "sessions", who: "administrator", path: "/sessions", shots: ["desk", "phone"] },
];
