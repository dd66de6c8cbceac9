import { PIXELS, SIDE } from './grid.js';

export interface Position {
  x: number;
  y: number;
}

/** One line from pen down to pen up, in units of the drawing area: 0 … 1. */
export type Stroke = readonly Position[];

/** The digits of the data set fit into a square of this many pixels, and their centre of mass is that of the picture. */
const BOX = 20;
const CENTRE = SIDE / 2;
/** Half the width of a line, in pixels of the result: about that of the pens that the data set was written with. */
const PEN = 1.05;
/** What is smaller than this share of the drawing area is a dot, and is not blown up to a digit. */
const LEAST = 0.12;

/**
 * Strokes → the 784 pixels that a network trained on the data set expects: scaled so that the longer side of the digit
 * is 20 pixels, drawn with a soft pen, and moved so that the centre of mass is in the middle. `undefined` without ink.
 */
export function normalize(strokes: readonly Stroke[]): Float32Array<ArrayBuffer> | undefined {
  const { left, right, top, bottom } = boundsOf(strokes);
  if (left > right) return undefined;
  const scale = (BOX - 2 * PEN) / Math.max(right - left, bottom - top, LEAST);
  const place = (dx: number, dy: number) =>
    strokes.map((stroke) =>
      stroke.map(({ x, y }) => ({
        x: CENTRE + dx + (x - (left + right) / 2) * scale,
        y: CENTRE + dy + (y - (top + bottom) / 2) * scale,
      })),
    );
  const { x, y } = centreOfMass(rasterize(place(0, 0)));
  return rasterize(place(CENTRE - x, CENTRE - y));
}

/** Without points, left is greater than right. A loop: a long drawing has more points than a call may have arguments. */
function boundsOf(strokes: readonly Stroke[]) {
  const bounds = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const stroke of strokes) {
    for (const { x, y } of stroke) {
      bounds.left = Math.min(bounds.left, x);
      bounds.right = Math.max(bounds.right, x);
      bounds.top = Math.min(bounds.top, y);
      bounds.bottom = Math.max(bounds.bottom, y);
    }
  }
  return bounds;
}

/** Ink by the distance from the middle of a pixel to the line: full inside, and fading over one pixel at the edge. */
function rasterize(strokes: readonly Stroke[]): Float32Array<ArrayBuffer> {
  const pixels = new Float32Array(PIXELS);
  const reach = PEN + 0.5;
  for (const stroke of strokes) {
    for (const [i, a] of stroke.entries()) {
      const b = stroke[i + 1] ?? (stroke.length === 1 ? a : undefined);
      if (b === undefined) continue;
      const firstRow = Math.max(0, Math.floor(Math.min(a.y, b.y) - reach));
      const lastRow = Math.min(SIDE - 1, Math.ceil(Math.max(a.y, b.y) + reach));
      const firstColumn = Math.max(0, Math.floor(Math.min(a.x, b.x) - reach));
      const lastColumn = Math.min(SIDE - 1, Math.ceil(Math.max(a.x, b.x) + reach));
      for (let row = firstRow; row <= lastRow; row++) {
        for (let column = firstColumn; column <= lastColumn; column++) {
          const ink = reach - distance(column + 0.5, row + 0.5, a, b);
          const at = row * SIDE + column;
          pixels[at] = Math.max(pixels[at]!, Math.min(1, Math.max(0, ink)));
        }
      }
    }
  }
  return pixels;
}

/** From a point to the segment between a and b. */
function distance(x: number, y: number, a: Position, b: Position): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / squared));
  return Math.hypot(x - a.x - along * dx, y - a.y - along * dy);
}

export function centreOfMass(pixels: Float32Array): Position {
  let mass = 0;
  let x = 0;
  let y = 0;
  for (const [i, ink] of pixels.entries()) {
    mass += ink;
    x += ink * ((i % SIDE) + 0.5);
    y += ink * (Math.floor(i / SIDE) + 0.5);
  }
  return mass === 0 ? { x: CENTRE, y: CENTRE } : { x: x / mass, y: y / mass };
}
