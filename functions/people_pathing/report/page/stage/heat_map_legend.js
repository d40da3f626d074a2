import { element } from "#page/display/elements.js";
import { formatDuration } from "#page/display/format.js";
import { heatMapGradient, mostSeconds } from "#page/stage/heat_map.js";

/** Says what the colours of the heat map mean. */
export class HeatMapLegend {
  constructor() {
    const scale = element("span", { class: "heat-scale", "aria-hidden": "true" });
    scale.style.background = heatMapGradient();
    this.most = element("span");
    const rest = [element("span", {}, "Heat map: rarely"), scale, this.most];
    this.element = element("p", { class: "heat-legend quiet small", hidden: "" }, ...rest);
  }

  /** @param {import("#page/stage/heat_map.js").HeatMap} map */
  show(map) {
    const perPercentMs = (mostSeconds(map) * 1000 * map.columns * map.rows) / 100;
    this.most.textContent = `often: up to ${formatDuration(perPercentMs)} in 1 % of the picture`;
  }
}
