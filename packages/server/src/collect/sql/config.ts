// `sql` of tidewatch.yml: gauges that are read from a Postgres database every so often.
import { Secret } from '@tidewatch/core/secret.ts'
import { z } from 'zod'
import { defineConfigSection, durationFrom } from '../../config/port.ts'

const maxQueries = 200
const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelPattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/
/** These are the collector's own. */
const ownLabels: ReadonlySet<string> = new Set(['job', 'instance', '__name__'])

const duration = (fallbackMs: number, leastMs: number) => durationFrom(leastMs, '1m').default(fallbackMs)

const connection = z
  .string()
  .refine(
    (text) => URL.canParse(text) && ['postgres:', 'postgresql:'].includes(new URL(text).protocol),
    'not a URL of Postgres. Write ${NAME} for one in the environment, such as postgres://user:password@host/database',
  )
  .transform((text) => new Secret(text))

const queryNames = z.string().regex(namePattern, 'not a name of a metric: letters, digits, _ and :, no digit first')
const column = z.string().min(1)

const gauge = z
  .strictObject({
    name: queryNames,
    help: z.string().max(1000).default(''),
    connection,
    query: z.string().min(1).max(100_000),
    labels: z
      .array(
        column
          .regex(labelPattern, 'not a name of a label: name the column with AS in letters, digits and _')
          .refine((label) => !ownLabels.has(label), 'this label is set by the collector: give the column another name'),
      )
      .max(30)
      .default([]),
    value: column.optional(),
    values: z
      .array(column.regex(labelPattern, 'name the column with AS in letters, digits and _'))
      .min(1)
      .max(100)
      .optional(),
    interval: duration(60_000, 1000),
    timeout: duration(10_000, 100),
    max_rows: z.int().min(1).max(100_000).default(1000),
  })
  .superRefine(({ value, values, interval, timeout }, context) => {
    if ((value === undefined) === (values === undefined))
      context.addIssue({
        code: 'custom',
        message: 'say which column is the value: one by value, or several by values.',
      })
    if (timeout > interval)
      context.addIssue({ code: 'custom', path: ['timeout'], message: 'longer than the interval.' })
  })

export type SqlGauge = z.output<typeof gauge> & {
  /** The metric's name where it is not the query's: of checks, which are told apart by their instance. */
  readonly metric?: string
}

export const sqlSection = defineConfigSection<readonly SqlGauge[]>({
  key: 'sql',
  schema: z
    .array(gauge)
    .max(maxQueries)
    .default([])
    .superRefine((gauges, context) => {
      const names = new Set<string>()
      for (const [i, { name }] of gauges.entries()) {
        if (names.has(name))
          context.addIssue({ code: 'custom', path: [i, 'name'], message: 'another query has the same name.' })
        names.add(name)
      }
    }),
})

/** The metrics that a query gives, with the column that each is read from. */
export function metricsOf({
  name: query,
  metric: name = query,
  value,
  values = [],
}: SqlGauge): readonly { readonly name: string; readonly column: string }[] {
  if (value !== undefined) return [{ name, column: value }]
  return values.map((one) => ({ name: `${name}_${one}`, column: one }))
}
