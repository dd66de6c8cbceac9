import { describe, expect, test } from 'vitest';
import { SIDE } from '../../playground/src/digits/grid.js';
import { centreOfMass, normalize, type Stroke } from '../../playground/src/digits/normalize.js';

const SEVEN: Stroke[] = [
  [
    { x: 0.2, y: 0.2 },
    { x: 0.7, y: 0.2 },
    { x: 0.4, y: 0.9 },
  ],
];

function moved(strokes: readonly Stroke[], scale: number, dx: number, dy: number): Stroke[] {
  return strokes.map((stroke) => stroke.map(({ x, y }) => ({ x: x * scale + dx, y: y * scale + dy })));
}

function extent(pixels: Float32Array): { width: number; height: number } {
  const inked = [...pixels.keys()].filter((i) => pixels[i]! > 0.1);
  const columns = inked.map((i) => i % SIDE);
  const rows = inked.map((i) => Math.floor(i / SIDE));
  return {
    width: Math.max(...columns) - Math.min(...columns) + 1,
    height: Math.max(...rows) - Math.min(...rows) + 1,
  };
}

describe('normalize', () => {
  test('without ink there is no picture', () => {
    expect(normalize([])).toBeUndefined();
  });

  test('the centre of mass is the middle of the picture', () => {
    const { x, y } = centreOfMass(normalize(SEVEN)!);
    expect(Math.hypot(x - 14, y - 14)).toBeLessThan(0.1);
  });

  test('the longer side is twenty pixels, whichever it is', () => {
    const tall = extent(normalize(SEVEN)!);
    expect(Math.abs(tall.height - 20)).toBeLessThanOrEqual(1);
    expect(tall.width).toBeLessThan(tall.height);
    const lying = normalize(SEVEN.map((stroke) => stroke.map(({ x, y }) => ({ x: y, y: x }))))!;
    expect(Math.abs(extent(lying).width - 20)).toBeLessThanOrEqual(1);
  });

  test.each([
    [1, 0.2, 0.05],
    [0.5, 0.4, 0.4],
    [0.3, 0.02, 0.6],
  ])('size and place do not matter: scaled by %f, moved by (%f, %f)', (scale, dx, dy) => {
    const expected = normalize(SEVEN)!;
    const actual = normalize(moved(SEVEN, scale, dx, dy))!;
    for (const [i, ink] of actual.entries()) expect(ink).toBeCloseTo(expected[i]!, 4);
  });

  test('a dot stays a dot', () => {
    const { width, height } = extent(normalize([[{ x: 0.9, y: 0.1 }]])!);
    expect(width).toBeLessThanOrEqual(4);
    expect(height).toBeLessThanOrEqual(4);
    expect(width).toBeGreaterThanOrEqual(2);
  });

  test('a drawing may have very many points', () => {
    const circles = Array.from({ length: 200_000 }, (_, i) => ({
      x: 0.5 + Math.cos(i / 50) / 3,
      y: 0.5 + Math.sin(i / 50) / 3,
    }));
    expect(normalize([circles])).toHaveLength(SIDE * SIDE);
  });

  test('ink is between 0 and 1, and as much of it as in the digits of the data set', () => {
    const pixels = normalize(SEVEN)!;
    expect(Math.min(...pixels)).toBe(0);
    expect(Math.max(...pixels)).toBe(1);
    const total = pixels.reduce((sum, ink) => sum + ink, 0);
    expect(total).toBeGreaterThan(50);
    expect(total).toBeLessThan(150);
  });
});
