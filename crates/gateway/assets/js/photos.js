// The photo picker: each photo is made smaller, sent at once, and stands in the form as the id that the
// answer names. A form that is sent again, or again after a sign-in, so carries its photos.

const LONGEST = 2048;

/** A smaller JPEG, or the file itself where the browser cannot read it. @param {File} file */
async function smaller(file) {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? blob : file;
  } catch {
    return file;
  }
}

/** @param {HTMLElement} picker */
function begin(picker) {
  const { photos: name, max, remove, failed } = picker.dataset;
  const row = picker.querySelector(".photo-row");
  const error = picker.querySelector("[data-photo-error]");
  picker.hidden = false;

  const count = () => {
    const full = picker.querySelectorAll(".photo").length >= Number(max);
    for (const add of picker.querySelectorAll(".photo-add")) add.hidden = full;
  };
  const tell = (text) => {
    error.textContent = text;
    error.hidden = !text;
  };

  async function add(file) {
    if (picker.querySelectorAll(".photo").length >= Number(max)) return;
    const photo = document.createElement("span");
    photo.className = "photo is-sending";
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
    const body = new FormData();
    body.append("request_id", Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join(""));
    body.append("photo", await smaller(file), "photo.jpg");
    try {
      const answer = await fetch("/photos", { method: "POST", body, headers: { accept: "application/json" } });
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(told.message || "");
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = told.id;
      photo.append(field);
      photo.classList.remove("is-sending");
      tell("");
    } catch (refused) {
      photo.remove();
      tell(refused instanceof Error && refused.message ? refused.message : failed);
    }
    count();
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
  count();
}

for (const picker of document.querySelectorAll("[data-photos]")) begin(picker);
