// The photo picker: each photo is made smaller, sent at once, and stands in the form as the id that the
// answer names. A form that is sent again, or again after a sign-in, so carries its photos. They are sent
// one after the other, under a name that is the hash of what is sent: what was cut off is sent again
// without becoming a second photo.

const LONGEST = 1600;

/** A smaller JPEG, or the file itself where the browser cannot read it. @param {File} file */
async function smaller(file) {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82));
    return blob && (scale < 1 || blob.size < file.size) ? blob : file;
  } catch {
    return file;
  }
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The name of a request that sends this. @param {Blob} blob */
async function named(blob) {
  // Only pages over https, and of this machine, have `subtle`.
  if (!crypto.subtle) return hex(crypto.getRandomValues(new Uint8Array(16)));
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer())).slice(0, 16));
}

/** Sends one photo. @param {(done: number) => void} tell how much of it, 0 to 1 */
function send(as, name, blob, tell) {
  return new Promise((done, failed) => {
    const body = new FormData();
    body.append("request_id", name);
    body.append("photo", blob, "photo.jpg");
    const request = new XMLHttpRequest();
    request.open("POST", `/media?as=${as}`);
    request.setRequestHeader("accept", "application/json");
    request.responseType = "json";
    request.timeout = 120_000;
    request.upload.onprogress = ({ loaded, total }) => tell(total ? loaded / total : 0);
    request.onload = () => (request.status === 200 && request.response?.id
      ? done(request.response.id)
      : failed(new Error(request.response?.message ?? "")));
    request.onerror = request.ontimeout = () => failed(new Error(""));
    request.send(body);
  });
}

/** @param {HTMLElement} picker */
function begin(picker) {
  const { photos: name, max, remove, failed, again = failed, as = "staff" } = picker.dataset;
  const row = picker.querySelector(".photo-row");
  const error = picker.querySelector("[data-photo-error]");
  picker.hidden = false;
  // What serves without scripts is not needed then.
  picker.parentElement.querySelector("[data-photos-plain]")?.remove();

  const count = () => {
    const full = picker.querySelectorAll(".photo").length >= Number(max);
    for (const add of picker.querySelectorAll(".photo-add")) add.hidden = full;
  };
  const tell = (text) => {
    error.textContent = text;
    error.hidden = !text;
  };
  const stand = (photo, id) => {
    if (photo.querySelector(`input[name="${name}"]`)) return;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = id;
    photo.append(field);
  };
  for (const photo of picker.querySelectorAll(".photo[data-id]")) stand(photo, photo.dataset.id);

  // One after the other: the first makes this browser known, and the others are of the same person.
  let queue = Promise.resolve();

  function sending(photo, file) {
    photo.classList.remove("is-failed");
    photo.classList.add("is-sending");
    photo.querySelector(".photo-again")?.remove();
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    photo.append(bar);
    picker.closest("form")?.toggleAttribute("data-sending", true);
    queue = queue.then(async () => {
      try {
        const blob = await smaller(file);
        const id = await send(as, await named(blob), blob, (part) => { bar.value = part; });
        if ([...picker.querySelectorAll(`input[name="${name}"]`)].some((field) => field.value === id)) photo.remove();
        else stand(photo, id);
        tell("");
      } catch (refused) {
        photo.classList.add("is-failed");
        const retry = document.createElement("button");
        retry.type = "button";
        retry.className = "photo-again";
        retry.textContent = again;
        retry.onclick = () => sending(photo, file);
        photo.insertBefore(retry, photo.querySelector(".photo-remove"));
        tell(refused instanceof Error && refused.message ? refused.message : failed);
      }
      bar.remove();
      photo.classList.remove("is-sending");
      picker.closest("form")?.toggleAttribute("data-sending", Boolean(picker.querySelector(".is-sending")));
      count();
    });
  }

  function add(file) {
    if (picker.querySelectorAll(".photo").length >= Number(max)) return;
    const photo = document.createElement("span");
    photo.className = "photo";
    const image = document.createElement("img");
    image.alt = "";
    image.src = URL.createObjectURL(file);
    const away = document.createElement("button");
    away.type = "button";
    away.className = "photo-remove";
    away.setAttribute("aria-label", remove);
    away.textContent = "×";
    photo.append(image, away);
    row.insertBefore(photo, row.querySelector(".photo-add"));
    count();
    sending(photo, file);
  }

  picker.addEventListener("change", (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.type !== "file") return;
    for (const file of input.files ?? []) add(file);
    input.value = "";
  });
  picker.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest(".photo-remove");
    if (!button) return;
    button.closest(".photo")?.remove();
    count();
  });
  addEventListener("online", () => {
    for (const retry of picker.querySelectorAll(".photo-again")) retry.click();
  });
  count();
}

for (const picker of document.querySelectorAll("[data-photos]")) begin(picker);
