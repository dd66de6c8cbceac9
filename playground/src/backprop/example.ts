/** A computation as a graph, and the steps in which its values and gradients appear. */

export type Orientation = 'wide' | 'narrow';
export type Place = readonly [x: number, y: number];

export interface GraphNode {
  id: string;
  /** Inputs and outputs have names, operations a symbol or the name of a layer. */
  kind: 'input' | 'operation' | 'layer' | 'output';
  label: string;
  at: Record<Orientation, Place>;
}

/** A node, with its places in both orientations. */
export function node(id: string, kind: GraphNode['kind'], label: string, wide: Place, narrow: Place): GraphNode {
  return { id, kind, label, at: { wide, narrow } };
}

export interface GraphEdge {
  id: string;
  from: string;
  to: string;
  /** Where along the edge its numbers stand, 0 … 1, or around the node that it comes from. */
  label: Record<Orientation, number | 'node'>;
}

/** A number or a small matrix, as lines of text. */
export type Lines = readonly string[];

export interface Step {
  phase: 'forward' | 'backward';
  /** The node that is computed. */
  node: string;
  text: string;
  formula: string;
  values: Readonly<Record<string, Lines>>;
  gradients: Readonly<Record<string, Lines>>;
}

/** A number that can be changed, within bounds that let its results fit into the graph. */
export interface Field {
  id: string;
  label: string;
  value: number;
  step: number;
  min: number;
  max: number;
  decimals: number;
}

/** What the example computes with: the nearest that the field allows, its first value where there is no number. */
export function accepted({ value, min, max, decimals }: Field, entered: number): number {
  if (!Number.isFinite(entered)) return value;
  return Number(Math.min(max, Math.max(min, entered)).toFixed(decimals));
}

export interface Example {
  lead: string;
  size: Record<Orientation, Place>;
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
  fields: readonly Field[];
  /** Runs the layers, forward and backward. */
  trace(input: Readonly<Record<string, number>>): Step[];
}

/** What stands on the edges after so many steps. */
export function revealed(steps: readonly Step[], upTo: number) {
  const values = new Map<string, Lines>();
  const gradients = new Map<string, Lines>();
  for (const step of steps.slice(0, upTo)) {
    for (const [edge, lines] of Object.entries(step.values)) values.set(edge, lines);
    for (const [edge, lines] of Object.entries(step.gradients)) gradients.set(edge, lines);
  }
  return { values, gradients };
}
