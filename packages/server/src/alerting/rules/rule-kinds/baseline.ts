import { z } from 'zod'
import { type CompileContext, compiled, defineRuleKind } from '../rule-kind.ts'
import { asOf, checkPromql, grouped, overTime } from '../values/over-time.ts'
import { eachSeason, together } from '../values/seasons.ts'
import { float, span, text, whole } from '../written-scalars.ts'

const dayMs = 86_400_000
const seasonNames = ['hour_of_day', 'hour_of_week'] as const

const form = z
  .strictObject({
    value: text.optional(),
    /** So far back; in the place of `same`. */
    over: span.optional(),
    same: z.enum(seasonNames, { error: `Allowed: ${seasonNames.join(', ')}.` }).optional(),
    /** Former days or weeks that are looked at. */
    seasons: whole.refine((count) => count >= 2 && count <= 12, 'from 2 to 12.').default(4),
    ratio: float
      .refine((ratio) => ratio > 0 && ratio !== 1, 'above 0, and not 1: 1.5 is half as much again.')
      .optional(),
    deviations: float.refine((count) => count > 0, 'above 0.').optional(),
    direction: z.enum(['above', 'below', 'both'], { error: 'Allowed: above, below, both.' }).optional(),
    /** What has no past of this length yet is left alone. */
    least: span.optional(),
    /** What is nearer to the usual value than this is left alone. */
    difference: float.refine((difference) => difference > 0, 'above 0.').optional(),
  })
  .refine(({ over, same }) => (over === undefined) !== (same === undefined), {
    message: 'say what it is compared with: over: 30d, or same: hour_of_week.',
  })
  .refine(({ ratio, deviations }) => (ratio === undefined) !== (deviations === undefined), {
    message: 'say how far off is too far: ratio or deviations.',
  })
  .refine(({ ratio, direction }) => ratio === undefined || direction === undefined || direction !== 'both', {
    message: 'a ratio is above or below: above 1 it is above. For both use deviations.',
    path: ['direction'],
  })

type Form = z.output<typeof form>

export const baseline = defineRuleKind({
  kind: 'baseline',
  title: 'Against its own history',
  summary: 'Fires when a value is far from what it was: over some days, or at the same hour of former days or weeks.',
  example: `- name: gas_spike
  baseline: { value: current_gas, over: 30d, ratio: 1.5 }
  for: 5m
  severity: high
  message: Gas is {{ $data.current }}, usually {{ $data.baseline }}`,
  schema: form,
  compile(written, context) {
    const { name, values, windowMs, by } = context
    const current = values.read(written.value ?? name, { windowMs, by })
    checkPromql(current)
    const past = written.same === undefined ? overDays(current, written) : overSeasons(current, written)
    const { least } = past
    const { difference } = written
    const isFar =
      difference === undefined ? '' : ` and abs(${grouped(current)} - ${grouped(past.middle)}) >= ${difference}`
    const expr = `${far(current, past, written)}${isFar} and ${least}`
    const data = [
      { name: 'current', expr: current },
      { name: 'baseline', expr: past.middle },
      { name: 'ratio', expr: `${grouped(current)} / ${grouped(past.middle)}` },
    ]
    return [compiled(expr, messageOf(written, context), { annotations: { compared_with: past.title }, data })]
  },
})

interface Past {
  readonly title: string
  readonly middle: string
  readonly spread: string
  /** True where there is enough of the past. */
  readonly least: string
}

function overDays(current: string, { over = dayMs, least }: Form): Past {
  const stretch = { rangeMs: over, stepMs: Math.max(60_000, Math.round(over / 720 / 1000) * 1000) }
  const leastMs = least ?? Math.min(dayMs, over / 2)
  return {
    title: `the last ${over / dayMs} days`,
    middle: overTime('avg_over_time', current, stretch),
    spread: overTime('stddev_over_time', current, stretch),
    least: asOf(current, leastMs),
  }
}

function overSeasons(current: string, { same, seasons: count }: Form): Past {
  const every = same === 'hour_of_day' ? 'day' : 'week'
  const averages = eachSeason('avg_over_time', current, { every, count, widthMs: 3_600_000 })
  return {
    title: `the same hour of the last ${count} ${every}s`,
    middle: together('avg', averages),
    spread: together('stddev', averages),
    least: `${together('count', averages)} >= ${Math.ceil(count / 2)}`,
  }
}

function far(current: string, { middle, spread }: Past, { ratio, deviations = 0, direction = 'above' }: Form): string {
  const now = grouped(current)
  if (ratio !== undefined) return `${now} ${ratio > 1 ? '>' : '<'} ${ratio} * ${grouped(middle)}`
  const border = `${deviations} * ${grouped(spread)}`
  if (direction === 'both') return `(${now} and abs(${now} - ${grouped(middle)}) > ${border})`
  return direction === 'above' ? `${now} > ${grouped(middle)} + ${border}` : `${now} < ${grouped(middle)} - ${border}`
}

function messageOf({ ratio, deviations }: Form, { name }: CompileContext): string {
  const limit = ratio === undefined ? `more than ${deviations} standard deviations` : `${ratio} times`
  return `${name} is {{ $data.current }}; usual is {{ $data.baseline }}, and ${limit} off it is told`
}
