// An index goes: all its lines that are there at this moment, for good. What comes afterwards under its name is a new index.
import { indexField } from '@tidewatch/core/index-name.ts'
import { anyOf, type Predicate, testOf } from '@tidewatch/logquery/predicate.ts'
import type { Answer, AuditLog, Identity } from '../../../http/port.ts'
import type { LogEraser } from '../../../store/port.ts'
import { durationMs } from './aggregations/intervals.ts'
import { aliasesLike } from './aliases.ts'
import { fault, missingIndex } from './fault.ts'
import { filterOf } from './filter.ts'
import { listIndices, ofDays, resolveDates } from './indices.ts'
import type { ElasticRequest, ElasticScope } from './request.ts'

export interface IndexDeletion {
  readonly eraser: LogEraser
  readonly audit: AuditLog
  /** Elasticsearch's `action.destructive_requires_name`: whether patterns are refused. */
  readonly requiresName: () => boolean
  readonly onDeleted: (lines: number) => void
}

/** As long as Elasticsearch waits where it is not told. */
const defaultWaitMs = 30_000
const maxWaitMs = 10 * 60_000
const maxNames = 1000

export async function deleteIndex(
  { scope, params, query }: ElasticRequest,
  identity: Pick<Identity, 'name'>,
  deletion: IndexDeletion,
): Promise<Answer> {
  const ignoresMissing = query.flag('ignore_unavailable')
  const timeout = query.text('timeout')
  const waitMs =
    timeout === undefined ? defaultWaitMs : Math.min(maxWaitMs, Math.max(0, durationMs(timeout, 'timeout')))
  const names = await namesOf(params.index ?? '', { scope, requiresName: deletion.requiresName() })
  const found: { readonly name: string; readonly count: number }[] = []
  const created = new Set(await scope.names.created(scope.projects))
  // all are looked for before the first goes
  for (const name of names) {
    const filter = filterOf([linesOf(name, scope)], scope)
    const count = filter.projects.length === 0 ? 0 : await scope.queries.reader.count(filter, { signal: scope.signal })
    if (count > 0 || created.has(name)) found.push({ name, count })
    else if (!ignoresMissing) throw missingIndex(name)
  }
  let isDone = true
  for (const { name, count } of found) {
    await deletion.audit.record({ who: identity.name, action: 'logs.delete', subject: name, detail: { lines: count } })
    // from here on its ids are unknown: what is sent again is a document of the new index
    await scope.names.forget(scope.projects, name)
    const upToSeq = await scope.mark()
    const filter = filterOf([linesOf(name, scope)], { ...scope, upToSeq })
    // asked again, since that waits until what was acknowledged is loaded
    const lines = count === 0 ? 0 : await scope.queries.reader.count(filter, { signal: scope.signal })
    if (lines > 0) isDone = (await deletion.eraser.erase(filter, { signal: scope.signal, waitMs })) && isDone
    deletion.onDeleted(lines)
  }
  return { body: { acknowledged: isDone } }
}

/** Lines of this name alone: not of the days of a daily index, nor of what an alias leads to. */
function linesOf(name: string, { nowMs }: ElasticScope): Predicate {
  const named = testOf({ kind: 'resource', name: indexField }, { op: 'equals', unit: 'value', values: [name] })
  // `logs` is every day of lines without an index: too much to go by one name
  return name === 'logs' ? named : anyOf([named, ofDays(name, nowMs)])
}

async function namesOf(
  expression: string,
  { scope, requiresName }: { readonly scope: ElasticScope; readonly requiresName: boolean },
): Promise<readonly string[]> {
  const parts = expression.split(',').filter((one) => one !== '')
  if (parts.length === 0 || parts.length > maxNames)
    throw fault('action_request_validation_exception', `1 to ${maxNames} indices can be deleted at once`)
  const names = new Set<string>()
  for (const part of parts) {
    const name = resolveDates(part, scope.nowMs)
    const isPattern = name.includes('*') || name === '_all' || name.startsWith('-')
    if (isPattern && requiresName)
      throw fault('illegal_argument_exception', 'Wildcard expressions or all indices are not allowed', {
        fix: 'Name each index, or set elasticsearch.destructive_requires_name: false in tidewatch.yml',
      })
    if (isPattern) for (const one of await listIndices(expression, { ...scope, aliases: [] })) names.add(one.name)
    else {
      if (aliasesLike(scope.aliases, name).length > 0)
        throw fault(
          'illegal_argument_exception',
          `The provided expression [${name.slice(0, 200)}] matches an alias, specify the corresponding concrete indices instead.`,
        )
      names.add(name)
    }
  }
  if (names.size > maxNames)
    throw fault('illegal_argument_exception', `the pattern means ${names.size} indices; at most ${maxNames} go at once`)
  return [...names]
}
