const dark = matchMedia('(prefers-color-scheme: dark)');

/** The present value of a colour of style/tokens.css, for what is drawn on a canvas. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The same as red, green, blue in 0 … 255; tokens are written as #rrggbb. */
export function rgb(name: string): [number, number, number] {
  const value = Number.parseInt(color(name).slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** Calls back when light turns dark or back: canvases must be drawn anew. */
export function onThemeChange(callback: () => void): void {
  dark.addEventListener('change', callback);
}
