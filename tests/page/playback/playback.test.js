import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Clock } from "../../../functions/people_pathing/report/page/playback/clock.js";
import { toggled } from "../../../functions/people_pathing/report/page/playback/playback.js";
import { Store } from "../../../functions/people_pathing/report/page/store.js";

test("playing again after a pause is forwards", () => {
  assert.deepEqual(toggled({ isPlaying: false, speed: -2 }), { isPlaying: true, speed: 1 });
});

test("playing again keeps the speed", () => {
  assert.deepEqual(toggled({ isPlaying: false, speed: 4 }), { isPlaying: true });
  assert.deepEqual(toggled({ isPlaying: true, speed: 4 }), { isPlaying: false });
});

test("the clock waits for one frame of the screen, however often it was paused", (context) => {
  const request = mock.fn();
  Object.assign(globalThis, { requestAnimationFrame: request });
  context.after(() => Reflect.deleteProperty(globalThis, "requestAnimationFrame"));
  const clock = new Clock(new Store({ timeMs: 0, speed: 1, isPlaying: true }), 1000);
  for (const isRunning of [true, false, true, false, true]) clock.run(isRunning);

  assert.equal(request.mock.callCount(), 1);
  request.mock.calls[0].arguments[0](performance.now() + 10);
  assert.equal(request.mock.callCount(), 2);
  assert.ok(clock.store.state.timeMs > 0);
});
