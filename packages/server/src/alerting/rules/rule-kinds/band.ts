import { z } from 'zod'
import { compiled, defineRuleKind } from '../rule-kind.ts'
import { checkPromql, grouped } from '../values/over-time.ts'
import { eachSeason, type Seasons, together } from '../values/seasons.ts'
import { float, span, text, whole } from '../written-scalars.ts'

const form = z.strictObject({
  value: text.optional(),
  season: z.enum(['day', 'week'], { error: 'Allowed: day, week.' }).default('week'),
  seasons: whole.refine((count) => count >= 2 && count <= 12, 'from 2 to 12.').default(4),
  /** What is looked at around the moment in each former season. */
  around: span.default(3_600_000),
  /** How many times the usual spread (from the 5th to the 95th of a hundred samples) the band is wider on each side. */
  width: float.refine((width) => width >= 0, 'not below 0.').default(1),
  /** Of the usual value: never less than this, so that what hardly ever moves may move a little. */
  tolerance: float.refine((share) => share >= 0, 'not below 0.').default(0.05),
  /** What is nearer to the usual value than this is left alone. */
  difference: float.refine((difference) => difference > 0, 'above 0.').optional(),
})

export const band = defineRuleKind({
  kind: 'band',
  title: 'Seasonal band',
  summary: 'Fires when a value leaves the band in which it was at the same time of former days or weeks.',
  example: `- name: OddTraffic
  band: { value: 'sum(rate(http_requests_total[5m]))', season: week }
  for: 15m
  severity: medium`,
  schema: form,
  compile(written, { name, values, windowMs, by }) {
    const current = values.read(written.value ?? name, { windowMs, by })
    checkPromql(current)
    const { margin, usual, enough } = bandOf(current, written)
    const now = grouped(current)
    const { difference } = written
    const isFar = difference === undefined ? '' : ` and abs(${now} - ${usual}) >= ${difference}`
    const expr = `${now} and abs(${now} - ${usual}) > ${margin}${isFar} and ${enough}`
    const data = [
      { name: 'current', expr: current },
      { name: 'usual', expr: usual },
      { name: 'lower', expr: `${usual} - (${margin})` },
      { name: 'upper', expr: `${usual} + (${margin})` },
    ]
    return [
      compiled(expr, `${name} is {{ $data.current }}; usual at this time is {{ $data.lower }} to {{ $data.upper }}`, {
        data,
      }),
    ]
  },
})

/** Medians over the seasons of each one's own middle and spread: a single odd week moves them little. */
function bandOf(current: string, { season, seasons: count, around, width, tolerance }: z.output<typeof form>) {
  const seasons: Seasons = { every: season, count, widthMs: around }
  const median = (q: string): string =>
    together('quantile', eachSeason('quantile_over_time', current, seasons, q), '0.5')
  const usual = median('0.5')
  return {
    usual,
    margin: `${width + 0.5} * (${median('0.95')} - ${median('0.05')}) + ${tolerance} * abs(${usual})`,
    enough: `${together('count', eachSeason('count_over_time', current, seasons))} >= ${Math.ceil(count / 2)}`,
  }
}
