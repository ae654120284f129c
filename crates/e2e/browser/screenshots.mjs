// Where screenshots are kept.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const folder = process.env.SCREENSHOTS;

/** Keeps what this page shows, as it fits the window. */
export async function keep(page, name) {
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), caret: "hide", animations: "disabled" });
}

/** Keeps a picture that was taken before. */
export async function keepPicture(picture, name) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.png`), picture);
}
