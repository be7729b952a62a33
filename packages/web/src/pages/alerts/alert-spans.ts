// How long an alert waited and since when it fires, as stretches of its chart. No React here.
import type { ChartSpan } from '../../charts/plot.ts'
import type { LiveAlert } from '../../data/rules.ts'

/** Prometheus says when an alert became true; it fires once that has lasted for the rule's `for`. */
export function alertSpans(
  { sinceMs, state, rule }: Pick<LiveAlert, 'sinceMs' | 'state'> & { readonly rule: { readonly duration: number } },
  endMs: number,
): readonly ChartSpan[] {
  if (sinceMs === undefined || sinceMs >= endMs) return []
  const firesMs = state === 'pending' ? endMs : Math.min(endMs, sinceMs + rule.duration * 1000)
  const waiting: ChartSpan = { startMs: sinceMs, endMs: firesMs, tone: 'warn' }
  const firing: ChartSpan = { startMs: firesMs, endMs, tone: 'crit' }
  return [waiting, firing].filter((span) => span.endMs > span.startMs)
}
