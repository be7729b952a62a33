// When things go wrong in the demo: a few minutes of failing payments, a few of slow answers, taking turns.

export interface Incidents {
  /** How long an answer takes just now, in ms. */
  latencyMs(): number
  orderFails(): boolean
}

const cycleMs = 12 * 60_000
const failing = { fromMs: 3 * 60_000, toMs: 6 * 60_000 }
const slow = { fromMs: 8 * 60_000, toMs: 10 * 60_000 }

/** Incidents that repeat every 12 minutes from `startMs` on. */
export function createIncidents(startMs: number, nowMs: () => number): Incidents {
  const isIn = (span: { readonly fromMs: number; readonly toMs: number }): boolean => {
    const atMs = (nowMs() - startMs) % cycleMs
    return atMs >= span.fromMs && atMs < span.toMs
  }
  return {
    latencyMs: () => (isIn(slow) ? 400 : 4) * (0.5 + Math.random() * 2),
    orderFails: () => Math.random() < (isIn(failing) ? 0.35 : 0.004),
  }
}
