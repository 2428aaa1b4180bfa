// What is live: one stream of events for all pages of this browser, and what each page does with it.
//
// Pages choose a leader, which holds the only EventSource on /events and passes each frame on through a
// BroadcastChannel: browsers allow six connections to a host, and a desk has many tabs. The leader is
// whoever holds a lock; when its page closes, the next one takes over. Without locks each visible page
// has a stream of its own.
//
// A frame becomes DOM events on `document`: `live`, with the frame as `detail`, and `live:case:<id>`,
// at most once in 250 ms for each, so that an element refreshes itself with
//   hx-get="/console/cases/<id>/row" hx-trigger="live:case:<id> from:document" hx-swap="outerHTML"
// `live:any` is sent for every change, at most once a second: for counts. After a gap, `live:reset`
// asks for everything again.

const COALESCE_MS = 250;
const QUIET_MS = 30_000;
const KINDS = ["case", "order", "gone", "tick", "reset"];
const channel = "BroadcastChannel" in window ? new BroadcastChannel("weft-live") : null;

// How far this browser is: where the page was made, then the last frame.
let last = document.querySelector("[data-live]")?.dataset.from ?? "";
let heard = 0;
/** @type {EventSource | null} */
let source = null;

const waiting = new Map();

/** Sends a DOM event, once for all calls within the time. */
function soon(name, detail, after = COALESCE_MS) {
  const had = waiting.has(name);
  waiting.set(name, detail);
  if (had) return;
  setTimeout(() => {
    const latest = waiting.get(name);
    waiting.delete(name);
    document.dispatchEvent(new CustomEvent(name, { detail: latest }));
  }, after);
}

function say(state) {
  for (const place of document.querySelectorAll("[data-live]")) {
    if (place.dataset.state === state && state === "on") continue;
    place.dataset.state = state;
    const text = place.querySelector("[data-live-text]");
    const since = heard ? new Date(heard).toTimeString().slice(0, 5) : "";
    if (text) {
      text.textContent = state === "on" ? place.dataset.textOn
        : state === "again" || !since ? place.dataset.textAgain
        : `${place.dataset.textSince} ${since}`;
    }
  }
}

/** What a frame means for this page. @param {{kind: string, id: string, data: any}} frame */
function take({ kind, id, data }) {
  heard = Date.now();
  if (id) last = id;
  say("on");
  if (kind === "tick") return;
  if (kind === "reset") {
    soon("live:reset", null);
    soon("live:any", null);
    return;
  }
  document.dispatchEvent(new CustomEvent("live", { detail: { kind, ...data } }));
  const name = data.case ?? data.id;
  if (name) soon(`live:case:${name}`, data);
  if (kind === "order" && data.id) soon(`live:order:${data.id}`, data);
  soon("live:any", data, 1000);
}

function pass(frame) {
  take(frame);
  channel?.postMessage(frame);
}

function open() {
  if (source) return;
  // A browser names the last frame itself when it reconnects; a new stream is told where to begin.
  source = new EventSource(last ? `/events?after=${encodeURIComponent(last)}` : "/events");
  source.onopen = () => pass({ kind: "tick", id: "", data: {} });
  source.onerror = () => {
    say("again");
    channel?.postMessage({ kind: "away", id: "", data: {} });
    // Refused for good, such as by a session that is over or too many streams: try later.
    if (source?.readyState === EventSource.CLOSED) {
      close();
      setTimeout(open, 5000 + Math.random() * 5000);
    }
  };
  for (const kind of KINDS) {
    source.addEventListener(kind, (event) => {
      let data = {};
      try {
        data = JSON.parse(event.data || "{}");
      } catch {
        return;
      }
      pass({ kind, id: event.lastEventId, data });
      // The stream was cut because it could not go on from here: begin anew.
      if (kind === "reset") {
        close();
        open();
      }
    });
  }
}

/** Whether a position is before another: `<epoch>-<cases>-<orders>`. */
function isBefore(one, other) {
  const [epoch, ...a] = one.split("-");
  const [epoch2, ...b] = other.split("-");
  return epoch !== epoch2 || a.some((n, i) => Number(n) < Number(b[i]));
}

function close() {
  source?.close();
  source = null;
}

if (document.querySelector("[data-live]")) {
  channel?.addEventListener("message", ({ data: frame }) => {
    if (frame.kind === "away") say("again");
    else if (frame.kind === "hello") {
      // A page joins: it is told where the stream is, and whether it has missed something.
      if (source) channel.postMessage({ kind: "here", id: last, data: {} });
    } else if (frame.kind === "here") {
      if (source || heard) return;
      const missed = isBefore(last, frame.id);
      take({ kind: missed ? "reset" : "tick", id: frame.id, data: {} });
    } else take(frame);
  });
  channel?.postMessage({ kind: "hello", id: "", data: {} });
  if (channel && navigator.locks) {
    navigator.locks.request("weft-live", () => {
      open();
      return new Promise(() => {});
    });
  } else {
    const follow = () => (document.hidden ? close() : open());
    document.addEventListener("visibilitychange", follow);
    follow();
  }
  setInterval(() => {
    if (heard && Date.now() - heard > QUIET_MS) say("since");
  }, 5000);
}
