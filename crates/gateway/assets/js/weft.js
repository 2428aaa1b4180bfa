// What every page with scripts does: the toasts, the focus on what is wrong, one sending of a form.

/** Shows a short note for a while. @param {string} text @param {"ok"|"danger"|"plain"} kind */
export function toast(text, kind = "plain") {
  const place = document.getElementById("toasts");
  if (!place) return;
  const note = document.createElement("div");
  note.className = `toast is-${kind}`;
  note.textContent = text;
  place.append(note);
  setTimeout(() => note.remove(), 6000);
}

// A form that is under way is not sent again by an impatient finger; the server would take it for the
// same one anyway, by its request_id.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
// Coming back to a page shows its forms ready again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A refusal answered to a part of the page is shown where the part would have been.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status >= 400 && xhr.getResponseHeader("content-type")?.startsWith("text/html")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

document.querySelector(".field.is-wrong .input, .field.is-wrong input")?.focus();

for (const place of document.querySelectorAll("[data-clock]")) {
  const tell = () => {
    place.textContent = new Intl.DateTimeFormat("zh-CN", {
      timeZone: "Asia/Shanghai", hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit",
    }).format(new Date());
  };
  tell();
  setInterval(tell, 1000);
}
