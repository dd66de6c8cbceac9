import type { Page } from 'playwright-core';
import { SIDE } from '../../playground/src/digits/grid.js';

const INK = 0.5;

interface Run {
  row: number;
  from: number;
  to: number;
}

/**
 * The ink of a picture as horizontal lines, a row of pixels each. A pen has a width: lines keep a pixel away from the
 * edge of the ink, unless nothing were left of them.
 */
function runsOf(pixels: Float32Array): Run[] {
  const ink = (row: number, column: number) =>
    row >= 0 && row < SIDE && column >= 0 && column < SIDE && pixels[row * SIDE + column]! > INK;
  const runs: Run[] = [];
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      if (!ink(row, column)) continue;
      let end = column;
      while (ink(row, end + 1)) end++;
      const middle = (column + end) / 2;
      const inset = Math.min(1, (end - column) / 2);
      // Upper and lower edges of a horizontal bar are left out, its middle row is drawn.
      const bar = end - column > 5 && (!ink(row - 1, middle | 0) || !ink(row + 1, middle | 0));
      if (!bar || !(ink(row - 1, middle | 0) || ink(row + 1, middle | 0))) {
        runs.push({ row, from: column + inset, to: end - inset });
      }
      column = end;
    }
  }
  return runs;
}

/** Draws with the mouse, as a person would who fills the ink line by line. */
export async function drawPixels(page: Page, pixels: Float32Array): Promise<void> {
  const canvas = page.locator('#drawing');
  await canvas.scrollIntoViewIfNeeded();
  const box = (await canvas.boundingBox())!;
  const at = (column: number, row: number) =>
    [box.x + ((column + 0.5) / SIDE) * box.width, box.y + ((row + 0.5) / SIDE) * box.height] as const;
  for (const { row, from, to } of runsOf(pixels)) {
    await page.mouse.move(...at(from, row));
    await page.mouse.down();
    await page.mouse.move(...at(to, row), { steps: 3 });
    await page.mouse.up();
  }
}
