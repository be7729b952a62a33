// Which labels and metrics the rules speak of: dropping one of these would change what they say.
import type { Expr, VectorSelector } from '@tidewatch/promql/ast.ts'
import { parse } from '@tidewatch/promql/parse.ts'

/** A rule as far as it matters here. */
export interface UsingRule {
  readonly expr: string
  /** Labels and annotations that are templates. */
  readonly texts: readonly string[]
}

export interface UsedNames {
  isLabelUsed(name: string): boolean
  isMetricUsed(name: string): boolean
}

/** Reads what rules use; whoever writes a rule's text in a way that is not understood here keeps every label it might mean. */
export function usedNames(rules: readonly UsingRule[]): UsedNames {
  const labels = new Set<string>()
  const metrics = new Set<string>()
  const patterns: RegExp[] = []
  let anyMetric = false
  const collector: Collector = {
    label: (name) => labels.add(name),
    selector(selector) {
      for (const { name, op, value } of selector.matchers) {
        if (name !== '__name__') labels.add(name)
        else if (op === '=') metrics.add(value)
        else if (op === '=~') patterns.push(wholeName(value))
        else anyMetric = true
      }
      if (!selector.matchers.some(({ name }) => name === '__name__')) anyMetric = true
    },
  }
  for (const { expr, texts } of rules) {
    visit(parse(expr), collector)
    // in a template a label stands as .name or "name"
    for (const text of texts)
      for (const [, name] of text.matchAll(/["`.]([\p{L}_:][\p{L}\p{N}_:.-]*)/gu)) labels.add(name)
  }
  return {
    isLabelUsed: (name) => labels.has(name),
    isMetricUsed: (name) => anyMetric || metrics.has(name) || patterns.some((pattern) => pattern.test(name)),
  }
}

interface Collector {
  readonly label: (name: string) => void
  readonly selector: (selector: VectorSelector) => void
}

/** Where JavaScript does not know the expression, any name may be meant. */
function wholeName(expression: string): RegExp {
  try {
    return new RegExp(`^(?:${expression})$`, 'su')
  } catch {
    return /^/
  }
}

function visit(expr: Expr, collector: Collector): void {
  switch (expr.kind) {
    case 'number':
      return
    case 'string':
      // label_replace, label_join, sort_by_label and count_values name labels in texts
      collector.label(expr.value)
      for (const [, name] of expr.value.matchAll(/\$\{?(\w+)/g)) collector.label(name as string)
      return
    case 'paren':
    case 'unary':
    case 'step_invariant':
    case 'subquery':
      visit(expr.expr, collector)
      return
    case 'binary':
      for (const label of [...(expr.matching?.labels ?? []), ...(expr.matching?.include ?? [])]) collector.label(label)
      visit(expr.left, collector)
      visit(expr.right, collector)
      return
    case 'aggregate':
      // what `without` names is left out by the rule itself
      if (!expr.without) expr.grouping.forEach(collector.label)
      if (expr.param !== undefined) visit(expr.param, collector)
      visit(expr.expr, collector)
      return
    case 'call':
      for (const argument of expr.args) visit(argument, collector)
      return
    case 'vector_selector':
      collector.selector(expr)
      return
    case 'matrix_selector':
      collector.selector(expr.selector)
      return
    default:
      expr satisfies never
  }
}
