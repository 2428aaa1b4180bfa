// The main job, lived by five people at their devices: a resident reports with a photo, the desk sees it
// come, the wall shows it, the member handles it, a verifier looks, the desk closes, the resident rates
// and has points. Every page that is open moves by itself.

import assert from "node:assert/strict";
import {
  DESK, HOSTILE, PHONE, WALL, WASTE, YOURS, attach, isMarked, links, mark, photo, reloadUntil, say, seen, story,
} from "./lib.mjs";

const WORDS = `村口垃圾堆了三天 ${HOSTILE}`;

await story("main_job", async (person) => {
  const link = links();
  const resident = await person("resident", PHONE);
  const member = await person("member", PHONE);
  const operator = await person("operator", DESK);
  const wall = await person("wall", WALL);
  const verifier = await person("verifier", PHONE);

  say("they sign in, and look");
  const queue = await operator.signIn(link.county);
  await queue.goto(`${new URL(queue.url()).origin}/console?tab=routed&division=${YOURS.slice(0, 12)}&category=${WASTE.leaf}`);
  await operator.check(queue);
  await mark(queue);
  const tasks = await member.signIn(link.member);
  await member.check(tasks);
  await tasks.goto(`${new URL(tasks.url()).origin}/work?tab=todo`);
  await mark(tasks);
  await wall.signIn(link.supervisor);
  const screen = await wall.open("/screen");
  await screen.locator("[data-count=grids]").filter({ hasText: /^\d/ }).waitFor();
  await wall.check(screen);
  await mark(screen);

  say("the resident reports");
  const page = await resident.open(`/q/${YOURS}`);
  await resident.check(page);
  await page.locator(".door.is-first").click();
  await page.waitForURL("**/report?**");
  await resident.check(page);
  await attach(page, "photos", await photo(page, "before.jpg"));
  await page.locator(`label[for="g-${WASTE.group}"]`).click();
  await page.locator("label.leaf").filter({ hasText: WASTE.name }).first().click();
  await page.locator("#f-text").fill(WORDS);
  await page.locator("details.fold > summary").click();
  await page.locator("#f-name").fill("王先生");
  await page.locator("#f-phone").fill("19900001234");
  await resident.check(page);
  await page.locator("button.is-send").click();
  await page.waitForURL("**/t/**");
  await page.locator(".receipt-code").waitFor();
  await resident.check(page);
  const code = (await page.locator(".receipt-code").innerText()).trim();
  assert.match(code, /^[0-9A-Z]{4}-[0-9A-Z]{5}-[0-9A-Z]{4}$/, "a tracking code");
  assert.equal(await page.locator(".receipt svg.qr").count(), 1, "a code to photograph");
  await shows(page.locator("#progress .said").first(), WORDS);
  await seen(page, "#progress .photo img");
  const home = await resident.open("/");
  await resident.check(home);
  const own = home.locator("a.line[href^='/c/']").first();
  const id = (await own.getAttribute("href")).slice("/c/".length);
  await home.close();
  await mark(page);

  say("the desk and the wall see it come");
  const row = queue.locator(`[data-row="${id}"]`);
  await queue.locator("[data-news]:not([hidden])").waitFor();
  assert(await isMarked(queue), "the queue was not loaded again for that");
  await queue.locator("[data-news]").click();
  await row.waitFor();
  await operator.check(queue);
  await mark(queue);
  await screen.locator(`[data-key^="${id} "]`).first().waitFor();
  assert(await isMarked(screen), "the screen was not loaded again for that");

  say("the member accepts");
  const desk = await operator.open(`/console/cases/${id}`);
  await shows(desk.locator(".case-left .said").first(), WORDS);
  await seen(desk, ".case-left .photo img");
  await operator.check(desk);
  const order = await desk.locator("input[name=order]").first().getAttribute("value");
  await mark(desk);
  await tasks.locator(`#order-${order}`).waitFor();
  assert(await isMarked(tasks), "the tasks were not loaded again for that");
  await tasks.locator(`#order-${order}`).click();
  await tasks.waitForURL(`**/work/${order}`);
  await shows(tasks.locator(".typed").first(), WORDS);
  await seen(tasks, ".said .photo img");
  await member.check(tasks);
  await tasks.getByRole("button", { name: "接单", exact: true }).click();
  await tasks.waitForURL("**/work/*done=accept*");
  await member.check(tasks);
  await moved(page, "已接单");
  await row.getByText("处置中").waitFor();
  await desk.locator("#history").getByText("接单", { exact: true }).first().waitFor();

  say("the member tells what was done");
  await tasks.getByRole("link", { name: "反馈", exact: true }).click();
  await tasks.waitForURL("**/feedback");
  await tasks.locator("label.choice").filter({ hasText: "已解决" }).first().click();
  await tasks.locator("#f-text").fill(`已清运完毕 ${HOSTILE}`);
  await attach(tasks, "photos_before", await photo(tasks, "before.jpg"));
  await attach(tasks, "photos_after", await photo(tasks, "after.jpg", true));
  await member.check(tasks);
  await tasks.getByRole("button", { name: "提交反馈" }).click();
  await tasks.waitForURL("**/work/*done=feedback*");
  await member.check(tasks);
  await moved(page, "已反馈");

  say("somebody else verifies, the desk closes");
  await verifier.signIn(link.verifier);
  const look = await verifier.open("/work?tab=verify");
  await verifier.check(look);
  await look.locator(`#order-${order}`).click();
  await look.waitForURL(`**/work/${order}`);
  await seen(look, ".gallery .photo img", 3);
  await verifier.check(look);
  await look.getByRole("link", { name: "核查", exact: true }).click();
  await look.waitForURL("**/verify");
  await look.locator("label.choice:has(input[name=passed])").first().click();
  await look.locator("label.choice:has(input[name=found_true])").first().click();
  await verifier.check(look);
  await look.getByRole("button", { name: "提交核查" }).click();
  await look.waitForURL("**/work/*done=verify*");
  await moved(page, "核查通过");
  // What the page offers changes with the case: it says so, and waits to be asked.
  await desk.locator("[data-changed]:not([hidden])").click();
  const close = desk.locator("details.act:has(form[action$='/close'])");
  await close.waitFor();
  if ((await close.getAttribute("open")) === null) await close.locator("summary").click();
  await close.locator("form button").click();
  await desk.locator(".note.is-ok").waitFor();
  await operator.check(desk);

  say("the resident rates");
  await page.locator("#rate").waitFor();
  assert(await isMarked(page), "the progress came by itself, from the receipt to the rating");
  assert.equal(await page.locator("form[action$='/reopen']").count(), 1, "it can be reopened");
  await resident.check(page);
  await page.locator("#rate label.level").first().click();
  await page.locator("#rate label.choice:has(input[name=solved])").first().click();
  await page.locator("#rate label.choice:has(input[name=contacted])").first().click();
  await page.locator("#f-comment").fill(`谢谢 ${HOSTILE}`);
  await page.locator("#rate button").click();
  await page.locator("#progress .rating").waitFor();
  await resident.check(page);
  assert.equal(await page.locator("#rate").count(), 0, "it is rated once");
  await page.locator(".stepper [aria-current=step]").filter({ hasText: "已评价" }).waitFor();
  const points = await resident.open("/points");
  await reloadUntil(points, points.locator(".amount.is-in"), "the points of the report");
  assert.match(await points.locator("#main").innerText(), /反映属实/, "and why");
  await resident.check(points);
  await shows(page.locator("#progress .said").last(), WORDS);
  for (const step of ["已接单", "已反馈", "核查通过"]) await moved(page, step, false);

  say("all pages are still live");
  await row.getByText("已归档").waitFor();
  assert(await isMarked(queue) && await isMarked(screen), "neither the queue nor the screen was loaded again");
  await wall.check(screen);
});

/** What was typed stands there as text, as it was typed. */
async function shows(place, words) {
  await place.waitFor();
  assert.equal((await place.textContent()).trim(), words.trim());
  assert.equal(await place.locator("script, img").count(), 0, "no element came of it");
}

/** The resident's page comes to this, by itself where it was not sent. */
async function moved(page, text, byItself = true) {
  await page.locator("#progress .timeline").getByText(text).first().waitFor();
  assert(!byItself || await isMarked(page), `${text}: the page was not loaded again for that`);
}
