/**
 * What the page shows at the moment.
 *
 * @typedef {object} PageState
 * @property {number} timeMs time of the video that is shown
 * @property {boolean} isPlaying
 * @property {number} speed 1 is as fast as in reality; negative if the video plays backwards
 * @property {number | null} selectedPerson index of the person that every part marks
 * @property {number | null} hoveredPerson index of the person under the pointer, in any part
 * @property {Readonly<Filters>} filters
 * @property {Readonly<Layers>} layers
 * @property {Readonly<TimeWindow>} timeWindow the part of the video that the occupancy and the lanes show
 * @property {import("#page/counting/zones_file.js").ZonesFile} zonesFile what is counted, as edited
 * @property {import("#page/counting/count_video.js").VideoCounts} counts of `zonesFile`
 * @property {ReadonlySet<number>} visiblePeople indexes of the people that the filters let through
 * @property {string | null} tool the editor's: "zone", "line", "mask", "calibrate"; null if none is in use
 */

/**
 * Which people are shown. Counts do not depend on it.
 *
 * @typedef {object} Filters
 * @property {string | null} section name of a zone or line: people who visited or crossed it
 * @property {number} fromMs people who were seen after it
 * @property {number} toMs people who were seen before it
 * @property {number} minimumSeenMs people who were seen for at least as long
 * @property {boolean} withoutStaff without people who count nowhere, as staff or because of a short track
 */

/**
 * Which layers are drawn over the picture.
 *
 * @typedef {object} Layers
 * @property {boolean} boxes
 * @property {boolean} trails
 * @property {boolean} paths
 * @property {boolean} heatMap
 * @property {boolean} zones
 */

/**
 * A part of the video, at least 1 ms long. At first it is the whole video.
 *
 * @typedef {object} TimeWindow
 * @property {number} fromMs
 * @property {number} toMs
 */

export {};
