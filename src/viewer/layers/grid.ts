// A quiet grid on the floor, one scene unit per cell unless that would be too fine or too coarse.

import { GridHelper, LineBasicMaterial } from 'three';

export class GridLayer {
  readonly object: GridHelper;
  /** Scene units per cell. */
  readonly cell: number;

  constructor(radius: number, floor: number, x: number, z: number, light: boolean) {
    this.cell = niceStep(radius / 6);
    const cells = 2 * Math.ceil((1.6 * radius) / this.cell);
    const colour = light ? 0xb9bec6 : 0x343a43;
    this.object = new GridHelper(cells * this.cell, cells, colour, colour);
    const material = this.object.material as LineBasicMaterial;
    material.transparent = true;
    material.opacity = 0.7;
    material.depthWrite = false;
    this.object.position.set(Math.round(x / this.cell) * this.cell, floor, Math.round(z / this.cell) * this.cell);
  }

  dispose(): void {
    this.object.removeFromParent();
    this.object.dispose();
  }
}

/** 1, 2 or 5 times a power of ten. */
export function niceStep(length: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1e-9, length)));
  const lead = length / power;
  return (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * power;
}
