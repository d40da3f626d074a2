import { sectionNames } from "#page/counting/count_video.js";
import { tracksOf } from "#page/data/tracks.js";
import { button, element, setText } from "#page/display/elements.js";
import { formatCount, formatCountOf, formatVideoTenths, parseVideoTime } from "#page/display/format.js";
import { findVisiblePeople, isSameSet, openFilters } from "#page/panels/visible_people.js";

/**
 * Lets the user choose which people are shown, and keeps `visiblePeople` up to date.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function mountFilters(place, report, store) {
  /** @param {Partial<import("#page/page_state.js").Filters>} changes */
  const change = (changes) => store.set({ filters: { ...store.state.filters, ...changes } });
  const section = element("select", {});
  section.addEventListener("change", () => change({ section: section.value || null }));
  const from = timeInput((fromMs) => change({ fromMs: fromMs ?? 0 }));
  const to = timeInput((toMs) => change({ toMs: toMs ?? report.video.durationMs }));
  const seen = element("input", { type: "number", min: "0", step: "any", inputmode: "decimal" });
  seen.addEventListener("change", () =>
    change({ minimumSeenMs: Math.max(0, Math.round(seen.valueAsNumber * 1000) || 0) }),
  );
  const counted = element("input", { type: "checkbox" });
  counted.addEventListener("change", () => change({ withoutStaff: counted.checked }));
  const shown = element("output", { class: "shown-people" });
  const reset = button("Show all", () => store.set({ filters: openFilters(report) }), {
    class: "text-button",
  });
  const zoomed = button("Use the zoomed time", () => change(store.state.timeWindow), {
    class: "text-button",
  });

  place.replaceChildren(
    element("div", { class: "part-head" }, element("h2", {}, "Filters"), shown, reset),
    element(
      "div",
      { class: "filter-fields" },
      field("Was at", section),
      field("Seen after", from),
      field("Seen before", to),
      field("Seen at least (s)", seen),
    ),
    element(
      "div",
      { class: "filter-row" },
      element("label", { class: "filter-check" }, counted, "Only people who count, without staff"),
      zoomed,
    ),
  );

  store.follow(["filters", "counts"], ({ filters, counts, zonesFile }) => {
    const found = findVisiblePeople(tracksOf(report, zonesFile), counts, filters);
    // The same people stay the same set, so that nothing is drawn again.
    if (!isSameSet(found, store.state.visiblePeople)) store.set({ visiblePeople: found });
  });
  store.follow(["counts"], ({ counts, filters }) => {
    fillSections(section, counts.whole);
    const names = sectionNames(counts.whole);
    if (filters.section !== null && !names.includes(filters.section)) change({ section: null });
    section.value = store.state.filters.section ?? "";
  });
  store.follow(["filters"], ({ filters }) => {
    section.value = filters.section ?? "";
    showTime(from, filters.fromMs);
    showTime(to, filters.toMs);
    seen.value = String(filters.minimumSeenMs / 1000);
    counted.checked = filters.withoutStaff;
  });
  store.follow(["visiblePeople"], ({ visiblePeople }) => {
    const all = report.observations.people.length;
    const text = `${formatCount(visiblePeople.size)} of ${formatCountOf(all, "person", "people")} shown`;
    setText(shown, text);
    reset.disabled = visiblePeople.size === all;
  });
}

/**
 * @param {string} text
 * @param {HTMLElement} control
 */
function field(text, control) {
  return element(
    "label",
    { class: "filter-field" },
    element("span", { class: "quiet small" }, text),
    control,
  );
}

/**
 * Makes a field for a time of the video.
 *
 * @param {(atMs: number | null) => void} change is called with null if the field is empty
 */
function timeInput(change) {
  const input = element("input", {
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "m:ss",
  });
  input.addEventListener("change", () => {
    const isEmpty = input.value.trim() === "";
    const atMs = parseVideoTime(input.value);
    const isWrong = !isEmpty && atMs === null;
    input.setCustomValidity(isWrong ? "Write a time such as 42, 0:42 or 1:02:03" : "");
    input.setAttribute("aria-invalid", String(isWrong));
    if (isWrong) input.reportValidity();
    else change(atMs);
  });
  return input;
}

/**
 * @param {HTMLInputElement} input
 * @param {number} atMs
 */
function showTime(input, atMs) {
  input.value = formatVideoTenths(atMs).replace(/\.0$/, "");
  input.setCustomValidity("");
  input.setAttribute("aria-invalid", "false");
}

/**
 * @param {HTMLSelectElement} select
 * @param {import("#page/counting/count_video.js").Summary} whole
 */
function fillSections(select, { zones, lines }) {
  const options = (/** @type {{name: string}[]} */ sections) =>
    sections.map(({ name }) => element("option", { value: name }, name));
  select.replaceChildren(element("option", { value: "" }, "anywhere"));
  if (zones.length > 0) select.append(element("optgroup", { label: "Zones" }, ...options(zones)));
  if (lines.length > 0) select.append(element("optgroup", { label: "Lines" }, ...options(lines)));
}
