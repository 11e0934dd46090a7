export interface SolveSummary {
  readonly stop: 'converged' | 'iterations' | 'no-descent';
  readonly iterations: number;
  /** Value of the objective at the start and at the end. */
  readonly startCost: number;
  readonly endCost: number;
  readonly costPerTerm: Readonly<Record<TermName, number>>;
}

export type TermName = 'camera-movement' | 'prior' | 'smooth' | 'camera-smooth' | 'focal';
