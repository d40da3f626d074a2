/**
 * Counts videos for test_same_counts.py: reads a list of cases from standard input and writes a list of
 * counts.
 */

import { text } from "node:stream/consumers";

import { countVideo } from "../../../functions/people_pathing/report/page/counting/count_video.js";
import { readZonesFile } from "../../../functions/people_pathing/report/page/counting/zones_file.js";
import { reportOf } from "./reports.js";

/** @type {Parameters<typeof reportOf>[0][]} */
const cases = JSON.parse(await text(process.stdin));
const counts = cases.map((one) => countVideo(reportOf(one), readZonesFile(one.zones)));
process.stdout.write(JSON.stringify(counts));
