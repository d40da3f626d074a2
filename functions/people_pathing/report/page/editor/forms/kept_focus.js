const FOCUSABLE = "button:not(:disabled), input, summary";

/**
 * Replaces the content of an element. If the focus was in it, it goes to the control with the same number; to
 * the picture if there is none.
 *
 * @param {HTMLElement} place
 * @param {readonly HTMLElement[]} children
 */
export function replaceKeepingFocus(place, children) {
  const at = [...place.querySelectorAll(FOCUSABLE)].findIndex((one) => one === document.activeElement);
  place.replaceChildren(...children);
  if (at < 0) return;
  const controls = [...place.querySelectorAll(FOCUSABLE)];
  const control = controls[Math.min(at, controls.length - 1)] ?? document.getElementById("editor-overlay");
  if (control instanceof HTMLElement || control instanceof SVGElement) control.focus();
}
