// What the pages of the desk do in the browser beyond their forms and links: the keyboard, what is new,
// a question before what cannot be taken back, large photos.
import { drawMap } from "./map.js";
import "./weft.js";

// J and K move along the lines of a list, Enter opens the one that has the focus.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.("input, select, textarea, dialog")) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const lines = [...document.querySelectorAll(".queue-number")];
  if (!lines.length) return;
  const at = lines.findIndex((line) => line === document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : lines.length - 1) : Math.min(Math.max(at + step, 0), lines.length - 1);
  lines[next].focus();
  lines[next].closest("tr").scrollIntoView({ block: "nearest" });
  event.preventDefault();
});

// A line that refreshes itself keeps the focus that it had, and shows for a moment that it changed.
let focused = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  const line = event.target.closest?.("tr[data-row]");
  if (line) focused = line.contains(document.activeElement) ? line.dataset.row : "";
});
document.addEventListener("htmx:load", (event) => {
  const line = event.target.matches?.("tr[data-row]") ? event.target : null;
  if (!line) return;
  line.classList.add("is-changed");
  if (focused && line.dataset.row === focused) line.querySelector(".queue-number")?.focus();
  focused = "";
});

// What is new in the list is counted and offered; nothing moves under the eyes of who reads.
const queue = document.querySelector("[data-queue][data-kind]");
const news = queue?.querySelector("[data-news]");
if (queue && news) {
  const { kind, status, division, category } = queue.dataset;
  const found = new Set();
  const offer = () => {
    news.textContent = `${found.size} ${queue.dataset.text}`;
    news.hidden = found.size === 0;
  };
  document.addEventListener("live", ({ detail }) => {
    const name = kind === "case" ? detail.id : detail.case;
    const fits = detail.kind === kind && (status === "overdue" ? detail.overdue : detail.status === status);
    if (!fits && detail.kind === kind && found.delete(name)) offer();
    if (!fits || !name || queue.querySelector(`[data-row="${CSS.escape(name)}"]`)) return;
    const places = [detail.township, detail.village];
    if (division && division.length > 6 && !places.includes(division)) return;
    if (category && detail.category !== category) return;
    found.add(name);
    offer();
  });
}

// Somebody else did something with the case that is open here: what is being typed stays.
const changed = document.querySelector("[data-changed]");
const head = document.querySelector("[data-case]");
if (changed && head) {
  const first = performance.now();
  document.addEventListener(`live:case:${head.dataset.case}`, () => {
    // What the page itself has just shown comes once more as it begins to listen.
    if (performance.now() - first < 1500) return;
    changed.textContent = changed.dataset.text;
    changed.hidden = false;
  });
}

// Where the case is, with the grids and cameras around it.
const map = document.querySelector(".case-map[data-lon]");
if (map && window.ol) {
  map.hidden = false;
  const drawn = drawMap(map, {
    point: [Number(map.dataset.lon), Number(map.dataset.lat)],
    grids: "/api/ui/grids.geojson",
    cameras: "/api/ui/cameras.geojson",
  });
  // A part that is away is left out: the place itself is drawn.
  Promise.allSettled([drawn.loadGrids(), drawn.loadCameras()]);
}

// Before something is sent that others will see, it is asked once more. In the capture phase, so that
// who thinks better of it can send the form later.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset?.confirm;
  if (question && !event.target.dataset.sent && !window.confirm(question)) {
    event.preventDefault();
    event.stopPropagation();
  }
}, true);

// What the reporter will read, as it is typed.
for (const field of document.querySelectorAll("[data-preview]")) {
  const preview = document.getElementById(field.dataset.preview);
  const words = preview?.querySelector("[data-preview-text]");
  const reason = field.form?.querySelector("select[name=reason]");
  if (!preview || !words) continue;
  const show = () => {
    const chosen = reason?.value ? reason.options[reason.selectedIndex].text : "";
    words.textContent = [chosen, field.value.trim()].filter(Boolean).join("\n");
    preview.hidden = !words.textContent;
  };
  field.addEventListener("input", show);
  reason?.addEventListener("change", show);
  show();
}

// A photo opens large over the page; without a dialog the link opens it beside.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-photo]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !window.HTMLDialogElement) return;
  event.preventDefault();
  const viewer = document.createElement("dialog");
  viewer.className = "viewer";
  const image = document.createElement("img");
  image.src = link.href;
  image.alt = link.querySelector("img")?.alt ?? "";
  const close = document.createElement("button");
  close.className = "button is-small";
  close.textContent = "×";
  viewer.append(image, close);
  viewer.addEventListener("click", () => viewer.close());
  viewer.addEventListener("close", () => {
    viewer.remove();
    link.focus();
  });
  document.body.append(viewer);
  viewer.showModal();
});
