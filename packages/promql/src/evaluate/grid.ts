/** The times an expression is evaluated at: `startMs`, `startMs + stepMs` ... All rows of one evaluation have one cell a step. */
export interface Grid {
  readonly startMs: number
  readonly stepMs: number
  readonly steps: number
  /** The time of each step in ms. */
  readonly timesMs: Float64Array
}

/** From `startMs` to `endMs` inclusive; no steps where the end lies before the start. A step of 0 is one step. */
export function createGrid(startMs: number, endMs: number, stepMs: number): Grid {
  const steps = countSteps(startMs, endMs, stepMs)
  const timesMs = new Float64Array(steps)
  for (let i = 0; i < steps; i++) timesMs[i] = startMs + i * stepMs
  return { startMs, stepMs, steps, timesMs }
}

/** How many steps `createGrid` would make. */
export function countSteps(startMs: number, endMs: number, stepMs: number): number {
  if (endMs < startMs) return 0
  return stepMs === 0 ? 1 : Math.floor((endMs - startMs) / stepMs) + 1
}
