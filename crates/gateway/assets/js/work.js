// What the pages of this room do in the browser beyond their forms and links: a note when an order has
// come, how far it is, and where a report is made from.
import { toast } from "./weft.js";
import "./photos.js";

// The list refreshes itself; what it shows as waiting now and did not before is new.
const waiting = () => (document.getElementById("tasks")?.dataset.waiting ?? "").split(" ").filter(Boolean);
let known = new Set(waiting());
document.addEventListener("htmx:afterSwap", () => {
  const tasks = document.getElementById("tasks");
  if (!tasks?.dataset.new) return;
  const now = waiting();
  if (now.some((id) => !known.has(id))) toast(tasks.dataset.new, "ok");
  known = new Set(now);
});

/** The phone's position, once. @returns {Promise<GeolocationPosition>} */
const here = () =>
  new Promise((found, failed) => {
    navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: 15_000 });
  });

/** Metres between two points on the sphere. */
function metres(lon1, lat1, lon2, lat2) {
  const rad = Math.PI / 180;
  const a = Math.sin(((lat2 - lat1) * rad) / 2) ** 2
    + Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lon2 - lon1) * rad) / 2) ** 2;
  return 2 * 6_371_000 * Math.asin(Math.sqrt(a));
}

async function tellDistance() {
  const place = document.querySelector("[data-distance]");
  if (!place) return;
  try {
    const { coords } = await here();
    const { longitude, latitude, m, km } = place.dataset;
    const far = metres(coords.longitude, coords.latitude, Number(longitude), Number(latitude));
    place.textContent = far < 1000
      ? m.replace("{n}", String(Math.round(far / 10) * 10))
      : km.replace("{n}", (far / 1000).toFixed(1));
    place.hidden = false;
    for (const ask of document.querySelectorAll("[data-distance-ask]")) ask.hidden = true;
  } catch {
    // Without a position there is no distance; the address and the way there remain.
  }
}

/** Asks only who has allowed it before; else a button does. */
async function beginDistance() {
  const ask = document.querySelector("[data-distance-ask]");
  if (!ask || !("geolocation" in navigator)) return;
  const allowed = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  if (allowed?.state === "granted") await tellDistance();
  else if (allowed?.state !== "denied") ask.hidden = false;
}

document.addEventListener("click", (event) => {
  if (/** @type {Element} */ (event.target).closest("[data-distance-ask]")) tellDistance();
});
document.addEventListener("htmx:afterSwap", beginDistance);
beginDistance();

/** A report from where one stands: chosen, the position is asked for. @param {HTMLElement} field */
function beginLocate(field) {
  if (!("geolocation" in navigator)) return;
  const say = field.querySelector("[data-locate-text]");
  for (const choice of field.querySelectorAll("[data-locate-choice]")) choice.hidden = false;
  field.addEventListener("change", async (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.value !== "here") {
      say.textContent = "";
      return;
    }
    say.textContent = field.dataset.waiting;
    try {
      const { coords } = await here();
      field.querySelector("[name=longitude]").value = coords.longitude.toFixed(7);
      field.querySelector("[name=latitude]").value = coords.latitude.toFixed(7);
      say.textContent = field.dataset.found.replace("{n}", String(Math.round(coords.accuracy)));
    } catch (refused) {
      say.textContent = refused?.code === 1 ? field.dataset.denied : field.dataset.failed;
    }
  });
}

for (const field of document.querySelectorAll("[data-locate]")) beginLocate(field);
