// label_replace and label_join: they work on series, whatever their values are.
import { type Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import { RE2JS } from 're2js'
import type { CallExpr, Expr } from '../ast.ts'
import { DuplicateCheck } from '../evaluate/duplicates.ts'
import { executionError, stringArgument } from '../evaluate/evaluator.ts'
import type { Row } from '../evaluate/row.ts'
import type { FunctionDefinition, VectorFunction } from './definition.ts'

function isLabelName(name: string): boolean {
  return name !== '' && name.isWellFormed()
}

function checkDestination(call: CallExpr, name: string): void {
  if (!isLabelName(name))
    throw executionError(`invalid destination label name in ${call.func}(): ${name}`, call.args[1])
}

/** Sends the rows on with the label set; a name that was set here stays. */
function relabel(target: string, valueFor: (labels: Labels) => string | undefined): VectorFunction['evaluate'] {
  return (ev, call, grid, sink) => {
    const duplicates = new DuplicateCheck()
    ev.rows(call.args[0] as Expr, grid, (row: Row) => {
      const value = valueFor(row.labels)
      if (value !== undefined) {
        row.labels = row.labels.with(target, value)
        if (target === metricNameLabel) row.dropName = false
      }
      duplicates.see(row)
      sink(row)
    })
  }
}

const templatePart = /\$(?:(\$)|(\w+)|\{(\w+)\})/g

type Piece = string | { readonly group: string }

/** Go's Regexp.Expand: `$1`, `${1}`, `$name` (the longest name there can be), `$$`. */
function parseTemplate(template: string): readonly Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const match of template.matchAll(templatePart)) {
    pieces.push(template.slice(at, match.index))
    const group = match[2] ?? match[3]
    pieces.push(group === undefined ? '$' : { group })
    at = match.index + match[0].length
  }
  pieces.push(template.slice(at))
  return pieces
}

function compileAnchored(pattern: string): RE2JS {
  try {
    return RE2JS.compile(`^(?s:${pattern})$`)
  } catch {
    throw executionError(`invalid regular expression in label_replace(): ${pattern}`)
  }
}

/** What the value becomes, or undefined where the expression does not match. Each distinct value is matched once. */
function createReplacer(pattern: string, replacement: string): (value: string) => string | undefined {
  const regex = compileAnchored(pattern)
  const pieces = parseTemplate(replacement)
  const known = new Map<string, string | undefined>()
  const names = regex.namedGroups()
  const replace = (value: string): string | undefined => {
    const match = regex.matcher(value)
    if (!match.matches()) return undefined
    const groupText = (group: string): string => {
      const index = /^\d+$/.test(group) ? Number(group) : names[group]
      return index === undefined || index > match.groupCount() ? '' : (match.group(index) ?? '')
    }
    return pieces.map((piece) => (typeof piece === 'string' ? piece : groupText(piece.group))).join('')
  }
  return (value) => {
    if (!known.has(value)) known.set(value, replace(value))
    return known.get(value)
  }
}

const labelReplace: VectorFunction = {
  kind: 'vector',
  evaluate: (ev, call, grid, sink) => {
    const target = stringArgument(call, 1)
    const source = stringArgument(call, 3)
    const replace = createReplacer(stringArgument(call, 4), stringArgument(call, 2))
    checkDestination(call, target)
    relabel(target, (labels) => replace(labels.get(source)))(ev, call, grid, sink)
  },
}

const labelJoin: VectorFunction = {
  kind: 'vector',
  evaluate: (ev, call, grid, sink) => {
    const target = stringArgument(call, 1)
    const separator = stringArgument(call, 2)
    const sources = call.args.slice(3).map((_, i) => stringArgument(call, i + 3))
    for (const source of sources) {
      if (!isLabelName(source)) throw executionError(`invalid source label name in label_join(): ${source}`, call)
    }
    checkDestination(call, target)
    relabel(target, (labels) => sources.map((source) => labels.get(source)).join(separator))(ev, call, grid, sink)
  },
}

export const labelFunctions = {
  label_replace: labelReplace,
  label_join: labelJoin,
} as const satisfies Record<string, FunctionDefinition>
