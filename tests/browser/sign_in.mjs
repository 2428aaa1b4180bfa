// The first start: one link sets up the security administrator's account; signing out takes a copied
// cookie with it; login, password and code sign in. FIRST_LINK is what `weft up` printed. DEMO_SHOTS
// names a folder for pictures.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { DESK, PHONE, story } from "./lib.mjs";

const PASSWORD = "泾河水长流不息 2026";
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** What an authenticator shows for this secret (RFC 6238), so many steps away. */
function code(secret, away = 0) {
  const bits = [...secret.replace(/\s/g, "")].map((digit) => DIGITS.indexOf(digit).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + away));
  const tag = createHmac("sha1", key).update(step).digest();
  const number = tag.readUInt32BE(tag[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

const shots = process.env.DEMO_SHOTS;
const shot = async (page, name) => shots && page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });

await story("sign_in", async (person) => {
  const first = await person("first", DESK);
  const page = await first.open(new URL(process.env.FIRST_LINK).pathname);
  await first.check(page);
  await shot(page, "enrol-link");
  await page.getByRole("button", { name: "开始设置" }).click();
  await page.waitForURL("**/enrol");
  const secret = await page.locator(".factor-secret").innerText();
  await page.locator("#f-login").fill("chen.lu");
  await page.locator("#f-password").fill("password1234");
  await page.locator("#f-again").fill("password1234");
  await page.locator("#f-code").fill("000000");
  await first.answeredWith(page, 422, () => page.getByRole("button", { name: "完成并登录" }).click());
  await first.check(page);
  await shot(page, "enrol-refused");
  assert.equal(await page.locator("#f-login").inputValue(), "chen.lu");
  assert.equal(await page.locator("#f-password").inputValue(), "");
  assert.equal(await page.locator(".factor-secret").innerText(), secret, "the same secret is shown again");
  await page.locator("#f-password").fill(PASSWORD);
  await page.locator("#f-again").fill(PASSWORD);
  const taken = code(secret);
  await page.locator("#f-code").fill(taken);
  await page.getByRole("button", { name: "完成并登录" }).click();
  await page.waitForURL("**/console/people");
  await first.check(page);
  await shot(page, "people");
  await page.locator("table a").first().click();
  await page.waitForURL("**/console/people/*");
  await first.check(page);
  await shot(page, "person");
  await page.goto(new URL("/account", page.url()).href);
  await first.check(page);
  await shot(page, "account");
  for (const path of ["/account/password", "/account/second-factor", "/account/role"]) {
    await page.goto(new URL(path, page.url()).href);
    await first.check(page);
    await shot(page, path.slice(1).replace("/", "-"));
  }

  const thief = await person("thief", PHONE);
  await thief.context.addCookies(await first.context.cookies());
  const stolen = await thief.open("/account");
  await thief.check(stolen);
  await shot(stolen, "account-phone");
  await page.getByRole("button", { name: "退出", exact: true }).last().click();
  await page.waitForURL("**/sign-in");
  await first.check(page);
  await shot(page, "sign-in");
  const until = Date.now() + 10_000;
  while (!new URL(stolen.url()).pathname.startsWith("/sign-in")) {
    assert(Date.now() < until, "the copied cookie is still taken");
    await stolen.goto(new URL("/account", stolen.url()).href);
  }

  await page.locator("#f-login").fill("chen.lu");
  await page.locator("#f-password").fill(PASSWORD);
  // The code of the enrolment was taken: the next one is taken beside it.
  await page.locator("#f-code").fill(taken);
  await first.answeredWith(page, 422, () => page.locator("form").filter({ has: page.locator("#f-code") }).getByRole("button").click());
  await first.check(page);
  await shot(page, "sign-in-refused");
  await page.locator("#f-password").fill(PASSWORD);
  await page.locator("#f-code").fill(code(secret, 1));
  await page.locator("form").filter({ has: page.locator("#f-code") }).getByRole("button").click();
  await page.waitForURL("**/console/people");
  await first.check(page);
});
