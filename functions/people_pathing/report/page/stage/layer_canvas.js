import { element } from "#page/display/elements.js";

const MAX_PIXEL_RATIO = 2;

/**
 * A canvas over the picture. It is drawn only when it is shown and what it shows has changed.
 */
export class LayerCanvas {
  /**
   * @param {string} name class of the canvas
   * @param {(brush: import("#page/stage/moment_drawing.js").Brush) => void} draw
   */
  constructor(name, draw) {
    this.canvas = element("canvas", { class: name, "aria-hidden": "true" });
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.draw = draw;
    this.isShown = true;
    this.isCurrent = false;
    this.isWaiting = false;
    this.widthPx = 0;
    this.heightPx = 0;
    /** @type {readonly string[]} */
    this.palette = [];
  }

  /**
   * Sets the size. The canvas has more pixels than that on screens with small pixels.
   *
   * @param {number} widthPx in CSS pixels
   * @param {number} heightPx in CSS pixels
   */
  resize(widthPx, heightPx) {
    const ratio = Math.min(window.devicePixelRatio || 1, MAX_PIXEL_RATIO);
    const [width, height] = [Math.round(widthPx * ratio), Math.round(heightPx * ratio)];
    const isSame = this.canvas.width === width && this.canvas.height === height;
    if (isSame && this.widthPx === widthPx && this.heightPx === heightPx) return;
    Object.assign(this, { widthPx, heightPx });
    Object.assign(this.canvas, { width, height });
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.isCurrent = false;
    // Setting the size has cleared the canvas. It must not stay empty for a frame.
    if (this.isShown) this.drawNow();
  }

  /** @param {boolean} isShown */
  show(isShown) {
    this.isShown = isShown;
    this.canvas.hidden = !isShown;
    this.drawSoon();
  }

  /** Says that what the canvas shows has changed. */
  invalidate() {
    this.isCurrent = false;
    this.drawSoon();
  }

  /** Draws before the next frame, once. */
  drawSoon() {
    if (this.isWaiting || this.isCurrent || !this.isShown) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      if (this.isShown) this.drawNow();
    });
  }

  /** Draws now, if anything has changed. */
  drawNow() {
    if (this.isCurrent || this.widthPx === 0) return;
    this.isCurrent = true;
    const { context, widthPx, heightPx, palette } = this;
    this.draw({ context, widthPx, heightPx, palette });
  }
}
