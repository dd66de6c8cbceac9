/** What a value is, in the words of an error message. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  switch (typeof value) {
    case 'undefined':
    case 'number':
      return String(value);
    case 'bigint':
      return `the BigInt ${value}n`;
    case 'string':
      return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
    case 'object':
      return `an object (${value?.constructor?.name ?? 'no prototype'})`;
    default:
      return `a ${typeof value}`;
  }
}
