import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import { literal } from './literal.ts'

/**
 * A matcher over the series table, with Prometheus's meaning: a missing label is '' (as a missing key of a map is), an expression matches
 * the whole value and its dot a line's end too. `match` is RE2, as Prometheus's is; that an expression is valid was checked when the query was.
 */
export function matcherCondition({ name, op, value }: Matcher): string {
  const column = name === metricNameLabel ? 'name' : `labels[${literal(name)}]`
  switch (op) {
    case '=':
    case '!=':
      return `${column} ${op} ${literal(value)}`
    case '=~':
      return `match(${column}, ${literal(`^(?s:${value})$`)})`
    case '!~':
      return `NOT match(${column}, ${literal(`^(?s:${value})$`)})`
    default:
      return op satisfies never
  }
}
