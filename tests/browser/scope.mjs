// Two townships at their desks, and the county above them: each township sees itself and no more, in its
// queue, by addresses typed by hand, on its map, on its screen, and in what is live.

import assert from "node:assert/strict";
import { DESK, PHONE, TOWNSHIP, link as linkFor, links, report, say, story } from "./lib.mjs";

await story("scope", async (person) => {
  const link = links();
  const county = await person("county", DESK);
  const desk = await county.signIn(link.county);
  const whole = await maps(desk);
  const names = new Map(whole.townships.map((each) => [each.code, each.name]));
  assert(names.size > 1 && names.has(TOWNSHIP), "the county has several townships");
  const other = [...names.keys()].find((code) => code !== TOWNSHIP);
  say(`${names.get(TOWNSHIP)} and ${names.get(other)}`);

  const offices = [
    { code: TOWNSHIP, strange: other, link: link.township },
    { code: other, strange: TOWNSHIP, link: linkFor("--role", "operator", "--division", other) },
  ];
  for (const office of offices) {
    office.name = names.get(office.code);
    office.person = await person(office.name, DESK);
    office.page = await office.person.signIn(office.link);
    await office.person.check(office.page);
  }

  say("what is live: each hears of its own");
  await listen(desk);
  for (const { page } of offices) await listen(page);
  for (const office of offices) {
    const resident = await person(`resident of ${office.code}`, PHONE);
    const grid = whole.grids.find((each) => each.id.startsWith(office.code)).id;
    office.case = (await report(resident, "两个乡镇各报一件", grid)).id;
  }
  // The county hears of both; each township has then heard of its own.
  for (const { code } of offices) await heard(desk, code, 2);
  for (const { page, code } of offices) await heard(page, code, 2);
  for (const { page, code } of offices) {
    const places = await page.evaluate(() => window.frames_heard.map((frame) => frame.township));
    const strange = places.filter((place) => place !== undefined && place !== code);
    assert.deepEqual(strange, [], `${code} heard of others`);
  }

  const cameras = new Set();
  for (const { code, strange, name, page, person: clerk } of offices) {
    say(`${name}: the map`);
    const own = await maps(page);
    assert.deepEqual(own.townships.map((each) => each.code), [code]);
    const ofGrid = (each) => each.id.startsWith(code);
    assert(own.grids.length > 0 && own.grids.every(ofGrid), "its own grids");
    assert.equal(own.grids.length, whole.grids.filter(ofGrid).length, "all of them");
    const ids = own.cameras.map((each) => each.id);
    assert(ids.length > 0 && ids.length < whole.cameras.length, `${ids.length} cameras, not those of the county`);
    assert(ids.every((camera) => !cameras.has(camera)), "no camera in two townships");
    for (const camera of ids) cameras.add(camera);
    assert(own.cases.every((each) => each.properties.township === code), "its own cases");

    say(`${name}: the queue`);
    await page.goto(new URL("/console?tab=all", page.url()).href);
    await page.locator("tr[data-row]").first().waitFor();
    const places = await page.locator(".queue-place").allInnerTexts();
    assert(places.every((place) => place.includes(name)), `of its own place: ${places.find((place) => !place.includes(name))}`);
    const choices = await page.locator("select[name=division] option").evaluateAll((all) => all.map((one) => one.value));
    assert(choices.every((choice) => !choice || choice.startsWith(code)), `places to choose from: ${choices}`);
    await clerk.check(page);

    say(`${name}: the other's case, by hand`);
    const theirs = offices.find((each) => each.code === strange).case;
    const paths = [
      `/console/cases/${theirs}`, `/console/cases/${theirs}/history`, `/console/rows/${theirs}`,
      `/console?tab=all&division=${strange}`,
    ];
    for (const path of paths) {
      const answer = await page.request.get(new URL(path, page.url()).href);
      assert([403, 404].includes(answer.status()), `${path}: ${answer.status()}`);
      const said = await answer.text();
      assert(!said.includes(names.get(strange)) && !said.includes("timeline"), `${path} tells something`);
    }
    const refused = await page.request.post(new URL(`/console/cases/${theirs}/reopen`, page.url()).href, {
      form: { request_id: crypto.randomUUID(), text: "不属于本镇" },
      headers: { "sec-fetch-site": "same-origin" },
    });
    assert([403, 404].includes(refused.status()), `a command on it: ${refused.status()}`);

    say(`${name}: the screen`);
    const screen = await clerk.open("/screen");
    await screen.locator("[data-count=grids]").filter({ hasText: /^\d/ }).waitFor();
    const text = await screen.locator("body").innerText();
    for (const [place, called] of names) {
      if (place !== code) assert(!text.includes(called), `${called} on the screen of ${name}`);
    }
    const grids = (await screen.locator("[data-grids]").getAttribute("data-grids")).split(" ").filter(Boolean);
    assert(grids.every((each) => each.startsWith(code)), `counts of its own grids: ${grids}`);
    assert.equal(await screen.locator("[data-count=grids]").innerText(), String(own.grids.length));
    await clerk.check(screen);
    await screen.close();
  }
});

/** What the maps of a page may draw. */
async function maps(page) {
  return page.evaluate(async () => {
    const ask = async (name) => (await fetch(`/api/ui/${name}.geojson`)).json();
    const [grids, cameras, cases] = await Promise.all(["grids", "cameras", "cases"].map(ask));
    return { townships: grids.townships, grids: grids.features.map(({ id }) => ({ id })), cameras: cameras.features, cases: cases.features };
  });
}

/** Reads the stream of this page's session, frame by frame. */
async function listen(page) {
  await page.evaluate(async () => {
    window.frames_heard = [];
    const answer = await fetch("/events");
    if (!answer.ok) throw new Error(`/events: ${answer.status}`);
    (async () => {
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; ;) {
        const { value, done } = await reader.read();
        if (done) return;
        const parts = (text + value).split("\n\n");
        text = parts.pop();
        for (const part of parts) {
          const data = part.split("\n").find((line) => line.startsWith("data: "));
          if (data) window.frames_heard.push(JSON.parse(data.slice("data: ".length)));
        }
      }
    })().catch(() => {});
  });
}

/** Waits until a page has heard so many frames of a township. */
async function heard(page, township, many) {
  await page.waitForFunction(
    ([code, least]) => window.frames_heard.filter((frame) => frame.township === code).length >= least,
    [township, many],
  );
}
