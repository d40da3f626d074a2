import { button, element } from "#page/display/elements.js";
import { formatShare } from "#page/display/format.js";

/**
 * Uploads the files that are dropped on the page or chosen with its button, one after the other.
 *
 * @param {HTMLElement} place
 * @param {string} address takes a file, with its name added
 * @param {() => Promise<void>} refresh shows the new videos
 */
export function mountUploads(place, address, refresh) {
  const picker = element("input", { type: "file", multiple: "", hidden: "", "aria-label": "Videos" });
  const choose = button("Choose videos", () => picker.click(), { class: "main-action" });
  const list = element("ul", { class: "upload-list" });
  place.replaceChildren(
    element("p", {}, choose, picker, element("span", { class: "drop-hint" }, "or drop them anywhere on this page.")),
    list,
  );
  let queue = Promise.resolve();
  const uploadAll = (/** @type {Iterable<File>} */ files) => {
    for (const file of files) {
      const line = new UploadLine(file.name);
      list.append(line.element);
      queue = queue.then(() => uploadFile(file, address, line)).then(refresh);
    }
  };
  picker.addEventListener("change", () => {
    uploadAll(picker.files ?? []);
    picker.value = "";
  });
  acceptDrops(uploadAll);
  addEventListener("beforeunload", (event) => {
    if (list.querySelector(".is-open")) event.preventDefault();
  });
}

/** @param {(files: Iterable<File>) => void} uploadAll */
function acceptDrops(uploadAll) {
  const root = document.documentElement;
  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    // Without this, the browser would open the file.
    event.preventDefault();
    root.classList.add("is-dropping");
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) root.classList.remove("is-dropping");
  });
  document.addEventListener("drop", (event) => {
    root.classList.remove("is-dropping");
    if (!hasFiles(event)) return;
    event.preventDefault();
    uploadAll(event.dataTransfer?.files ?? []);
  });
}

/** One line about a file: its name, and how far its upload is. It goes when the video is in the table. */
class UploadLine {
  /** @param {string} name */
  constructor(name) {
    this.state = element("span", { class: "quiet" }, "waits");
    this.bar = element("progress", { max: "1", value: "0", "aria-label": `Upload of ${name}` });
    this.element = element("li", { class: "is-open" }, element("span", {}, name), this.bar, this.state);
  }

  /** @param {number} share from 0 to 1 */
  show(share) {
    this.bar.value = share;
    this.state.textContent = formatShare(share);
  }

  end() {
    this.element.remove();
  }

  /** @param {string} reason */
  fail(reason) {
    this.element.className = "problem";
    const dismiss = button("Close", () => this.element.remove());
    this.element.replaceChildren(element("span", { role: "alert" }, reason), dismiss);
  }
}

/**
 * Sends one file. The browser reads it piece by piece. This is XMLHttpRequest, because fetch says nothing about
 * the progress.
 *
 * @param {File} file
 * @param {string} address
 * @param {UploadLine} line
 * @returns {Promise<void>} ends in any case
 */
function uploadFile(file, address, line) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("PUT", address + encodeURIComponent(file.name));
    request.upload.addEventListener("progress", ({ loaded, total }) => line.show(total ? loaded / total : 0));
    request.addEventListener("loadend", () => {
      if (request.status === 201) line.end();
      else line.fail(request.responseText || `The upload of ${file.name} was interrupted. Try again.`);
      done();
    });
    request.send(file);
  });
}
