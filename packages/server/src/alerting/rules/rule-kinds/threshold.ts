import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { severities, severityOf } from '@tidewatch/core/severity.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { z } from 'zod'
import { type CompileContext, type CompiledRule, compiled, defineRuleKind } from '../rule-kind.ts'
import { checkPromql, grouped } from '../values/over-time.ts'
import { float, text } from '../written-scalars.ts'

/** One limit, or one for each severity: `{ warning: 80, critical: 90 }`. */
const limits = z.union([float, z.record(z.string(), float)], { error: 'neither a number nor one for each severity.' })

const long = z
  .strictObject({ value: text.optional(), above: limits.optional(), below: limits.optional() })
  .refine(({ above, below }) => (above === undefined) !== (below === undefined), {
    message: 'say one limit: above or below.',
  })

export const threshold = defineRuleKind({
  kind: 'threshold',
  title: 'Threshold',
  summary: 'Fires while a value, over a window, is above or below a limit.',
  example: `- name: api_response_time
  threshold: 1.0
  window: 300
  severity: warning`,
  schema: z.union([float.transform((above) => ({ above })), long], {
    error: 'neither a number nor { value, above | below }.',
  }) as z.ZodType<z.output<typeof long>>,
  compile(written, context) {
    const of = written.value ?? context.name
    const windowMs = context.windowMs ?? 300_000
    const query = context.values.read(of, { windowMs, by: context.by })
    checkPromql(query)
    const isAbove = written.above !== undefined
    const limit = written.above ?? written.below ?? 0
    const levels = typeof limit === 'number' ? [[undefined, limit] as const] : ordered(limit, isAbove)
    return levels.map(([severity, at]) => rule({ query, isAbove, at, severity }, { ...context, windowMs }))
  },
})

interface Level {
  readonly query: string
  readonly isAbove: boolean
  readonly at: number
  readonly severity: string | undefined
}

function rule({ query, isAbove, at, severity }: Level, { name, windowMs = 0 }: CompileContext): CompiledRule {
  const word = isAbove ? 'above' : 'below'
  const window = formatDurationMs(windowMs)
  return compiled(
    `${grouped(query)} ${isAbove ? '>' : '<'} ${at}`,
    `${name} is {{ $value }}, ${word} ${at} over ${window}`,
    {
      annotations: { check: name, threshold: String(at), window: String(windowMs / 1000) },
      ...(severity === undefined ? {} : { severity }),
    },
  )
}

/** The worst first. Throws where a worse severity has the limit that is reached sooner. */
function ordered(written: Readonly<Record<string, number>>, isAbove: boolean): (readonly [string, number])[] {
  const rank = (severity: string): number => {
    const known = severityOf(severity)
    if (known !== undefined) return severities.indexOf(known)
    throw new AppError('rules.invalid', `${quoteValue(severity)} is no severity.`, {
      fix: `Known: ${severities.join(', ')}, and what other systems call them (warning, error, info).`,
    })
  }
  const levels = Object.entries(written).sort(([a], [b]) => rank(a) - rank(b))
  if (levels.length === 0) throw new AppError('rules.invalid', 'no limit is said.', { fix: 'Write above: 80.' })
  for (const [i, [severity, at]] of levels.entries()) {
    const milder = levels[i + 1]
    if (milder === undefined || (isAbove ? milder[1] < at : milder[1] > at)) continue
    throw new AppError('rules.invalid', `${milder[0]} (${milder[1]}) is not reached before ${severity} (${at}).`, {
      fix: `Limits ${isAbove ? 'rise' : 'fall'} with the severity.`,
    })
  }
  return levels
}
