/** A rule's condition taken apart: what is measured, and the limit it is held against. */
export interface Comparison {
  readonly measured: string
  readonly operator: '>' | '>=' | '<' | '<=' | '==' | '!='
  readonly limit: number
}

const pattern = /^(?<measured>[\s\S]+?)\s*(?<operator>>=|<=|==|!=|>|<)\s*(?<limit>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/

/** A rule's LogQL, whose comparison stands within. */
const logqlCall = /^logql\s*\(([\s\S]*)\)$/

/**
 * The condition of `expr > 5`; undefined where the query is anything else. Only a comparison that ends the whole query counts:
 * with `and`, `or` or `unless` in it, the limit would belong to a part.
 */
export function splitComparison(query: string): Comparison | undefined {
  const text = query.replace(/^\s*#.*$/gm, '').trim()
  const logql = logqlCall.exec(text)?.[1]
  if (logql !== undefined) {
    const inner = splitComparison(logql)
    return inner === undefined ? undefined : { ...inner, measured: `logql(${inner.measured})` }
  }
  const groups = pattern.exec(text)?.groups
  if (groups === undefined || /\b(?:and|or|unless)\b/.test(withoutBraces(text))) return undefined
  const { measured = '', operator, limit } = groups
  if (!isBalanced(measured)) return undefined
  return { measured: measured.trim(), operator: operator as Comparison['operator'], limit: Number(limit) }
}

const withoutBraces = (text: string): string =>
  text.replace(/"(?:\\.|[^"\\])*"|`[^`]*`/g, '""').replace(/\{[^}]*\}/g, '')

function isBalanced(text: string): boolean {
  let depth = 0
  for (const character of withoutBraces(text)) {
    if ('(['.includes(character)) depth++
    if (')]'.includes(character)) depth--
    if (depth < 0) return false
  }
  return depth === 0
}
