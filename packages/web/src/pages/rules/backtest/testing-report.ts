import type { BacktestEpisode, BacktestedRule, BacktestReport } from '@tidewatch/api/backtest.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
/** 1 Nov 2026 in UTC. */
export const startMs = Date.UTC(2026, 10, 1)

/** One alert of a rule that fired so many minutes after the start, for so many. */
export function episode(rule: string, atMinutes: number, forMinutes: number, severity = 'warning'): BacktestEpisode {
  const firedAtMs = startMs + atMinutes * minuteMs
  const endedAtMs = firedAtMs + forMinutes * minuteMs
  return { group: 'g', rule, labels: { alertname: rule, severity }, activeAtMs: firedAtMs, firedAtMs, endedAtMs }
}

export const ruleOf = (part: Partial<BacktestedRule>): BacktestedRule => ({
  ...{ group: 'g', rule: 'A', fired: 0, alerts: 1, firedForMs: 0, longestMs: 0, medianMs: 0 },
  ...{ pages: 0, atNight: 0, shortLived: 0 },
  ...part,
})

/** A report of 30 days in which nothing happened but what is given. */
export const reportOf = (part: Partial<BacktestReport>): BacktestReport => ({
  ...{ startMs, endMs: startMs + 30 * dayMs, night: { timeZone: 'UTC', fromHour: 22, toHour: 7 } },
  ...{ pages: 0, atNight: 0, repeats: 0, ends: 0, receivers: [], people: [], days: [], rules: [] },
  ...{ together: [], firstPages: [], firstEpisodes: [], notes: [] },
  ...part,
})
