// The suite is killed under open pages, and started again: they say so, go on where they were and show
// what happened in between. And a form that is sent after the session has gone keeps what was typed.

import assert from "node:assert/strict";
import {
  DESK, PHONE, YOURS, attach, isMarked, links, mark, photo, please, report, say, story,
} from "./lib.mjs";

await story("faults", async (person) => {
  const link = links();
  const resident = await person("resident", PHONE);
  const operator = await person("operator", DESK);
  const member = await person("member", PHONE);
  const everybody = [resident, operator, member];
  const fails = (may) => everybody.forEach((each) => { each.mayFail = may; });

  const queue = await operator.signIn(link.county);
  await member.signIn(link.member);
  const { page, id } = await report(resident, "井边垃圾堆积，断电前反映");
  await queue.goto(new URL(`/console?tab=all&division=${YOURS.slice(0, 12)}`, queue.url()).href);
  const row = queue.locator(`[data-row="${id}"]`);
  await row.getByText("待接单").waitFor();
  const desk = await operator.open(`/console/cases/${id}`);
  const order = await desk.locator("input[name=order]").first().getAttribute("value");
  await queue.locator("[data-live][data-state=on]").waitFor();
  for (const each of [page, queue, desk]) await mark(each);

  say("the suite is killed: the desk says so");
  fails(true);
  await please("kill");
  await queue.locator("[data-live][data-state=again]").waitFor();
  await desk.locator("[data-live][data-state=again]").waitFor();
  // They stay away while it starts and goes on, so that there is something to catch up with.
  await resident.context.setOffline(true);
  await operator.context.setOffline(true);
  await please("start");

  say("it goes on, and so does the member");
  const task = await member.open(`/work/${order}`);
  await task.getByRole("button", { name: "接单", exact: true }).click();
  await task.waitForURL("**/work/*done=accept*");

  say("the pages come back, where they were");
  await resident.context.setOffline(false);
  await operator.context.setOffline(false);
  await row.getByText("处置中").waitFor();
  await desk.locator("#history").getByText("接单", { exact: true }).first().waitFor();
  await page.locator("#progress .timeline").getByText("已接单").first().waitFor();
  await queue.locator("[data-live][data-state=on]").waitFor();
  for (const each of [page, queue, desk]) assert(await isMarked(each), `${each.url()}: not loaded again`);

  say("what is typed survives a session that has gone");
  const words = "已清运完毕，登录失效之后提交";
  await task.getByRole("link", { name: "反馈", exact: true }).click();
  await task.waitForURL("**/feedback");
  await task.locator("label.choice").filter({ hasText: "已解决" }).first().click();
  await task.locator("#f-text").fill(words);
  await attach(task, "photos_after", await photo(task, "after.jpg", true));
  const photos = await task.locator("input[name=photos_after]").evaluateAll((all) => all.map((one) => one.value));
  await member.context.clearCookies();
  await task.getByRole("button", { name: "提交反馈" }).click();
  await task.getByRole("link", { name: "在新窗口登录" }).waitFor();
  await member.check(task);
  assert.equal(await task.locator("input[name=text]").inputValue(), words);
  assert.deepEqual(await task.locator("input[name=photos_after]").evaluateAll((all) => all.map((one) => one.value)), photos);
  const again = await member.signIn(links().member);
  await again.close();
  await task.getByRole("button", { name: "再次提交" }).click();
  await task.waitForURL("**/work/*done=feedback*");
  await task.locator(".timeline").getByText(words).waitFor();
  await page.locator("#progress .timeline").getByText("已反馈").first().waitFor();
  fails(false);
});
