/** Black shapes on white paper, as dots of grey: what a label needs of a library for pictures. */

export type Point = readonly [x: number, y: number];
/** Closed by itself. */
export type Contour = readonly Point[];

export class Raster {
  /** From white to black, row by row. */
  readonly dots: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.dots = new Uint8Array(width * height).fill(255);
  }

  /** Of whole dots. */
  rectangle(x: number, y: number, width: number, height: number): void {
    for (let row = y; row < y + height; row++) {
      this.dots.fill(0, row * this.width + x, row * this.width + x + width);
    }
  }

  /** Fills what the contours go around, and leaves out what others go around in the other direction, as letters are made. */
  fill(contours: readonly Contour[]): void {
    const points = contours.flat();
    if (points.length === 0) return;
    const left = Math.floor(Math.min(...points.map(([x]) => x)));
    const top = Math.floor(Math.min(...points.map(([, y]) => y)));
    const shape = new Shape(
      Math.ceil(Math.max(...points.map(([x]) => x))) - left,
      Math.ceil(Math.max(...points.map(([, y]) => y))) - top,
    );
    for (const contour of contours) {
      for (const [index, [x, y]] of contour.entries()) {
        const [nextX, nextY] = contour[(index + 1) % contour.length]!;
        shape.edge(x - left, y - top, nextX - left, nextY - top);
      }
    }
    shape.eachDot((x, y, covered) => {
      const [column, row] = [left + x, top + y];
      if (column < 0 || column >= this.width || row < 0 || row >= this.height) return;
      const at = row * this.width + column;
      this.dots[at] = Math.round(this.dots[at]! * (1 - covered));
    });
  }
}

/**
 * How much of each dot a shape covers, exactly: each edge adds to the dots that it crosses by how much more of them, and of
 * all to their right, lies within (the accumulation buffer of font-rs).
 */
class Shape {
  private readonly stride: number;
  private readonly more: Float64Array;

  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {
    this.stride = width + 2;
    this.more = new Float64Array(this.stride * height);
  }

  edge(fromX: number, fromY: number, toX: number, toY: number): void {
    if (fromY === toY) return;
    if (fromY > toY) this.descend(toX, toY, fromX, fromY, -1);
    else this.descend(fromX, fromY, toX, toY, 1);
  }

  private descend(fromX: number, fromY: number, toX: number, toY: number, direction: number): void {
    const slope = (toX - fromX) / (toY - fromY);
    let x = fromX;
    for (let row = Math.floor(fromY); row < Math.min(this.height, Math.ceil(toY)); row++) {
      const height = Math.min(row + 1, toY) - Math.max(row, fromY);
      const next = x + slope * height;
      this.cross(row, Math.min(x, next), Math.max(x, next), direction * height);
      x = next;
    }
  }

  /** An edge within a row, from left to right: of each dot the area to its right, as far as that differs from the dot before. */
  private cross(row: number, left: number, right: number, height: number): void {
    const start = row * this.stride;
    const first = Math.floor(left);
    let before = 0;
    for (let dot = first; ; dot++) {
      const area = areaRightOf(left, right, dot);
      this.more[start + dot]! += height * (area - before);
      if (dot >= right) return;
      before = area;
    }
  }

  eachDot(draw: (x: number, y: number, covered: number) => void): void {
    for (let y = 0; y < this.height; y++) {
      let sum = 0;
      for (let x = 0; x < this.width; x++) {
        sum += this.more[y * this.stride + x]!;
        const covered = Math.min(1, Math.abs(sum));
        if (covered > 0) draw(x, y, covered);
      }
    }
  }
}

/** What of a dot, one high and wide, lies to the right of an edge that runs through its row from `left` to `right`. */
function areaRightOf(left: number, right: number, dot: number): number {
  if (right - left < 1e-9) return clamp(dot + 1 - left);
  // The mean of how much of the dot lies to the right, over all places of the edge.
  return (integral(dot + 1 - left) - integral(dot + 1 - right)) / (right - left);
}

/** Of `clamp` from nought to `x`. */
function integral(x: number): number {
  if (x <= 0) return 0;
  return x < 1 ? (x * x) / 2 : x - 0.5;
}

function clamp(x: number): number {
  return Math.max(0, Math.min(1, x));
}
