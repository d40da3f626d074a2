import { observationAt } from "#page/data/tracks.js";
import { personColour, svgElement } from "#page/display/elements.js";

/** A pointer that is closer than this to a path means it. */
const REACH_PX = 12;

/** @typedef {import("#page/data/tracks.js").Track} Track */

/** Where people are on the floor at one time. */
export class FloorDots {
  /**
   * @param {import("#page/data/report_data.js").Observations} observations
   * @param {readonly Track[]} tracks of the people that are shown
   * @param {import("#page/panels/floor/floor_positions.js").FloorPositions} positions
   * @param {import("#page/panels/floor/floor_scale.js").FloorScale} scale
   */
  constructor(observations, tracks, positions, scale) {
    this.observations = observations;
    this.tracks = tracks;
    this.positions = positions;
    this.scale = scale;
    this.element = svgElement("g", { class: "floor-dots" });
    /** @type {Map<number, SVGGElement>} */
    this.dots = new Map();
  }

  /**
   * Shows where everybody is.
   *
   * @param {Readonly<import("#page/page_state.js").PageState>} state
   */
  show({ timeMs, selectedPerson, hoveredPerson }) {
    const present = this.tracks.filter((track) => isPresent(track, timeMs));
    const people = new Set(present.map(({ person }) => person));
    for (const [person, dot] of this.dots) {
      if (people.has(person)) continue;
      dot.remove();
      this.dots.delete(person);
    }
    for (const track of present) {
      const dot = this.dotOf(track.person);
      const [x, y] = this.placeAt(track, timeMs);
      dot.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      dot.classList.toggle("is-marked", track.person === selectedPerson || track.person === hoveredPerson);
    }
  }

  /**
   * Returns the point of a path that is nearest to a place on the plan; null if none is close.
   *
   * @param {number} xPx
   * @param {number} yPx
   * @returns {{person: number, atMs: number} | null}
   */
  nearestPoint(xPx, yPx) {
    const { xs, ys } = this.positions;
    const { starts, timesMs } = this.observations;
    let nearest = null;
    let leastPx = REACH_PX;
    for (const { person, place } of this.tracks) {
      for (let at = starts[place]; at < starts[place + 1]; at++) {
        const distancePx = Math.hypot(this.scale.x(xs[at]) - xPx, this.scale.y(ys[at]) - yPx);
        if (distancePx >= leastPx) continue;
        leastPx = distancePx;
        nearest = { person, atMs: timesMs[at] };
      }
    }
    return nearest;
  }

  /**
   * @param {number} person
   * @returns {SVGGElement}
   */
  dotOf(person) {
    const known = this.dots.get(person);
    if (known) return known;
    const circle = svgElement("circle", { r: "5" });
    circle.style.fill = personColour(person);
    const dot = svgElement(
      "g",
      { class: "floor-dot" },
      circle,
      svgElement("text", { x: "9", y: "4" }, String(person)),
    );
    this.dots.set(person, dot);
    this.element.append(dot);
    return dot;
  }

  /**
   * Returns where a person is on the plan, in pixels.
   *
   * @param {Track} track
   * @param {number} atMs
   * @returns {[number, number]}
   */
  placeAt({ place }, atMs) {
    const { starts, timesMs } = this.observations;
    const { xs, ys } = this.positions;
    const before = observationAt(this.observations, place, atMs);
    const after = Math.min(before + 1, starts[place + 1] - 1);
    const stepMs = timesMs[after] - timesMs[before];
    const share = stepMs > 0 ? (atMs - timesMs[before]) / stepMs : 0;
    return [
      this.scale.x(xs[before] + share * (xs[after] - xs[before])),
      this.scale.y(ys[before] + share * (ys[after] - ys[before])),
    ];
  }
}

/**
 * @param {Track} track
 * @param {number} atMs
 */
function isPresent({ firstMs, lastMs, stretches }, atMs) {
  if (atMs < firstMs || atMs > lastMs) return false;
  return stretches.some((stretch) => stretch.firstMs <= atMs && atMs <= stretch.lastMs);
}
