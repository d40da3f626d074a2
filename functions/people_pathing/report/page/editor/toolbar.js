/**
 * The buttons of the editor, and what can be done with the one in use.
 *
 * @typedef {import("#page/editor/editor_state.js").Editor} Editor
 * @typedef {import("#page/editor/editor_state.js").Tool} Tool
 */

import { button, element, setText } from "#page/display/elements.js";

/** @type {readonly (readonly [Exclude<Tool, null>, string, string])[]} */
const TOOLS = [
  ["edit", "Edit zones", "Move, rename and delete what is there"],
  ["zone", "Draw zone", "An area in which people are counted"],
  ["line", "Draw line", "People who cross it are counted in each direction"],
  ["mask", "Mask", "An area that is never analysed"],
  ["calibrate", "Calibrate", "Positions on the floor, for distances in metres"],
];

const POLYGON_HINT =
  "Click on the picture to set the corners. A double click or a click on the first corner ends.";
const POLYGON_KEYS = "Arrows move the cross, Space sets a corner, Enter ends, Escape cancels.";

/**
 * What each tool does by pointer, and by keys.
 *
 * @type {Readonly<Record<Exclude<Tool, null>, readonly [string, string]>>}
 */
const HINTS = {
  edit: [
    "Choose a shape, and drag it or its corners. Drag a small dot to add a corner; a long press removes one.",
    "Tab reaches the corners, arrows move them, with Shift ten times as far, + adds one, Delete removes one.",
  ],
  zone: [POLYGON_HINT, POLYGON_KEYS],
  mask: [`${POLYGON_HINT} A mask takes effect when the video is tracked again.`, POLYGON_KEYS],
  line: [
    "Click where the line starts and where it ends. An arrow shows which way is in.",
    "Arrows move the cross, Space sets an end, Escape cancels.",
  ],
  calibrate: [
    "Click on four or more points of the floor whose positions you know, and enter these in metres. " +
      "They should be far apart, with no three of them on one line. Drag a point to correct it.",
    "Arrows move the cross or a point, Space sets a point.",
  ],
};

/**
 * @param {Editor} editor
 * @returns {HTMLElement[]}
 */
export function makeTools(editor) {
  const tools = TOOLS.map(([tool, name, title]) => {
    const made = button(name, () => editor.use(editor.tool === tool ? null : tool), { title });
    editor.page.follow(["tool"], (state) => made.setAttribute("aria-pressed", String(state.tool === tool)));
    return made;
  });
  const undo = button("Undo", () => editor.undo(), { title: "Ctrl+Z" });
  const redo = button("Redo", () => editor.redo(), { title: "Ctrl+Shift+Z" });
  editor.store.follow(["history"], ({ history }) => {
    undo.disabled = history.past.length === 0;
    redo.disabled = history.future.length === 0;
  });
  connectUndoKeys(editor);
  return [
    element("div", { class: "button-group" }, ...tools),
    element("div", { class: "button-group" }, undo, redo),
  ];
}

/**
 * Makes the text that says what the tool in use does.
 *
 * @param {Editor} editor
 */
export function makeHint(editor) {
  const byPointer = element("span");
  const byKeys = element("span", { class: "by-keys" });
  editor.page.follow(["tool"], () => {
    const [pointer, keys] = editor.tool === null ? ["", ""] : HINTS[editor.tool];
    setText(byPointer, pointer);
    setText(byKeys, keys === "" ? "" : ` By keys: ${keys}`);
  });
  return element("p", { class: "quiet small", role: "status" }, byPointer, byKeys);
}

/** @param {Editor} editor */
function connectUndoKeys(editor) {
  document.addEventListener("keydown", (event) => {
    const isTyping =
      event.target instanceof HTMLInputElement && !["checkbox", "range"].includes(event.target.type);
    if (isTyping || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) editor.undo();
    else if (key === "y" || key === "z") editor.redo();
    else return;
    event.preventDefault();
  });
}
