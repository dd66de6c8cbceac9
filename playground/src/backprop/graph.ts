import { svg } from '../dom.js';
import type { Example, GraphEdge, GraphNode, Lines, Orientation, Place } from './example.js';

const LINE = 15;
const RADIUS = 24;
const GAP = 5;
/** Of a character of the monospaced numbers. */
const CHARACTER = 8;

/** Half the width and half the height of a node. */
function extent({ kind, label }: GraphNode): Place {
  if (kind === 'operation') return [RADIUS, RADIUS];
  if (kind === 'layer') return [44, label.includes('\n') ? 32 : 26];
  return [Math.max(20, label.length * 3.7 + 8), 16];
}

/** An example drawn as SVG, in one orientation: inputs on the left and the result on the right, or from top to bottom. */
export class Graph {
  readonly element: SVGSVGElement;
  readonly #nodes = new Map<string, SVGGElement>();
  readonly #edges = new Map<string, { group: SVGGElement; value: Label; gradient: Label }>();

  constructor({ nodes, edges, size }: Example, orientation: Orientation) {
    const [width, height] = size[orientation];
    this.element = svg('svg', { viewBox: `0 0 ${width} ${height}`, class: 'graph', 'aria-hidden': 'true' });
    this.element.style.maxWidth = `${width}px`;
    const byName = new Map(nodes.map((node) => [node.id, node]));
    for (const edge of edges) this.#addEdge(edge, byName.get(edge.from)!, byName.get(edge.to)!, orientation);
    // Numbers last: no line may run over them.
    for (const node of nodes) this.#addNode(node, orientation);
    for (const { value, gradient } of this.#edges.values()) this.element.append(value.element, gradient.element);
  }

  /** @param active what this step computes: its node, and the edges whose numbers are new with it */
  show(
    values: ReadonlyMap<string, Lines>,
    gradients: ReadonlyMap<string, Lines>,
    active: { node: string | undefined; values: ReadonlySet<string>; gradients: ReadonlySet<string> },
  ): void {
    for (const [id, group] of this.#nodes) group.classList.toggle('active', id === active.node);
    for (const [id, edge] of this.#edges) {
      edge.value.show(values.get(id) ?? [], active.values.has(id));
      edge.gradient.show(gradients.get(id) ?? [], active.gradients.has(id));
      edge.group.classList.toggle('forward', values.has(id));
      edge.group.classList.toggle('backward', gradients.has(id));
    }
  }

  #addNode(node: GraphNode, orientation: Orientation): void {
    const [x, y] = node.at[orientation];
    const [dx, dy] = extent(node);
    const group = svg('g', { class: `node ${node.kind}`, transform: `translate(${x} ${y})` });
    group.append(
      node.kind === 'operation'
        ? svg('circle', { r: RADIUS })
        : svg('rect', {
            x: -dx,
            y: -dy,
            width: 2 * dx,
            height: 2 * dy,
            rx: node.kind === 'layer' ? 10 : dy,
          }),
    );
    const lines = node.label.split('\n');
    for (const [i, line] of lines.entries()) {
      group.append(svg('text', { y: (i - (lines.length - 1) / 2) * 17, dy: '0.35em' }, line));
    }
    this.#nodes.set(node.id, group);
    this.element.append(group);
  }

  #addEdge(edge: GraphEdge, from: GraphNode, to: GraphNode, orientation: Orientation): void {
    const line = new Line(from, to, orientation);
    const at = edge.label[orientation];
    const [x, y] = at === 'node' ? from.at[orientation] : line.at(at);
    const gap = at === 'node' ? extent(from)[1] + GAP : GAP;
    const group = svg('g', { class: 'edge', 'data-edge': edge.id }, svg('path', { d: line.path }));
    const value = new Label('value', edge.id, x, y, gap);
    const gradient = new Label('gradient', edge.id, x, y, gap);
    this.#edges.set(edge.id, { group, value, gradient });
    this.element.append(group);
  }
}

/** A smooth line between two nodes, which leaves and arrives along the larger of the two distances. */
class Line {
  readonly path: string;
  readonly #points: readonly [Place, Place, Place, Place];

  constructor(from: GraphNode, to: GraphNode, orientation: Orientation) {
    const [ax, ay] = from.at[orientation];
    const [bx, by] = to.at[orientation];
    const [fromX, fromY] = extent(from);
    const [toX, toY] = extent(to);
    const horizontal =
      Math.abs(bx - ax) > 2 * Math.abs(by - ay) || (orientation === 'wide' && Math.abs(bx - ax) > fromX + toX);
    const signX = Math.sign(bx - ax);
    const signY = Math.sign(by - ay);
    const start: Place = horizontal ? [ax + signX * fromX, ay] : [ax, ay + signY * fromY];
    const end: Place = horizontal ? [bx - signX * toX, by] : [bx, by - signY * toY];
    const bend = 0.5;
    const dx = (end[0] - start[0]) * bend;
    const dy = (end[1] - start[1]) * bend;
    const c1: Place = horizontal ? [start[0] + dx, start[1]] : [start[0], start[1] + dy];
    const c2: Place = horizontal ? [end[0] - dx, end[1]] : [end[0], end[1] - dy];
    this.#points = [start, c1, c2, end];
    this.path = `M ${start.join(' ')} C ${c1.join(' ')}, ${c2.join(' ')}, ${end.join(' ')}`;
  }

  at(t: number): Place {
    const s = 1 - t;
    const weights = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
    const along = (axis: 0 | 1) => this.#points.reduce((sum, point, i) => sum + weights[i]! * point[axis], 0);
    return [along(0), along(1)];
  }
}

/**
 * Lines of text that grow away from the edge, or the node: values upwards, gradients downwards. What is behind does not
 * shine through.
 */
class Label {
  readonly element: SVGGElement;
  readonly #background = svg('rect', { rx: 4 });
  readonly #text = svg('text');
  readonly #up: boolean;
  readonly #gap: number;

  constructor(kind: 'value' | 'gradient', edge: string, x: number, y: number, gap: number) {
    this.#up = kind === 'value';
    this.#gap = gap;
    this.element = svg('g', { class: kind, [`data-${kind}`]: edge, transform: `translate(${x} ${y})` });
    this.element.append(this.#background, this.#text);
  }

  show(lines: Lines, fresh: boolean): void {
    this.element.classList.toggle('fresh', fresh);
    if (this.element.dataset.lines === lines.join('\n')) return;
    this.element.dataset.lines = lines.join('\n');
    const height = lines.length * LINE;
    const top = this.#up ? -this.#gap - height : this.#gap;
    const width = lines.length === 0 ? 0 : Math.max(...lines.map((line) => line.length)) * CHARACTER + 6;
    for (const [name, value] of Object.entries({ x: -width / 2, y: top, width, height })) {
      this.#background.setAttribute(name, String(value));
    }
    this.#text.replaceChildren(...lines.map((line, i) => svg('tspan', { x: 0, y: top + i * LINE + 11.5 }, line)));
  }
}
