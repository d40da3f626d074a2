import { countVideo } from "#page/counting/count_video.js";
import { readZonesFile } from "#page/counting/zones_file.js";
import { withKnownTimezone } from "#page/counting/zones_file/time_zones.js";
import { decodeReport } from "#page/data/report_data.js";
import { elementOf } from "#page/display/elements.js";
import { mountEditor } from "#page/editor/editor.js";
import { connectAddressBar, placeOfAddress } from "#page/frame/address_bar.js";
import { mountAnnouncements } from "#page/frame/announcements.js";
import { mountEmptyNotice } from "#page/frame/empty_notice.js";
import { mountHelp } from "#page/frame/help.js";
import { connectKeyboard } from "#page/frame/keyboard.js";
import { mountLayerChoice } from "#page/frame/layer_choice.js";
import { mountPageHeader } from "#page/frame/page_header.js";
import { mountFigures } from "#page/panels/figures.js";
import { mountFilters } from "#page/panels/filters.js";
import { mountFloorPlan } from "#page/panels/floor_plan.js";
import { mountFlows } from "#page/panels/flows.js";
import { mountIntervals } from "#page/panels/intervals.js";
import { mountPeople } from "#page/panels/people.js";
import { mountProvenance } from "#page/panels/provenance.js";
import { mountSections } from "#page/panels/sections.js";
import { openFilters } from "#page/panels/visible_people.js";
import { withKnownSampling } from "#page/playback/sampling.js";
import { mountStage } from "#page/stage/stage.js";
import { Store } from "#page/store.js";
import { mountLanes } from "#page/timeline/lanes.js";
import { mountOccupancy } from "#page/timeline/occupancy.js";
import { wholeWindow } from "#page/timeline/time_window.js";

/** @typedef {import("#page/data/report_data.js").Report} Report */
/** @typedef {Store<import("#page/page_state.js").PageState>} PageStore */

/** @type {import("#page/page_state.js").Layers} */
const USUAL_LAYERS = { boxes: true, trails: true, paths: false, heatMap: false, zones: true };

/** Each part of the page, and the id of the element that it fills. They follow the state in this order. */
const PARTS = /** @type {const} */ ([
  ["filters", mountFilters],
  ["figures", mountFigures],
  ["empty", mountEmptyNotice],
  ["stage", mountStage],
  ["toolbar", mountEditor],
  ["sections", mountSections],
  ["occupancy", mountOccupancy],
  ["lanes", mountLanes],
  ["people", mountPeople],
  ["floor-plan", mountFloorPlan],
  ["flows", mountFlows],
  ["intervals", mountIntervals],
  ["provenance", mountProvenance],
]);

/** Starts the page. If that fails, the page stays as it is without JavaScript, and says so. */
export async function startPage() {
  try {
    const text = elementOf("report-data").textContent ?? "";
    mountPage(withKnownSampling(await decodeReport(JSON.parse(text))));
  } catch (error) {
    showProblem(`The video and the charts cannot be shown: ${error}`);
    throw error;
  }
}

/** @param {string} text */
function showProblem(text) {
  const problem = elementOf("start-problem");
  problem.textContent = text;
  problem.hidden = false;
}

/** @param {Report} report */
function mountPage(report) {
  const { known, unknownTimezone } = withKnownTimezone(report.zonesFile);
  const zonesFile = readZonesFile(known);
  if (unknownTimezone !== null) {
    showProblem(
      `This browser does not know the time zone “${unknownTimezone}” of zones.json. All times are in UTC, ` +
        "and a zones.json that you save here has no time zone.",
    );
  }
  const { durationMs } = report.video;
  const usual = { timeMs: 0, selectedPerson: null, filters: openFilters(report), layers: USUAL_LAYERS };
  /** @type {import("#page/page_state.js").PageState} */
  const initial = {
    ...placeOfAddress(usual, report, zonesFile),
    isPlaying: false,
    speed: 1,
    hoveredPerson: null,
    timeWindow: wholeWindow(durationMs),
    zonesFile,
    counts: countVideo(report, zonesFile),
    visiblePeople: new Set(report.observations.people),
    tool: null,
  };
  const store = new Store(initial);
  document.documentElement.classList.remove("without-script");
  for (const [id, mount] of PARTS) mount(elementOf(id), report, store);
  mountFrame(report, store);
  connectAddressBar(store, usual, report);
  // Tests, and people with the developer tools, find the state here.
  Object.assign(globalThis, { reportPage: { report, store } });
}

/**
 * @param {Report} report
 * @param {PageStore} store
 */
function mountFrame(report, store) {
  const showHelp = mountHelp(/** @type {HTMLDialogElement} */ (elementOf("help")));
  mountPageHeader(elementOf("header"), report, store, showHelp);
  mountLayerChoice(elementOf("layers"), store);
  mountAnnouncements(elementOf("announcements"), store);
  connectKeyboard(store, report.video, showHelp);
}
