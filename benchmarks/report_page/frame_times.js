/**
 * Shows a frame at each of some times, and returns how long the page worked on each, in milliseconds: all
 * parts of the page, and what is drawn over the picture. The browser's own work, such as putting pixels on the
 * screen, is not in it. Playwright calls this function in an open report.
 */
async (/** @type {number[]} */ timesMs) => {
  const { store } = globalThis.reportPage;
  const durations = [];
  for (const timeMs of timesMs) {
    let drawingStart = 0;
    requestAnimationFrame(() => {
      drawingStart = performance.now();
    });
    const start = performance.now();
    store.set({ timeMs });
    const followed = performance.now() - start;
    // The canvas is drawn in an animation frame that was requested between these two.
    await new Promise((resolve) => requestAnimationFrame(resolve));
    durations.push(followed + performance.now() - drawingStart);
  }
  return durations;
};
