// What the browser tests share: a real Chromium, people with pages of their own, and what every page
// must keep to. The scripts talk to a demo that runs: DEMO_URL, DEMO_DATA, DEMO_GRPC and DEMO_BIN say
// which. Nothing waits for time to pass, only for what must become true.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const root = new URL("../../", import.meta.url);
const require = createRequire(import.meta.url);
const { chromium } = require(new URL(".tools/npm/node_modules/playwright-core", root).pathname);

/** The grid that the players of the demo leave to visitors. */
export const YOURS = "620821108206001";
export const TOWNSHIP = "620821108";

/** What is reported in these stories: it goes to the member of the grid, and earns points. */
export const WASTE = { group: "03", leaf: "0301", name: "生活垃圾暴露堆积" };

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1440, height: 900 };
export const WALL = { width: 1920, height: 1080 };

/** Would do something, were it not only text. */
export const HOSTILE = "<script>window.hit = 1</script><img src=x onerror=\"window.hit = 2\"> مرحبا بالعالم 😀";

const LIMIT_MS = Number(process.env.DEMO_LIMIT_MS ?? 90_000);
const NARROW = 360;
const KEY = /(?<![\w/.-])(?:resident|work|console|screen|account|common|role)-[a-z0-9]+(?:[-_][a-z0-9]+)*/;

const { DEMO_URL, DEMO_DATA, DEMO_GRPC, DEMO_BIN } = process.env;
export const base = new URL(DEMO_URL ?? "http://127.0.0.1:8080").origin;

/** Runs `weft` and answers with what it prints. */
export const weft = (...args) => execFileSync(DEMO_BIN ?? "weft", [...args, "--data", DEMO_DATA ?? "data/demo"], { encoding: "utf8" });

const TITLES = {
  county: "county operator", township: "township operator", member: "grid member",
  clerk: "department clerk", verifier: "verifier", supervisor: "supervisor", administrator: "administrator",
};

/** Fresh sign-in links of the demo, by role. @returns {Record<string, string>} */
export function links() {
  const lines = weft("demo", "links").split("\n");
  return Object.fromEntries(Object.entries(TITLES).map(([name, title]) => {
    const line = lines.find((each) => each.includes(` ${title} `));
    assert(line, `weft demo links names no ${title}`);
    return [name, line.trim().split(/\s+/).at(-1)];
  }));
}

/** A link for somebody who is not in the demo's table. */
export const link = (...duty) => weft("token", "link", ...duty, "--grpc", DEMO_GRPC ?? "127.0.0.1:7600", "--url", base).trim().split(/\s+/).at(-1);

const answers = createInterface({ input: process.stdin });
const answered = answers[Symbol.asyncIterator]();

/** Asks whoever started this script for something, such as to kill the suite; waits until it is done. */
export async function please(what) {
  process.stdout.write(`please ${what}\n`);
  const { value } = await answered.next();
  assert.equal(value, "done", `${what}: ${value}`);
}

export const say = (text) => process.stderr.write(`  ${text}\n`);

/** Somebody with a browser of their own. */
export class Person {
  #context;
  /** What went wrong on any page. */
  #wrong = [];
  /** While the suite is killed its addresses fail; that is no fault of a page. */
  mayFail = false;

  constructor(name, context) {
    this.name = name;
    this.#context = context;
    context.setDefaultTimeout(LIMIT_MS);
    context.setDefaultNavigationTimeout(LIMIT_MS);
    context.on("page", (page) => this.#watch(page));
  }

  get context() {
    return this.#context;
  }

  #watch(page) {
    const note = (what) => this.#wrong.push(`${this.name} at ${page.url()}: ${what}`);
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      // The browser's own words about an answer that a script expects.
      if (this.mayFail && /^(Failed to load resource|htmx:)/.test(message.text())) return;
      note(`console: ${message.text()} ${message.location().url ?? ""}`);
    });
    page.on("pageerror", (error) => note(`script: ${error.stack ?? error}`));
    page.on("request", (request) => {
      const to = new URL(request.url());
      if (to.protocol.startsWith("http") && to.origin !== base) note(`asked another host: ${to.href}`);
    });
    page.on("dialog", (dialog) => {
      if (dialog.type() !== "confirm") note(`dialog: ${dialog.message()}`);
      dialog.accept();
    });
  }

  /** A new page, at this path. */
  async open(path) {
    const page = await this.#context.newPage();
    await page.goto(new URL(path, base).href, { waitUntil: "domcontentloaded" });
    return page;
  }

  /** Signs in by a link, and stays on the page that follows. */
  async signIn(at) {
    const page = await this.open(at);
    await page.getByRole("button", { name: "使用链接登录" }).click();
    await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
    return page;
  }

  /** Does something that is answered with this status; the browser's words about it are no fault. */
  async answeredWith(page, status, act) {
    this.mayFail = true;
    const answer = page.waitForResponse((each) => each.request().isNavigationRequest() && each.status() >= 400);
    await act();
    assert.equal((await answer).status(), status, `${this.name} at ${page.url()}`);
    await page.waitForLoadState("domcontentloaded");
    this.mayFail = false;
  }

  /** What every page keeps to. */
  async check(page, { narrow = true } = {}) {
    const where = `${this.name} at ${new URL(page.url()).pathname}`;
    const found = await page.evaluate(() => {
      const texts = [document.title, document.body.innerText];
      for (const one of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")) {
        texts.push(...["aria-label", "title", "placeholder", "alt"].map((name) => one.getAttribute(name) ?? ""));
      }
      return { text: texts.join("\n"), hit: window.hit, lang: document.documentElement.lang };
    });
    assert.equal(found.hit, undefined, `${where}: what was typed was run`);
    assert.equal(found.lang, "zh-CN", where);
    assert(!KEY.test(found.text), `${where}: an untranslated key: ${KEY.exec(found.text)}`);
    const was = page.viewportSize();
    const phone = was.width < 700;
    if (phone && narrow) await page.setViewportSize({ width: NARROW, height: was.height });
    const wide = await page.evaluate(() => {
      const room = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= room) return "";
      const beyond = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > room + 1);
      return beyond.slice(0, 5).map((one) => `${one.tagName.toLowerCase()}.${one.className}`).join(" ") || "something";
    });
    assert.equal(wide, "", `${where}: wider than its ${phone ? NARROW : was.width} pixels: ${wide}`);
    if (phone && narrow) await page.setViewportSize(was);
    this.fine();
  }

  /** Nothing went wrong so far. */
  fine() {
    assert.deepEqual(this.#wrong, [], "a page did something wrong");
  }
}

/** Runs a story with a browser, and tells what failed in one line. */
export async function story(name, tell) {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
  const people = [];
  const person = async (who, viewport, more = {}) => {
    const context = await browser.newContext({
      viewport, locale: "zh-CN", timezoneId: "Asia/Shanghai", hasTouch: viewport.width < 700, ...more,
    });
    const somebody = new Person(who, context);
    people.push(somebody);
    return somebody;
  };
  let failed = null;
  try {
    await tell(person);
    for (const somebody of people) somebody.fine();
    say(`${name}: as it should be`);
  } catch (error) {
    failed = error;
    for (const somebody of people) {
      for (const page of somebody.context.pages()) {
        const text = await page.locator("body").innerText({ timeout: 2_000 }).catch(() => "");
        say(`${somebody.name} sees ${page.url()}: ${text.replace(/\s+/g, " ").slice(0, 600)}`);
        if (process.env.DEMO_SHOTS) {
          await page.screenshot({ path: `${process.env.DEMO_SHOTS}/${name}-${somebody.name}-${somebody.context.pages().indexOf(page)}.png` }).catch(() => {});
        }
      }
    }
  }
  await browser.close();
  answers.close();
  if (failed) {
    process.stderr.write(`${name}: ${failed.stack ?? failed}\n`);
    process.exit(1);
  }
  process.exit(0);
}

/** A photo, as a JPEG that a canvas makes: a street, a heap, a sky. */
export async function photo(page, name = "photo.jpg", tidy = false) {
  const data = await page.evaluate((clean) => {
    const canvas = document.createElement("canvas");
    canvas.width = 1200;
    canvas.height = 900;
    const paint = canvas.getContext("2d");
    const box = (color, ...at) => {
      paint.fillStyle = color;
      paint.fillRect(...at);
    };
    box("#9cc3dd", 0, 0, 1200, 420);
    box("#8a7a63", 0, 400, 1200, 500);
    box("#c9b79a", 80, 180, 420, 280);
    box("#6d5a45", 240, 320, 90, 140);
    for (let n = 0; n < (clean ? 0 : 60); n += 1) {
      box(["#4c5a3c", "#a33", "#ddd", "#335", "#763"][n % 5], 560 + ((n * 97) % 480), 560 + ((n * 53) % 240), 70, 46);
    }
    return canvas.toDataURL("image/jpeg", 0.8).split(",")[1];
  }, tidy);
  return { name, mimeType: "image/jpeg", buffer: Buffer.from(data, "base64") };
}

/** Waits until a photo of a picker was taken in. */
export async function attach(page, field, file) {
  const picker = page.locator(`[data-photos="${field}"]`);
  const before = await picker.locator(`input[type=hidden][name="${field}"]`).count();
  await picker.locator("input[type=file][multiple]").setInputFiles(file);
  await picker.locator(`input[type=hidden][name="${field}"]`).nth(before).waitFor({ state: "attached" });
}

/** Loads a page again until something is on it: for what follows by itself, where nothing is live. */
export async function reloadUntil(page, locator, what) {
  const begun = Date.now();
  while (!(await locator.count())) {
    assert(Date.now() - begun < LIMIT_MS, `${what}: not within ${LIMIT_MS} ms`);
    await page.reload({ waitUntil: "domcontentloaded" });
  }
}

/** Marks a page, so that a later load of it would be noticed. */
export const mark = (page) => page.evaluate(() => { window.unchanged = true; });
export const isMarked = (page) => page.evaluate(() => window.unchanged === true);

/** Waits until photos can be seen, all of those of a selector. */
export async function seen(page, selector, many = 1) {
  await page.waitForFunction(([which, least]) => {
    const photos = [...document.querySelectorAll(which)];
    // One that is loaded only when it comes into sight is brought there.
    photos.find((photo) => !photo.complete)?.scrollIntoView();
    return photos.length >= least && photos.every((photo) => photo.complete && photo.naturalWidth > 0);
  }, [selector, many]);
}

/** Reports waste in a grid, as the only report of this person; answers with the page of its progress, its code and its id. */
export async function report(resident, words, grid = YOURS, file = null) {
  const page = await resident.open(`/report?grid=${grid}`);
  await attach(page, "photos", file ?? await photo(page));
  await page.locator(`label[for="g-${WASTE.group}"]`).click();
  await page.locator("label.leaf").filter({ hasText: WASTE.name }).first().click();
  await page.locator("#f-text").fill(words);
  await page.locator("button.is-send").click();
  await page.waitForURL("**/t/**");
  const code = (await page.locator(".receipt-code").innerText()).trim();
  const home = await resident.open("/");
  await reloadUntil(home, home.locator("a.line[href^='/c/']"), "the resident's own report on the first page");
  const id = (await home.locator("a.line[href^='/c/']").first().getAttribute("href")).slice("/c/".length);
  await home.close();
  return { page, code, id };
}
