// LogQL's conditions as predicates over records: where the labels of streams are, and what filters behind parsers say of the record already.
import { severityOfWord, severityWord, severityWords } from '@tidewatch/core/log-severity.ts'
import type { LabelFilter, LogExpr, Stage, StreamMatcher } from '@tidewatch/logquery/logql/ast.ts'
import { compileValueTest } from '@tidewatch/logquery/logql/label-filter.ts'
import { matcherPredicate, pushDown } from '@tidewatch/logquery/logql/plan.ts'
import {
  allOf,
  anyField,
  anyOf,
  everything,
  nothing,
  notOf,
  type Predicate,
  testOf,
} from '@tidewatch/logquery/predicate.ts'
import { columnOfLabel, type LabelColumn, missingText } from './record-labels.ts'

/** The keys of resources that are one label, as far as they are known: undefined where that was not found out. */
export type ResourceKeys = (label: string) => readonly string[] | undefined

export interface RecordPlan {
  /** All records of the query satisfy it. */
  readonly predicate: Predicate
  /** Every record that satisfies it is of the query, and nothing more is to be done with it. */
  readonly isWhole: boolean
}

/** What of the query a search of records can do. */
export function planRecords(log: LogExpr, keysOf: ResourceKeys): RecordPlan {
  const stages = pushDown({ ...log, matchers: [] }, () => undefined)
  const streams = log.matchers.map((matcher) => streamPredicate(matcher, keysOf))
  return {
    predicate: allOf([
      ...streams.map((one) => one ?? everything),
      stages.predicate,
      ...log.stages.slice(0, firstChange(log.stages)).flatMap((stage) => behindParsers(stage)),
    ]),
    isWhole: stages.isWhole && streams.every((one) => one !== undefined),
  }
}

/** Labels for which more than one key of a resource may stand. */
export const isAmbiguous = (label: string): boolean => label.includes('_')

/** Undefined where only the evaluation can tell. */
function streamPredicate(matcher: StreamMatcher, keysOf: ResourceKeys): Predicate | undefined {
  const keys = isAmbiguous(matcher.name) ? keysOf(matcher.name) : [matcher.name]
  if (keys === undefined || keys.length > 1) return undefined
  const column = columnOfLabel(matcher.name)
  const [key] = keys
  if (column === undefined) {
    if (key === undefined) return accepts(matcher, '') ? everything : nothing
    return matcherPredicate(matcher, { kind: 'resource', name: key })
  }
  const ofColumn = columnPredicate(matcher, column)
  if (key === undefined) return ofColumn
  const resource = { kind: 'resource', name: key } as const
  const hasKey = testOf(resource, { op: 'exists' })
  return anyOf([allOf([hasKey, matcherPredicate(matcher, resource)]), allOf([notOf(hasKey), ofColumn])])
}

const accepts = ({ op, value, span }: StreamMatcher, text: string): boolean => compileValueTest(op, value, span)(text)

function columnPredicate(matcher: StreamMatcher, column: LabelColumn): Predicate {
  const isMissingTaken = accepts(matcher, missingText(matcher.name))
  if (column === 'severity') return severityPredicate((word) => accepts(matcher, word), isMissingTaken)
  const exists = testOf({ kind: 'column', column }, { op: 'exists' })
  const isAnyTaken = matcher.op === '=~' && (matcher.value === '.+' || matcher.value === '.*')
  if (isAnyTaken) return isMissingTaken ? everything : exists
  const holds = matcherPredicate(matcher, { kind: 'column', column })
  return isMissingTaken ? anyOf([notOf(exists), holds]) : allOf([exists, holds])
}

function severityPredicate(takes: (word: string) => boolean, isMissingTaken: boolean): Predicate {
  const severity = { kind: 'column', column: 'severity' } as const
  const tests = severityWords
    .filter(takes)
    .map((word) =>
      testOf(severity, { op: 'severity', from: numbersOf(word)[0] as number, to: numbersOf(word).at(-1) as number }),
    )
  return anyOf(isMissingTaken ? [...tests, notOf(testOf(severity, { op: 'exists' }))] : tests)
}

const numbersOf = (word: string): readonly number[] =>
  Array.from({ length: 24 }, (_, i) => i + 1).filter((number) => severityWord(number) === word)

/** `level="ERROR"` and `level="warning"` mean the words that we have for them. */
export function spelledLevels(matchers: readonly StreamMatcher[]): readonly StreamMatcher[] {
  return matchers.map((matcher) => {
    const { name, op, value } = matcher
    if (columnOfLabel(name) !== 'severity' || (op !== '=' && op !== '!=')) return matcher
    const word = severityWord(severityOfWord(value))
    if (word === undefined || word === value) return matcher
    const either = `${value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}|${word}`
    return { ...matcher, op: op === '=' ? '=~' : '!~', value: either }
  })
}

/** The first stage behind which labels may hold what is in no record. */
function firstChange(stages: readonly Stage[]): number {
  const at = stages.findIndex(
    ({ kind }) => !['line_filter', 'label_filter', 'json', 'logfmt', 'regexp', 'pattern'].includes(kind),
  )
  return at < 0 ? stages.length : at
}

/** Texts that stand in a line as they are, whatever wrote it. */
const plainText = /^[A-Za-z0-9._-]+$/

/** A label that equals a text: it stands in the line, or beside it. */
function behindParsers(stage: Stage): Predicate[] {
  return stage.kind === 'label_filter' ? textsOf(stage.filter) : []
}

function textsOf(filter: LabelFilter): Predicate[] {
  if (filter.kind === 'and') return [...textsOf(filter.left), ...textsOf(filter.right)]
  if (filter.kind !== 'string' || filter.op !== '=' || !plainText.test(filter.value)) return []
  // levels have words of ours, which need not stand in the record; errors are those of our parsers
  if (columnOfLabel(filter.name) === 'severity' || filter.name.startsWith('__')) return []
  if (filter.value === missingText(filter.name)) return []
  // a number may be written in other ways than it is shown
  if (filter.value.length < 16 && Number.isFinite(Number(filter.value))) return []
  return [testOf(anyField, { op: 'contains', text: filter.value, ignoreCase: false })]
}
