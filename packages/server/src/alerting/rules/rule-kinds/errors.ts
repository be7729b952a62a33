import { formatDurationMs } from '@tidewatch/core/time.ts'
import { z } from 'zod'
import { compiled, defineRuleKind } from '../rule-kind.ts'
import { errorIncrease } from '../values/known-values.ts'
import { checkPromql, grouped } from '../values/over-time.ts'
import { float, text } from '../written-scalars.ts'

/** The categories that applications give their errors. */
const categories = [
  'validation',
  'authentication',
  'authorization',
  'database',
  'external_service',
  'business_logic',
  'network',
  'unknown',
]

const long = z.strictObject({
  category: text
    .refine((name) => categories.includes(name), `there is no such category. Allowed: ${categories.join(', ')}.`)
    .optional(),
  /** In the place of the counter of the errors module. */
  metric: text.optional(),
  more_than: float.default(0),
})

export const errors = defineRuleKind({
  kind: 'errors',
  title: 'Error count',
  summary: 'Fires when more errors, all or of one category, came in a window than allowed.',
  example: `- name: Authentication Failures
  errors: { category: authentication, more_than: 10 }
  window: 5m
  severity: error`,
  schema: z.union([float.transform((more_than) => ({ more_than })), long], {
    error: 'neither a number nor { category, more_than }.',
  }) as z.ZodType<z.output<typeof long>>,
  compile({ category, metric, more_than: most }, { name, values, windowMs = 300_000, by }) {
    const window = formatDurationMs(windowMs)
    const counted = metric === undefined ? errorIncrease(category, window) : `increase(${grouped(metric)}[${window}])`
    const query =
      metric === undefined || /^[a-zA-Z_:][\w:]*(\{[^{}]*\})?$/.test(metric)
        ? `sum${by.length === 0 ? '' : ` by (${by.join(', ')})`} (${counted})`
        : values.read(metric, { windowMs, by })
    checkPromql(query)
    const what = category === undefined ? 'errors' : `${category} errors`
    return [
      compiled(`${grouped(query)} > ${most}`, `${name}: {{ printf "%.0f" $value }} ${what} in ${window}`, {
        annotations: {
          rule: name,
          count: '{{ printf "%.0f" $value }}',
          threshold: String(most),
          window: String(windowMs / 1000),
        },
        labels: category === undefined ? {} : { category },
      }),
    ]
  },
})
