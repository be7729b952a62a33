// Which labels a query speaks of: what is beside a line counts in a metric query only where the query names it, so that documents of many fields do not
// become a series each.
import type { Expr, LabelFilter, LogExpr, MetricExpr, Stage } from '@tidewatch/logquery/logql/ast.ts'
import type { LabelNeeds } from './record-labels.ts'

export function needsOf(expr: Expr): LabelNeeds {
  const names = new Set<string>()
  const logs = logsOf(expr)
  for (const { stages } of logs) for (const stage of stages) addStage(stage, names)
  if (expr.kind !== 'log') addMetric(expr, names)
  return {
    selected: new Set(logs.flatMap(({ matchers }) => matchers.map(({ name }) => name))),
    wanted: expr.kind === 'log' ? 'all' : names,
    readsDocuments: logs.some(({ stages }) => stages.some(({ kind }) => kind === 'json')),
  }
}

/** All selectors with their pipelines. */
export function logsOf(expr: Expr): readonly LogExpr[] {
  switch (expr.kind) {
    case 'log':
      return [expr]
    case 'range_aggregation':
      return [expr.log]
    case 'vector_aggregation':
    case 'label_replace':
      return logsOf(expr.expr)
    case 'binary':
      return [...logsOf(expr.left), ...logsOf(expr.right)]
    case 'literal':
    case 'vector':
      return []
    default:
      return expr satisfies never
  }
}

function addMetric(expr: MetricExpr, names: Set<string>): void {
  switch (expr.kind) {
    case 'range_aggregation':
      for (const name of expr.grouping?.labels ?? []) names.add(name)
      if (expr.unwrap !== undefined) names.add(expr.unwrap.name)
      for (const filter of expr.unwrap?.filters ?? []) addFilter(filter, names)
      return
    case 'vector_aggregation':
      for (const name of expr.grouping?.labels ?? []) names.add(name)
      addMetric(expr.expr, names)
      return
    case 'label_replace':
      names.add(expr.source)
      addMetric(expr.expr, names)
      return
    case 'binary':
      for (const name of expr.matching?.labels ?? []) names.add(name)
      for (const name of expr.matching?.include ?? []) names.add(name)
      addMetric(expr.left, names)
      addMetric(expr.right, names)
      return
    case 'literal':
    case 'vector':
      return
    default:
      expr satisfies never
  }
}

function addStage(stage: Stage, names: Set<string>): void {
  if (stage.kind === 'label_filter') addFilter(stage.filter, names)
  if (stage.kind === 'keep') for (const { name } of stage.labels) names.add(name)
  if (stage.kind === 'line_format') addTemplate(stage.template, names)
  if (stage.kind !== 'label_format') return
  for (const format of stage.formats) {
    if (format.kind === 'rename') names.add(format.from)
    else addTemplate(format.template, names)
  }
}

function addTemplate(template: string, names: Set<string>): void {
  for (const [, name] of template.matchAll(/\.([a-zA-Z_]\w*)/g)) names.add(name as string)
}

function addFilter(filter: LabelFilter, names: Set<string>): void {
  if ('left' in filter) {
    addFilter(filter.left, names)
    addFilter(filter.right, names)
  } else names.add(filter.name)
}
