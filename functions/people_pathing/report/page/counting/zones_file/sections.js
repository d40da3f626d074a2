/**
 * What zones.json says: zones, lines, masks, rules and the calibration. The twin of zones_file/sections.py.
 */

/**
 * x and y: ratios of the frame in a picture, from its top left corner; metres on the floor.
 *
 * @typedef {readonly [x: number, y: number]} Point
 */

/**
 * The nine numbers of a 3 by 3 matrix, row by row.
 *
 * @typedef {readonly number[]} Matrix
 */

/**
 * The content of zones.json, with its names. What the file can leave out is filled in, except for `timezone`,
 * `calibration` and `staff_after_ms`.
 *
 * @typedef {object} ZonesFile
 * @property {1} version
 * @property {string} [timezone] IANA name; UTC without it
 * @property {Rules} rules
 * @property {readonly Zone[]} zones
 * @property {readonly Line[]} lines
 * @property {readonly Mask[]} masks
 * @property {Calibration} [calibration] how positions in the picture become positions on the floor
 */

/**
 * When a visit or a crossing counts; see docs/counting.md.
 *
 * @typedef {object} Rules
 * @property {number} margin how far from a section a person is clear of it, as a share of the height of the
 *   box
 * @property {number} confirm_ms how long a side must last
 * @property {number} max_gap_ms longest time between two observations that does not interrupt the path
 * @property {number} minimum_seen_ms people who are seen for a shorter time do not count
 */

/**
 * A polygon in which people are counted.
 *
 * @typedef {object} Zone
 * @property {string} name unique among all zones, lines and masks
 * @property {readonly Point[]} polygon at least three vertices; the last is connected with the first
 * @property {number} minimum_stay_ms shorter visits do not count
 * @property {number} [staff_after_ms] makes this a staff zone: people whose visits last longer in total are
 *   staff
 */

/**
 * A directed line. Going from its right side to its left side is `in`.
 *
 * @typedef {object} Line
 * @property {string} name
 * @property {Point} start
 * @property {Point} end
 */

/**
 * A polygon that is never analysed.
 *
 * @typedef {object} Mask
 * @property {string} name
 * @property {readonly Point[]} polygon
 */

/** @typedef {{points: readonly CalibrationPoint[], homography: Matrix}} Calibration */

/**
 * A point of the picture whose position on the floor is known.
 *
 * @typedef {{image: Point, floor_m: Point}} CalibrationPoint
 */

export {};
