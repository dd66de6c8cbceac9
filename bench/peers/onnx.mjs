// Just enough of the ONNX format (github.com/onnx/onnx, onnx.proto) to write a graph of float tensors by hand.

/** @typedef {{ op: string, inputs: string[], output: string, attributes?: Record<string, number>, floats?: Record<string, number> }} Node */

const text = new TextEncoder();

/** @param {number} n @returns {number[]} */
function varint(n) {
  const bytes = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) + 128);
  return [...bytes, n];
}
const int = (field, n) => [...varint(field * 8), ...varint(n)];
const bytes = (field, content) => [...varint(field * 8 + 2), ...varint(content.length), ...content];
const string = (field, s) => bytes(field, text.encode(s));
const float = (field, x) => [...varint(field * 8 + 5), ...new Uint8Array(Float32Array.of(x).buffer)];

const FLOAT = 1;
const INT64 = 7;

/** @param {string} name @param {number[]} shape */
function value(name, shape) {
  const dims = shape.flatMap((n) => bytes(1, int(1, n)));
  const tensor = [...int(1, FLOAT), ...bytes(2, dims)];
  return [...string(1, name), ...bytes(2, bytes(1, tensor))];
}

/** Attributes are ints, floats those of floating point, such as Gemm's alpha. */
function node({ op, inputs, output, attributes = {}, floats = {} }) {
  return [
    ...inputs.flatMap((name) => string(1, name)),
    ...string(2, output),
    ...string(4, op),
    ...Object.entries(attributes).flatMap(([name, n]) => bytes(5, [...string(1, name), ...int(3, n), ...int(20, 2)])),
    ...Object.entries(floats).flatMap(([name, x]) => bytes(5, [...string(1, name), ...float(2, x), ...int(20, 1)])),
  ];
}

/** Constants: float scalars, or the axis of a reduction as int64[1]. */
function constant(name, { float: x, axis }) {
  if (axis !== undefined) {
    const raw = new Uint8Array(BigInt64Array.of(BigInt(axis)).buffer);
    return [...int(1, 1), ...int(2, INT64), ...string(8, name), ...bytes(9, raw)];
  }
  return [...int(2, FLOAT), ...float(4, x), ...string(8, name)];
}

/**
 * @param {{ inputs: Record<string, number[]>, outputs: Record<string, number[]>, nodes: Node[],
 *   constants?: Record<string, { float?: number, axis?: number }> }} graph
 */
export function model({ inputs, outputs, nodes, constants = {} }) {
  const graph = [
    ...nodes.flatMap((n) => bytes(1, node(n))),
    ...string(2, 'graph'),
    ...Object.entries(constants).flatMap(([name, c]) => bytes(5, constant(name, c))),
    ...Object.entries(inputs).flatMap(([name, shape]) => bytes(11, value(name, shape))),
    ...Object.entries(outputs).flatMap(([name, shape]) => bytes(12, value(name, shape))),
  ];
  const opset = [...string(1, ''), ...int(2, 13)];
  return Uint8Array.from([...int(1, 8), ...bytes(7, graph), ...bytes(8, opset)]);
}
