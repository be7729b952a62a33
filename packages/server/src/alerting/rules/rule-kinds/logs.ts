import { AppError } from '@tidewatch/core/error.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { parse } from '@tidewatch/logquery/logql/parse.ts'
import { asLogqlRule, printLogCount } from '@tidewatch/logquery/rule-expression.ts'
import { z } from 'zod'
import { compiled, defineRuleKind } from '../rule-kind.ts'
import { float, text } from '../written-scalars.ts'

const form = z
  .strictObject({
    query: text,
    language: z.enum(['lucene', 'kql', 'logql'], { error: 'neither lucene, kql nor logql.' }).default('lucene'),
    more_than: float.optional(),
    less_than: float.optional(),
  })
  .refine(({ more_than, less_than }) => more_than === undefined || less_than === undefined, {
    message: 'say one limit: more_than or less_than.',
  })

type Written = z.output<typeof form>

const defaultWindowMs = 300_000

export const logs = defineRuleKind({
  kind: 'logs',
  title: 'Log lines',
  summary: 'Counts lines of logs that a search or LogQL finds in a window.',
  example: `- name: PaymentsFail
  logs: { query: 'level:error AND service:payments', more_than: 10 }
  window: 5m
  severity: high
  message: '{{ $value }} errors of payments in 5 minutes'`,
  schema: form,
  compile(written, { name, windowMs = defaultWindowMs, by }) {
    const { more_than: most = 0, less_than: least } = written
    const limit = least === undefined ? ({ op: '>', value: most } as const) : ({ op: '<', value: least } as const)
    const expr =
      written.language === 'logql'
        ? logqlOf(written, { windowMs, by, limit })
        : printLogCount({ language: written.language, query: written.query, windowMs, by, limit })
    return [
      compiled(expr, `${name}: {{ $value }} lines in ${formatDurationMs(windowMs)}`, {
        annotations: {
          query: escapeTemplate(written.query),
          threshold: String(limit.value),
          window: formatDurationMs(windowMs),
        },
      }),
    ]
  },
})

/** A query of lines is counted; one of numbers is compared where a limit is said. */
function logqlOf(
  { query, more_than: most, less_than: least }: Written,
  {
    windowMs,
    by,
    limit,
  }: {
    readonly windowMs: number
    readonly by: readonly string[]
    readonly limit: { readonly op: string; readonly value: number }
  },
): string {
  const isLines = parse(query).kind === 'log'
  const groups = by.length === 0 ? '' : ` by (${by.join(', ')})`
  const counted = isLines ? `sum${groups} (count_over_time(${query} [${formatDurationMs(windowMs)}]))` : query
  // that nothing came is a count too, where it is one
  const whole = isLines && least !== undefined && by.length === 0 ? `(${counted} or vector(0))` : counted
  const isCompared = isLines || most !== undefined || least !== undefined
  const rule = asLogqlRule(isCompared ? `${whole} ${limit.op} ${limit.value}` : whole)
  if (rule === undefined)
    throw new AppError('rules.invalid', 'this LogQL gives no numbers.', { where: { key: 'query' } })
  return rule
}

/** So that braces of a query are no template. */
const escapeTemplate = (query: string): string => query.replaceAll('{{', "{{ '{{' }}")
