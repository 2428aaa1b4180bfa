// The pictures of the README, of a demo that has lived for a while: UPDATE_SCREENSHOTS=1 writes them to
// docs/screenshots. Start the demo with `--pace brisk`, give it a few minutes, name it as for the tests.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { DESK, PHONE, WALL, WASTE, YOURS, attach, links, report, say, seen, story } from "./lib.mjs";
import { fewer } from "./png.mjs";

/** How large a picture may be, in bytes. */
const MOST = 300 * 1024;

const folder = new URL("../../docs/screenshots/", import.meta.url).pathname;

if (process.env.UPDATE_SCREENSHOTS !== "1") {
  say("nothing is written without UPDATE_SCREENSHOTS=1");
  process.exit(0);
}
mkdirSync(folder, { recursive: true });
const shot = async (page, name) => {
  await page.evaluate(() => document.fonts.ready);
  await seen(page, "a.photo img", 0);
  await page.evaluate(() => scrollTo(0, 0));
  const taken = await page.screenshot({ animations: "disabled" });
  const file = taken.length <= MOST ? taken : fewer(taken);
  assert(file.length <= MOST, `${name}: ${file.length} bytes`);
  writeFileSync(`${folder}${name}.png`, file);
  say(name);
};

await story("screenshots", async (person) => {
  const link = links();
  const resident = await person("resident", PHONE, { deviceScaleFactor: 2 });
  const member = await person("member", PHONE, { deviceScaleFactor: 2 });
  const operator = await person("operator", DESK);
  const wall = await person("wall", WALL);

  const queue = await operator.signIn(link.county);
  const file = await photoOf(queue);

  // A report in a grid whose orders the players see to, so that it comes to its end.
  const grids = await queue.evaluate(async () => (await (await fetch("/api/ui/grids.geojson")).json()).features.map(({ id }) => id));
  const followed = await report(resident, "学校后门的垃圾桶旁堆了好几天垃圾，天热味道大，孩子上学要绕着走。", grids.find((grid) => grid.startsWith("620821108") && grid !== YOURS), file);

  const page = await resident.open(`/report?grid=${YOURS}`);
  await attach(page, "photos", file);
  await page.locator(`label[for="g-${WASTE.group}"]`).click();
  await page.locator("label.leaf").filter({ hasText: WASTE.name }).first().click();
  await page.locator("#f-text").fill("学校后门的垃圾桶旁堆了好几天垃圾，天热味道大。");
  await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
  await shot(page, "resident-report");

  await member.signIn(link.member);
  const tasks = await member.open("/work?tab=todo");
  for (const path of await tasks.locator("a.task").evaluateAll((all) => all.map((one) => one.getAttribute("href")))) {
    await tasks.goto(new URL(path, tasks.url()).href);
    if (await tasks.locator(".photo img").count()) break;
  }
  await shot(tasks, "work-task");

  await queue.goto(new URL("/console?tab=all", queue.url()).href);
  await queue.locator("[data-live][data-state=on]").waitFor();
  await shot(queue, "console-queue");

  await wall.signIn(link.supervisor);
  const screen = await wall.open("/screen");
  await screen.locator("[data-count=cameras]").filter({ hasText: /^\d/ }).waitFor();
  await screen.waitForFunction(() => document.querySelector(".screen-map canvas"));
  await screen.waitForLoadState("networkidle").catch(() => {});
  await shot(screen, "screen");

  await followed.page.locator("#rate").waitFor({ timeout: 400_000 });
  await followed.page.goto(followed.page.url());
  await shot(followed.page, "resident-progress");
  await queue.goto(new URL(`/console/cases/${followed.id}`, queue.url()).href);
  await shot(queue, "console-case");
});

/** A photo of waste that the players took. */
async function photoOf(page) {
  await page.goto(new URL(`/console?tab=all&category=${WASTE.leaf}`, page.url()).href);
  const cases = await page.locator("tr[data-row]").evaluateAll((all) => all.map((one) => one.dataset.row));
  for (const id of cases) {
    await page.goto(new URL(`/console/cases/${id}`, page.url()).href);
    const own = page.locator(".case-left a.photo").first();
    if (!(await own.count())) continue;
    const answer = await page.request.get(new URL(await own.getAttribute("href"), page.url()).href);
    assert.equal(answer.status(), 200);
    return { name: "photo.jpg", mimeType: "image/jpeg", buffer: await answer.body() };
  }
  assert.fail("no photo of waste was taken yet: give the demo a few minutes");
}
