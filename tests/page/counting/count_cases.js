/**
 * Counts videos for test_same_counts.py: reads a list of cases from standard input and writes a list of
 * counts.
 */

import { text } from "node:stream/consumers";

import {
  countVideo,
  intervalSummaries,
} from "../../../functions/people_pathing/report/page/counting/count_video.js";
import { readZonesFile } from "../../../functions/people_pathing/report/page/counting/zones_file.js";
import { reportOf } from "./reports.js";

/** @type {(Parameters<typeof reportOf>[0] & {interval_minutes: number, zones: unknown})[]} */
const cases = JSON.parse(await text(process.stdin));
const counts = cases.map((one) => {
  const zonesFile = readZonesFile(one.zones);
  const found = countVideo(reportOf(one), zonesFile);
  return { ...found, perInterval: intervalSummaries(found, zonesFile, one.interval_minutes) };
});
process.stdout.write(JSON.stringify(counts));
