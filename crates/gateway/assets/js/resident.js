// What the pages of this room do in the browser beyond their forms and links.
import { toast } from "./weft.js";
import "./photos.js";

// A draft is kept on this device until it is sent; not the place of a code, and no photo.
const DRAFT = "weft-draft-";
const KEPT = ["group", "text", "village", "name", "phone"];

for (const form of document.querySelectorAll("form[data-draft]")) {
  const key = DRAFT + form.dataset.draft;
  const fields = () => [...form.elements].filter((one) => KEPT.includes(one.name) || one.name?.startsWith("category-"));
  if (!("kept" in form.dataset)) {
    try {
      const kept = JSON.parse(localStorage.getItem(key) ?? "{}");
      for (const field of fields()) {
        const value = kept[field.name];
        if (value === undefined) continue;
        if (field.type === "radio") field.checked = field.value === value;
        else field.value = value;
      }
      const fold = form.querySelector("details");
      if (fold && (kept.name || kept.phone)) fold.open = true;
    } catch {
      localStorage.removeItem(key);
    }
  }
  form.addEventListener("input", () => {
    const kept = {};
    for (const field of fields()) {
      if (field.type === "radio" ? field.checked : field.value) kept[field.name] = field.value;
    }
    try {
      localStorage.setItem(key, JSON.stringify(kept));
    } catch {
      // A full or forbidden store only costs the draft.
    }
  });
  form.addEventListener("submit", (event) => {
    // Photos that are on their way are waited for.
    if (!form.hasAttribute("data-sending")) return;
    event.preventDefault();
    const send = form.querySelector("[data-busy]");
    const text = send.textContent;
    send.textContent = send.dataset.busy;
    send.disabled = true;
    const timer = setInterval(() => {
      if (form.hasAttribute("data-sending")) return;
      clearInterval(timer);
      send.disabled = false;
      send.textContent = text;
      if (!form.querySelector(".photo.is-failed")) form.requestSubmit(send);
    }, 200);
  }, { capture: true });
}
for (const receipt of document.querySelectorAll("[data-sent]")) {
  localStorage.removeItem(DRAFT + receipt.dataset.sent);
  // Loading the page again is no new receipt.
  const here = new URL(location.href);
  here.searchParams.delete("sent");
  history.replaceState(null, "", here);
}

for (const text of document.querySelectorAll("textarea[data-count]")) {
  const hint = document.getElementById(text.getAttribute("aria-describedby")?.split(" ")[0]);
  const count = document.createElement("p");
  count.className = "field-hint num is-end";
  const tell = () => { count.textContent = `${text.value.length} / ${text.maxLength}`; };
  (hint ?? text).after(count);
  text.addEventListener("input", tell);
  tell();
}

// One's own position, asked for only when the button is pressed.
for (const part of document.querySelectorAll("[data-locate]")) {
  if (!navigator.geolocation || !window.isSecureContext) continue;
  part.hidden = false;
  const [longitude, latitude] = part.querySelectorAll("input[type=hidden]");
  const words = part.querySelector("[data-locate-text]");
  const clear = part.querySelector("[data-locate-clear]");
  const say = (text) => { words.textContent = text; };
  part.querySelector("[data-locate-now]").addEventListener("click", () => {
    say(part.dataset.waiting);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        longitude.value = coords.longitude.toFixed(6);
        latitude.value = coords.latitude.toFixed(6);
        clear.hidden = false;
        say(`${part.dataset.found} ±${Math.ceil(coords.accuracy)} m`);
      },
      (refused) => say(refused.code === refused.PERMISSION_DENIED ? part.dataset.denied : part.dataset.failed),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
    );
  });
  clear.addEventListener("click", () => {
    longitude.value = latitude.value = "";
    clear.hidden = true;
    say("");
  });
}

// One long list in groups becomes two short ones: first the group.
for (const field of document.querySelectorAll("[data-two-level]")) {
  const list = field.querySelector("select");
  const groups = [...list.querySelectorAll("optgroup")];
  const first = document.createElement("select");
  first.className = "input";
  first.setAttribute("aria-label", field.dataset.first);
  first.add(new Option(field.dataset.first, ""));
  for (const [number, group] of groups.entries()) first.add(new Option(group.label, String(number)));
  const show = () => {
    for (const [number, group] of groups.entries()) {
      if (String(number) === first.value) list.append(group);
      else group.remove();
    }
    list.hidden = first.value === "";
  };
  const chosen = groups.findIndex((group) => [...group.children].some((option) => option.selected));
  const value = list.value;
  if (value && chosen >= 0) first.value = String(chosen);
  show();
  list.value = value;
  list.before(first);
  first.addEventListener("change", () => {
    show();
    list.selectedIndex = first.value === "" ? 0 : 1;
    list.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(button.dataset.copied, "ok");
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// A case that changes is shown as it is: the page is read again, and its parts put in place, but for a
// form that somebody is filling in.
for (const part of document.querySelectorAll("[data-follow]")) {
  let timer = 0;
  let typed = false;
  document.getElementById("actions")?.addEventListener("input", () => { typed = true; });
  const again = (after = 400) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const answer = await fetch(location.pathname + location.search).catch(() => null);
      if (!answer || answer.status >= 500) again(3000);
      if (!answer?.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of typed ? ["progress"] : ["progress", "actions"]) {
        const now = page.getElementById(id);
        if (now) document.getElementById(id)?.replaceChildren(...now.childNodes);
      }
    }, after);
  };
  let source = null;
  let later = 0;
  const address = new URL(part.dataset.follow, location.href);
  const open = () => {
    clearTimeout(later);
    source = new EventSource(address);
    for (const kind of ["case", "order", "tick", "reset"]) {
      source.addEventListener(kind, ({ lastEventId }) => {
        if (lastEventId) address.searchParams.set("after", lastEventId);
        if (kind !== "tick") again();
        if (kind === "reset") anew();
      });
    }
    // Refused for good, such as by a gateway that is only starting: try later.
    source.onerror = () => { if (source?.readyState === EventSource.CLOSED) anew(); };
  };
  const anew = () => {
    source?.close();
    source = null;
    clearTimeout(later);
    later = setTimeout(() => { if (!source && !document.hidden) open(); }, 2000 + Math.random() * 4000);
  };
  const follow = () => {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) {
      again();
      open();
    }
  };
  document.addEventListener("visibilitychange", follow);
  if (!document.hidden) open();
}
