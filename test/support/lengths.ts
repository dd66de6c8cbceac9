/** Lengths that cross every unroll factor and vector width: use one list, everywhere. */
export const LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 31, 32, 33, 1000, 4099];
