// Which lines a question of our log API means.
import { AppError } from '@tidewatch/core/error.ts'
import { printLogId } from '@tidewatch/core/log-id.ts'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import { recordFields } from '@tidewatch/logquery/fields.ts'
import { nothing } from '@tidewatch/logquery/predicate.ts'
import type { Identity } from '../../../http/port.ts'
import type { FieldOfLog, LogFilter } from '../../../store/port.ts'
import type { LogQueries } from '../log-queries.ts'
import { type QueryText, type Sight, type SightParts, sightOf, storedSightOf } from './sight.ts'

export interface LogQuestion extends QueryText {
  readonly fromMs: number
  readonly toMs: number
}

const nsOfMs = (ms: number): bigint => BigInt(ms) * 1_000_000n
/** The last time that a line can have, ns since 1970. */
const endNs = (1n << 63n) - 1n

/** From it on and before it, in ns. */
export function spanOf({ fromMs, toMs }: Pick<LogQuestion, 'fromMs' | 'toMs'>): Pick<LogFilter, 'fromNs' | 'toNs'> {
  if (toMs <= fromMs)
    throw new AppError('http.invalid', `the span ends (toMs ${toMs}) before it begins (fromMs ${fromMs}).`, {
      where: { key: 'query.toMs' },
      fix: 'Give a toMs behind fromMs; both are milliseconds since 1970.',
    })
  const [fromNs, toNs] = [nsOfMs(fromMs), nsOfMs(toMs)]
  return { fromNs: fromNs < endNs ? fromNs : endNs, toNs: toNs < endNs ? toNs : endNs }
}

/** A question as it is searched. */
export interface Asked {
  readonly filter: LogFilter
  readonly sight: Sight
}

interface Asker {
  readonly identity: Identity
  readonly signal: AbortSignal
}

/** The projects that the asker may see. */
export const projectsOf = (queries: LogQueries, { projects }: Identity): readonly ProjectId[] =>
  queries.projects(projects === 'all' ? 'all' : [...projects])

/** The lines of a question that its asker may see. Throws `query.parse` with the place in the query. */
export async function askedOf(parts: SightParts, question: LogQuestion, { identity, signal }: Asker): Promise<Asked> {
  const span = spanOf(question)
  const projects = projectsOf(parts.queries, identity)
  // who is in no project sees nothing, which is no fault
  if (projects.length === 0) {
    const sight = { ...sightOf(parts, question), predicate: nothing }
    return { filter: { ...span, projects: [defaultProject], predicate: nothing }, sight }
  }
  const range = { ...span, projects }
  const sight = await storedSightOf(parts, question, { range, signal })
  return { filter: { ...range, predicate: sight.predicate }, sight }
}

/** Lines that are looked at one by one where the store cannot say of them whether they count. */
const maxNarrowed = 50_000

/** A filter of exactly the question's lines, for counting. Throws `query.limit` where too many would have to be looked at for that. */
export async function countableOf(
  { queries: { reader } }: SightParts,
  { filter, sight }: Asked,
  signal: AbortSignal,
): Promise<LogFilter> {
  if (sight.isWhole) return filter
  const values: string[] = []
  let looked = 0
  const search = { ...filter, direction: 'backward', limit: maxNarrowed + 1 } as const
  for await (const { lines } of reader.search(search, { signal })) {
    looked += lines.length
    if (looked > maxNarrowed)
      throw new AppError('query.limit', `More than ${maxNarrowed} lines would have to be looked at one by one`, {
        fix: 'Take a shorter span, or narrow the selector or the first line filter.',
      })
    for (const line of lines) if (sight.show(line) !== undefined) values.push(printLogId(line.place))
  }
  return { ...filter, predicate: { kind: 'ids', values } }
}

/** The field that a name in a query means. */
export function fieldNamed(name: string): FieldOfLog {
  const ref = recordFields.named(name)[0]?.ref
  if (ref === undefined || ref.kind === 'any' || ref.kind === 'keys')
    throw new AppError('http.invalid', `${JSON.stringify(name)} names no field of its own.`, {
      where: { key: 'query.field' },
      fix: 'Take a name as /logs/fields lists it.',
    })
  return ref
}
