/** 0.9534 → `95.3%` */
export function percent(share: number, digits = 1): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(digits)}%` : '–';
}

/** 1234567 → `1.23 M`; 329500 → `330 k`; 9000 → `9,000` */
export function count(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 999_500) return `${(value / 1e6).toPrecision(3)} M`;
  if (value >= 1e5) return `${Math.round(value / 1e3)} k`;
  return Math.round(value).toLocaleString('en');
}

/** Seven significant digits, which hides the rounding of float64 but no digit of a price: 220.00000000000003 → `220`. */
export function short(value: number): string {
  if (value === 0) return '0';
  return String(Number(value.toPrecision(7))).replace('-', '−');
}

/** Milliseconds → `0.42 ms`, `38 µs`. */
export function duration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toPrecision(3)} s`;
  if (milliseconds >= 0.1) return `${milliseconds.toPrecision(3)} ms`;
  return `${(milliseconds * 1000).toPrecision(3)} µs`;
}
