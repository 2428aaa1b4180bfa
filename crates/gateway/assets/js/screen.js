// The big screen: its parts are asked for again as events come, its map takes them as they are.
import "./weft.js";
import { drawMap } from "./map.js";

const REFRESH_MS = 2_000;
const LATE_MS = 30_000;

const parts = () => [...document.querySelectorAll("[data-part]")];
const data = () => document.querySelector("[data-grids]")?.dataset ?? {};
const hidden = () => new Set((data().hidden ?? "").split(" "));
const counts = () => new Map((data().grids ?? "").split(" ").filter(Boolean).map((one) => {
  const [grid, count] = one.split(":");
  return [grid, Number(count)];
}));

/* The time up to which everything is shown, which turns amber when nothing has been heard. */
const asOf = document.querySelector("[data-as-of]");
let heard = Date.now();
function tellTime() {
  const time = new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai", hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).format(heard);
  const place = asOf?.querySelector("[data-as-of-time]");
  if (place && place.textContent !== time) place.textContent = time;
  asOf?.classList.toggle("is-late", Date.now() - heard > LATE_MS);
}
setInterval(tellTime, 1_000);

/* The map. */
const place = document.querySelector("[data-map]");
let map = null;
if (place && window.ol) {
  map = drawMap(place, {
    grids: "/api/ui/grids.geojson", cases: "/api/ui/cases.geojson", cameras: "/api/ui/cameras.geojson",
  });
  map.count(counts());
  loadMap();
}

async function loadMap() {
  const loaded = await Promise.allSettled([map.loadGrids(), map.loadCameras(), map.loadCases()]);
  for (const { value } of loaded) {
    for (const [name, count] of Object.entries(value ?? {})) {
      const shown = document.querySelector(`[data-count="${name}"]`);
      if (shown) shown.textContent = count.toLocaleString("en");
    }
  }
  document.querySelector("[data-map-away]").hidden = loaded.every(({ status }) => status === "fulfilled");
}

const cameras = document.querySelector("[data-map-cameras]");
cameras?.addEventListener("click", () => {
  const shown = cameras.getAttribute("aria-pressed") !== "true";
  cameras.setAttribute("aria-pressed", String(shown));
  map?.cameras(shown);
});

/* The parts. */
const keys = () => new Set([...document.querySelectorAll("[data-key]")].map((one) => one.dataset.key));

async function refresh() {
  const answer = await fetch("/screen/parts");
  // The session is over: the page itself goes to the sign-in.
  if (answer.redirected || answer.status === 401) location.reload();
  if (!answer.ok) return;
  const made = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = keys();
  for (const part of parts()) {
    const now = made.querySelector(`[data-part="${part.dataset.part}"]`);
    if (now && now.innerHTML !== part.innerHTML) part.replaceChildren(...now.children);
  }
  for (const entry of document.querySelectorAll("[data-key]")) {
    entry.classList.toggle("is-fresh", !before.has(entry.dataset.key));
  }
  map?.count(counts());
}

let waiting = false;
function soon() {
  if (waiting) return;
  waiting = true;
  setTimeout(() => {
    waiting = false;
    // A failure shows itself: the time stops.
    refresh().catch(() => {});
  }, REFRESH_MS);
}

document.addEventListener("live:heard", () => {
  heard = Date.now();
  tellTime();
});
document.addEventListener("live", ({ detail }) => {
  if (detail.kind === "case" && !hidden().has(detail.category)) map?.take(detail);
  if (detail.kind === "order") map?.late(detail.case, detail.open && detail.overdue);
  soon();
});
document.addEventListener("live:reset", () => {
  soon();
  if (map) loadMap();
});
// What happened between the making of this page and its listening; and the day that goes by.
soon();
setInterval(soon, 60_000);
