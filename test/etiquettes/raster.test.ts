import { type Contour, Raster } from '../../src/etiquettes/raster';

const row = ({ dots, width }: Raster, y: number) => [...dots.subarray(y * width, (y + 1) * width)];

describe('shapes', () => {
  it('cover of each dot what lies within them', () => {
    const raster = new Raster(5, 3);
    const box: Contour = [
      [0.5, 0.25],
      [3.25, 0.25],
      [3.25, 2],
      [0.5, 2],
    ];
    raster.fill([box]);
    const covered = (part: number) => Math.round(255 * (1 - part));
    expect(row(raster, 0)).toEqual([covered(0.375), covered(0.75), covered(0.75), covered(0.1875), 255]);
    expect(row(raster, 1)).toEqual([covered(0.5), 0, 0, covered(0.25), 255]);
    expect(row(raster, 2)).toEqual([255, 255, 255, 255, 255]);
  });

  it('leave out what goes around in the other direction, whichever that is', () => {
    const outer: Contour = [
      [0, 0],
      [6, 0],
      [6, 6],
      [0, 6],
    ];
    const hole: Contour = [
      [2, 2],
      [2, 4],
      [4, 4],
      [4, 2],
    ];
    const mirrored = (contour: Contour): Contour => [...contour].reverse();
    for (const contours of [
      [outer, hole],
      [mirrored(outer), mirrored(hole)],
    ]) {
      const raster = new Raster(6, 6);
      raster.fill(contours);
      expect(row(raster, 0)).toEqual([0, 0, 0, 0, 0, 0]);
      expect(row(raster, 3)).toEqual([0, 0, 255, 255, 0, 0]);
    }
  });

  it('have as much ink as they have area, however steep their edges are', () => {
    for (const [x, y] of [
      [9.5, 0.25],
      [0.25, 9.5],
      [4.25, 7.75],
      [9.75, 9.25],
    ] as const) {
      const raster = new Raster(10, 10);
      raster.fill([
        [
          [0, 0],
          [x, y],
          [0.5, 9.75],
        ],
      ]);
      const ink = raster.dots.reduce((sum, dot) => sum + (255 - dot) / 255, 0);
      const area = Math.abs(x * 9.75 - 0.5 * y) / 2;
      expect(Math.abs(ink - area)).toBeLessThan(0.15);
    }
  });

  it('stay on the paper', () => {
    const raster = new Raster(4, 4);
    raster.fill([
      [
        [-5, -5],
        [20, -5],
        [20, 20],
        [-5, 20],
      ],
    ]);
    expect([...raster.dots]).toEqual(Array(16).fill(0));
  });
});
