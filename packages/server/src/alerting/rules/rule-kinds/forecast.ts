import { formatDurationMs } from '@tidewatch/core/time.ts'
import { z } from 'zod'
import { compiled, defineRuleKind } from '../rule-kind.ts'
import { checkPromql, grouped, overTime } from '../values/over-time.ts'
import { float, span, text } from '../written-scalars.ts'

const form = z
  .strictObject({
    value: text,
    falls_to: float.optional(),
    rises_to: float.optional(),
    within: span,
    /** What the trend is drawn through. */
    from: span.default(3_600_000),
  })
  .refine(({ falls_to, rises_to }) => (falls_to === undefined) !== (rises_to === undefined), {
    message: 'say where it goes: falls_to or rises_to.',
  })

export const forecast = defineRuleKind({
  kind: 'forecast',
  title: 'Forecast',
  summary: 'Fires when the trend of a value reaches a limit soon.',
  example: `- name: DiskFullSoon
  forecast: { value: node_filesystem_avail_bytes, falls_to: 0, within: 6h }
  for: 10m
  severity: high
  message: '{{ $labels.mountpoint }} is full in {{ $data.seconds_left | humanizeDuration }}'`,
  schema: form,
  compile(written, { name, values, windowMs, by }) {
    const { falls_to: low, rises_to: high, within, from } = written
    const limit = low ?? high ?? 0
    const reached = low === undefined ? '>=' : '<='
    const current = values.read(written.value, { windowMs, by })
    checkPromql(current)
    const stretch = { rangeMs: from, stepMs: Math.max(15_000, Math.round(from / 60)) }
    // predict_linear's last argument is seconds, and stands behind the range
    const ahead = overTime('predict_linear', current, stretch).replace(/\)$/, `, ${within / 1000})`)
    const slope = overTime('deriv', current, stretch)
    const now = grouped(current)
    // what is over the limit already is another rule's
    const expr = `${now} ${low === undefined ? '<' : '>'} ${limit} and ${ahead} ${reached} ${limit}`
    return [
      compiled(expr, `${name}: {{ $value }} now, ${limit} in {{ $data.seconds_left | humanizeDuration }}`, {
        annotations: { threshold: String(limit), within: formatDurationMs(within) },
        data: [
          { name: 'current', expr: current },
          { name: 'forecast', expr: ahead },
          { name: 'seconds_left', expr: `(${limit} - ${now}) / ${slope}` },
        ],
      }),
    ]
  },
})
