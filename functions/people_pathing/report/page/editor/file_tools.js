/**
 * Saves and opens zones.json, and says what to do with the file.
 *
 * @typedef {import("#page/editor/editor_state.js").Editor} Editor
 */

import { readZonesText, ZonesFileError } from "#page/counting/zones_file.js";
import { zonesFileText } from "#page/counting/zones_file/writing.js";
import { button, element, setText } from "#page/display/elements.js";
import { decodedName } from "#page/display/addresses.js";
import { draftOf, titleAt } from "#page/editor/draft.js";
import { problemsOf, validPart } from "#page/editor/draft_checks.js";
import { forgetFile, saveText } from "#page/editor/saving.js";

const FILE_NAME = "zones.json";
const UNSAVED_MARK = "● ";

/**
 * Makes the buttons for the file, and the mark of changes that are not saved.
 *
 * @param {Editor} editor
 * @returns {HTMLElement[]}
 */
export function makeFileTools(editor) {
  const chooser = element("input", { type: "file", accept: ".json,application/json", hidden: "" });
  chooser.addEventListener("change", () => {
    const [file] = chooser.files ?? [];
    if (file) void open(editor, file);
    chooser.value = "";
  });
  const save = button(`Save ${FILE_NAME}`, () => void saveDraft(editor), { class: "main-action" });
  const load = button("Open…", () => chooser.click(), { title: `Edit another ${FILE_NAME}` });
  const mark = element("span", { class: "unsaved small" });
  const message = element("p", { class: "editor-message small", role: "status" });
  editor.store.follow(["message"], (state) => setText(message, state.message));
  const { title } = document;
  editor.store.follow(["history", "saved"], () => {
    setText(mark, editor.isUnsaved ? "Not saved" : "");
    save.disabled = !editor.isUnsaved;
    document.title = editor.isUnsaved ? UNSAVED_MARK + title : title;
  });
  window.addEventListener("beforeunload", (event) => {
    if (editor.isUnsaved) event.preventDefault();
  });
  return [element("div", { class: "button-group" }, save, load, mark, chooser), message];
}

/**
 * @param {Editor} editor
 */
async function saveDraft(editor) {
  const { draft } = editor;
  const [first] = problemsOf(draft);
  if (first) {
    const { place, problem } = first;
    const title = place.kind === "point" ? "the calibration" : `${place.kind} “${titleAt(draft, place)}”`;
    editor.store.set({ message: `Not saved, because ${title} is not valid: ${problem}.` });
    return;
  }
  const name = await saveText(FILE_NAME, zonesFileText(validPart(draft)));
  if (name === null) return;
  editor.markSaved(draft);
  editor.store.set({ message: `Saved as ${name}.` });
}

/**
 * @param {Editor} editor
 * @param {File} file
 */
async function open(editor, file) {
  try {
    editor.load(draftOf(readZonesText(await file.text())));
    forgetFile();
    if (editor.tool === null) editor.use("edit");
    editor.store.set({ message: `Opened ${file.name}.` });
  } catch (error) {
    if (!(error instanceof ZonesFileError)) throw error;
    editor.store.set({ message: `${file.name} cannot be used: ${error.message}.` });
  }
}

/** Says how the saved file is used. */
export function makeFilePanel() {
  const command = element("code", {}, `people-pathing count ${quoted(resultsFolder())} --zones ${FILE_NAME}`);
  const prefix = element("input", { type: "text", autocomplete: "off", placeholder: "cam7/" });
  const key = element("code");
  const showKey = () => setText(key, `zones/${prefix.value}.json`);
  prefix.addEventListener("input", showKey);
  showKey();
  return element(
    "details",
    {},
    element("summary", {}, "Use the saved file"),
    element("p", { class: "quiet small" }, "On this machine, this writes counts.json and tables:"),
    element("p", { class: "copied" }, command, copyButton(command)),
    element(
      "p",
      { class: "quiet small" },
      "On AWS, store it in the bucket of the videos. It applies to videos whose keys begin with the prefix:",
    ),
    element(
      "p",
      { class: "copied" },
      element("label", { class: "field" }, element("span", {}, "Prefix"), prefix),
      key,
      copyButton(key),
    ),
    element("p", { class: "quiet small" }, "Masks take effect when a video is tracked again with the file."),
  );
}

/** @param {HTMLElement} code whose text is copied */
function copyButton(code) {
  const copy = button("Copy", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent ?? "");
      setText(copy, "Copied");
      setTimeout(() => setText(copy, "Copy"), 2000);
    } catch {
      // The browser does not let this page write into the clipboard.
      getSelection()?.selectAllChildren(code);
    }
  });
  return copy;
}

/**
 * Returns the name of the folder with this page, which has the results; FOLDER if the page has another
 * address.
 */
function resultsFolder() {
  if (location.protocol !== "file:") return "FOLDER";
  const [, name = ""] = location.pathname.split("/").reverse();
  return decodedName(name) || "FOLDER";
}

/**
 * Returns a word for a shell.
 *
 * @param {string} word
 */
function quoted(word) {
  return /^[\w.\/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
