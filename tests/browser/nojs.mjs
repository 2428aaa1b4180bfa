// Without scripts: a resident reports with a photo, follows, adds; a member accepts. All of it is links
// and forms.

import assert from "node:assert/strict";
import { HOSTILE, PHONE, WASTE, YOURS, links, photo, reloadUntil, say, story } from "./lib.mjs";

const WORDS = `没有脚本也能反映 ${HOSTILE}`;

await story("nojs", async (person) => {
  const link = links();
  // A photo is painted where scripts run.
  const painter = await person("painter", PHONE);
  const file = await photo(await painter.open("/"));
  const resident = await person("resident", PHONE, { javaScriptEnabled: false });
  const member = await person("member", PHONE, { javaScriptEnabled: false });

  say("half a report comes back with what was typed");
  const page = await resident.open(`/q/${YOURS}`);
  await page.locator(".door.is-first").click();
  await page.waitForURL("**/report?**");
  await resident.check(page);
  await page.locator("#f-text").fill(WORDS);
  await page.locator("[data-photos-plain] input[type=file]").setInputFiles(file);
  await resident.answeredWith(page, 422, () => page.locator("button.is-send").click());
  await page.locator(".field-error:visible").first().waitFor();
  assert.equal(await page.locator("#f-text").inputValue(), WORDS, "the words are kept");
  assert.equal(await page.locator("[data-photos-plain] input[name=photos]").count(), 1, "and the photo");
  await resident.check(page);

  say("the whole of it is taken");
  await page.locator(`label[for="g-${WASTE.group}"]`).click();
  await page.locator("label.leaf").filter({ hasText: WASTE.name }).first().click();
  await page.locator("button.is-send").click();
  await page.waitForURL("**/t/**");
  await page.locator(".receipt-code").waitFor();
  await resident.check(page);
  assert.equal((await page.locator("#progress .said").first().textContent()).trim(), WORDS);
  assert.equal(await page.locator("#progress .photo img").count(), 1);
  const code = (await page.locator(".receipt-code").innerText()).trim();

  say("the resident follows by the code");
  const home = await resident.open("/");
  const id = (await home.locator("a.line[href^='/c/']").first().getAttribute("href")).slice("/c/".length);
  const track = await resident.open("/track");
  await resident.check(track);
  await track.locator("#f-code").fill(code.toLowerCase().replaceAll("-", " "));
  await track.getByRole("button", { name: "查询" }).click();
  await track.waitForURL("**/t/**");
  await resident.check(track);

  say("and adds what was forgotten");
  await track.locator("details.fold > summary").filter({ hasText: "补充情况" }).click();
  await track.locator("#f-add").fill(`还有一堆 ${HOSTILE}`);
  await track.locator("form[action$='/add'] [data-photos-plain] input[type=file]").setInputFiles(file);
  await track.locator("form[action$='/add'] button.is-primary").click();
  await track.locator("#progress .timeline").getByText("补充了情况").waitFor();
  await resident.check(track);

  say("the member accepts");
  await member.signIn(link.member);
  const tasks = await member.open("/work?tab=todo");
  await member.check(tasks);
  const order = await orderOf(tasks, id);
  await order.getByRole("button", { name: "接单", exact: true }).click();
  await order.waitForURL("**/work/*done=accept*");
  await member.check(order);
  await reloadUntil(track, track.locator("#progress .timeline").getByText("已接单"), "the acceptance");
  await resident.check(track);
});

/** The order that shows these words, among those of the list. */
async function orderOf(tasks, id) {
  await reloadUntil(tasks, tasks.locator("a.task"), "an order");
  for (;;) {
    const paths = await tasks.locator("a.task").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
    for (const path of paths) {
      await tasks.goto(new URL(path, tasks.url()).href);
      if ((await tasks.locator("body").textContent()).includes(WORDS)) return tasks;
    }
    await tasks.goto(new URL("/work?tab=todo", tasks.url()).href);
    assert(paths.length < 50, `case ${id} is with nobody`);
  }
}
