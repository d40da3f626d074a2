import { button, element } from "#page/display/elements.js";

/** @type {readonly (readonly [readonly string[], string])[]} */
const KEYS = [
  [["Space"], "play or pause"],
  [["←", "→"], "previous or next sampled frame"],
  [["J", "K", "L"], "play backwards, pause, play; again for twice as fast"],
  [["N", "P"], "next or previous event of a zone or line"],
  [["Esc"], "select nobody"],
  [["?"], "this help"],
];

/**
 * Fills the help.
 *
 * @param {HTMLDialogElement} dialog
 * @returns {() => void} shows it
 */
export function mountHelp(dialog) {
  const rows = KEYS.flatMap(([keys, meaning]) => [
    element("dt", {}, ...keys.flatMap((key) => [element("kbd", {}, key), " "])),
    element("dd", {}, meaning),
  ]);
  dialog.replaceChildren(
    element("h2", { id: "help-title" }, "Keys"),
    element("dl", {}, ...rows),
    element(
      "p",
      { class: "quiet" },
      "Click on a person in the video, in the lanes or in the table: all parts mark it.",
    ),
    element(
      "p",
      { class: "quiet" },
      "The address of the page keeps the moment, the person and the filters. Send it as a link.",
    ),
    element(
      "p",
      { class: "help-actions" },
      button("Close", () => dialog.close(), { class: "main-action" }),
    ),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return () => dialog.showModal();
}
