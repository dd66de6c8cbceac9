/** Marks of a plot, drawn with the CSS variables of the page. Kept small: two kinds of plot is all the report needs. */

export interface Series {
  name: string;
  /** A CSS colour. */
  color: string;
  points: { x: number; y: number }[];
  dashed?: boolean;
}

const WIDTH = 760;

/** Lines over a logarithmic x axis with the given ticks; names stand at the last point. */
export function linePlot(series: Series[], ticks: number[], y: { max: number; step: number; unit: string }): string {
  const height = 380;
  const [left, right, top, bottom] = [48, 130, 16, 36];
  const log = (x: number) => Math.log2(x / ticks[0]!) / Math.log2(ticks.at(-1)! / ticks[0]!);
  const px = (x: number) => left + log(x) * (WIDTH - left - right);
  const py = (value: number) => height - bottom - (value / y.max) * (height - top - bottom);
  const parts: string[] = [];
  for (let value = 0; value <= y.max; value += y.step) {
    parts.push(`<line class="grid" x1="${left}" x2="${WIDTH - right}" y1="${py(value)}" y2="${py(value)}"/>`);
    parts.push(text(left - 8, py(value) + 4, String(value), 'end'));
  }
  for (const x of ticks) parts.push(text(px(x), height - bottom + 20, String(x), 'middle'));
  parts.push(text(left, height - 2, `n of a product n×n×n; ${y.unit}`, 'start'));
  const labels = spread(
    series.map((s) => py(s.points.at(-1)?.y ?? 0)),
    15,
    height - bottom + 4,
  );
  for (const [i, { name, color, points, dashed }] of series.entries()) {
    if (points.length === 0) continue;
    const path = points.map((p) => `${px(p.x).toFixed(1)},${py(p.y).toFixed(1)}`).join(' ');
    const dash = dashed ? ' stroke-dasharray="6 4"' : '';
    parts.push(`<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"${dash}/>`);
    if (!dashed) {
      for (const p of points) {
        const title = `<title>${name}, n = ${p.x}: ${p.y.toFixed(1)} ${y.unit}</title>`;
        parts.push(
          `<circle cx="${px(p.x).toFixed(1)}" cy="${py(p.y).toFixed(1)}" r="3.5" fill="${color}">${title}</circle>`,
        );
      }
    }
    const from = points.at(-1)!;
    const to = WIDTH - right + 16;
    parts.push(`<line class="lead" x1="${px(from.x) + 5}" y1="${py(from.y)}" x2="${to - 4}" y2="${labels[i]}"/>`);
    parts.push(`<text x="${to}" y="${labels[i]! + 4}" style="fill:${color}">${name}</text>`);
  }
  return svg(height, `${y.unit} over size`, parts);
}

export interface Bar {
  label: string;
  value: number;
  /** Beside the bar. */
  text: string;
  color: string;
}

/** Horizontal bars, with a line where the value is 1 if they are ratios. */
export function barPlot(title: string, bars: Bar[], one: boolean): string {
  const row = 24;
  const left = 385;
  const height = bars.length * row + 12;
  const largest = Math.max(...bars.map((bar) => bar.value));
  const scale = (value: number) => (value / largest) * (WIDTH - left - 180);
  const parts = bars.flatMap(({ label, value, text: caption, color }, i) => {
    const y = 6 + i * row;
    const width = Math.max(1, scale(value)).toFixed(1);
    return [
      text(left - 8, y + 15, label, 'end'),
      `<rect x="${left}" y="${y + 3}" width="${width}" height="${row - 8}" rx="2" fill="${color}"/>`,
      text(left + Number(width) + 6, y + 15, caption, 'start'),
    ];
  });
  if (one) parts.push(`<line class="one" x1="${left + scale(1)}" x2="${left + scale(1)}" y1="0" y2="${height}"/>`);
  return svg(height, title, parts);
}

function svg(height: number, title: string, parts: string[]): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">${parts.join('')}</svg>`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
}

/** Heights moved apart until none is nearer than `gap` to the next, and none below `floor`. */
function spread(heights: number[], gap: number, floor: number): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a]! - heights[b]!);
  const moved = [...heights];
  for (let round = 0; round < 50; round++) {
    for (let i = 1; i < order.length; i++) {
      const [above, below] = [order[i - 1]!, order[i]!];
      const missing = gap - (moved[below]! - moved[above]!);
      if (missing > 0) {
        moved[above]! -= missing / 2;
        moved[below]! += missing / 2;
      }
    }
    for (const i of order) moved[i] = Math.min(moved[i]!, floor);
  }
  return moved;
}
