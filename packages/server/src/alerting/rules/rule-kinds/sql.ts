import { z } from 'zod'
import { compiled, defineRuleKind } from '../rule-kind.ts'
import { boolean, float, span, text } from '../written-scalars.ts'

const labelName = text.refine((name) => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name), 'not a name of a label.')

const form = z
  .strictObject({
    connection: text,
    query: text.refine(
      (query) => query.trim() !== '' && query.length <= 100_000,
      'a query has 1 to 100,000 characters.',
    ),
    /** `negative_balance`, `pending_settlements`: what the alert says it is. */
    type: text.optional(),
    /** The column with the count. */
    value: labelName.default('count'),
    /** The rows are counted; no column is read. */
    rows: boolean.default(false),
    labels: z.array(labelName).max(30).default([]),
    more_than: float.optional(),
    less_than: float.optional(),
    every: span.default(60_000),
    timeout: span.default(10_000),
  })
  .refine(({ more_than, less_than }) => more_than === undefined || less_than === undefined, {
    message: 'say one limit: more_than or less_than.',
  })
  .refine(({ every, timeout }) => timeout <= every, { message: 'longer than every.', path: ['timeout'] })

/** The gauge that the collector writes, one series a check: the check's name is its instance. */
export const sqlCheckMetric = 'tidewatch_sql_check'

export const sql = defineRuleKind({
  kind: 'sql',
  title: 'SQL check',
  summary: 'Asks a database on a read-only connection and compares the count.',
  example: `- name: negative_balance
  sql:
    connection: \${DATABASE_URL}
    query: select count(*) from farmers where balance < 0
    more_than: 0
  severity: warning
  message: '{{ $value }} farmers have a negative balance'`,
  schema: form,
  compile(written, { name }) {
    const { type = name, labels, less_than: least, more_than: most = 0 } = written
    const series = `${sqlCheckMetric}{job="sql",instance=${JSON.stringify(name)}}`
    const limit = least === undefined ? `> ${most}` : `< ${least}`
    const query = written.rows
      ? `select count(*) as ${written.value} from (${written.query.replace(/[\s;]+$/, '')}) as tidewatch_rows`
      : written.query
    return [
      compiled(`sum without (job, instance) (${series}) ${limit}`, `${name}: {{ $value }}`, {
        labels: { check: name },
        annotations: { type, count: '{{ $value }}', threshold: String(least ?? most) },
        sqlCheck: {
          ...{ name, query, labels, connection: written.connection, value: written.value },
          ...{ intervalMs: written.every, timeoutMs: written.timeout },
        },
      }),
    ]
  },
})
