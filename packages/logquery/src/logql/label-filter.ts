// `| status >= 500 and user = "ann"`: which lines go on, by their labels.
import type { MatchOp } from '@tidewatch/core/matcher.ts'
import { compileLabelRegex } from '@tidewatch/core/regexp.ts'
import type { CompareOp, LabelFilter, Span } from './ast.ts'
import { hasAddress, parseAddressRange } from './ip.ts'
import type { LineLabels } from './line-labels.ts'
import { compileOrRefuse, stageError } from './stage.ts'
import { parseDurationNs, parseFloatText, parseSize } from './units.ts'

export type LabelTest = (labels: LineLabels) => boolean

/** Whether a value fits; a label that is not there has the value ''. Throws `query.parse` for a bad expression. */
export function compileValueTest(op: MatchOp, value: string, span: Span): (text: string) => boolean {
  switch (op) {
    case '=':
      return (text) => text === value
    case '!=':
      return (text) => text !== value
    default: {
      const matches = compileOrRefuse(() => compileLabelRegex(value), span)
      return op === '=~' ? matches : (text) => !matches(text)
    }
  }
}

export function compileLabelFilter(filter: LabelFilter): LabelTest {
  switch (filter.kind) {
    case 'string': {
      const { name } = filter
      const test = compileValueTest(filter.op, filter.value, filter.span)
      return (labels) => test(labels.get(name) ?? '')
    }
    case 'ip':
      return compileIp(filter.name, filter.op, filter.value, filter.span)
    case 'and':
    case 'or': {
      const left = compileLabelFilter(filter.left)
      const right = compileLabelFilter(filter.right)
      if (filter.kind === 'or') return (labels) => left(labels) || right(labels)
      // both are asked, since either may set __error__
      return (labels) => {
        const fitsLeft = left(labels)
        return right(labels) && fitsLeft
      }
    }
    default:
      return compileComparison(filter)
  }
}

function compileIp(name: string, op: '=' | '!=', value: string, span: Span): LabelTest {
  const range = parseAddressRange(value)
  if (range === undefined) throw stageError(`ip: invalid pattern: ${JSON.stringify(value)}`, span)
  return (labels) => {
    // a line with an error is for filters of texts alone to take out
    if (labels.error !== '') return true
    const text = labels.get(name)
    return text !== undefined && hasAddress(text, range) === (op === '=')
  }
}

const readers = { number: parseFloatText, duration: (text: string) => parseDurationNs(text), bytes: parseSize }

function compileComparison({
  kind,
  name,
  op,
  value,
}: {
  readonly kind: 'number' | 'duration' | 'bytes'
  readonly name: string
  readonly op: CompareOp
  readonly value: number
}): LabelTest {
  const read = readers[kind]
  const compare = comparisons[op]
  return (labels) => {
    const text = labels.get(name)
    if (text === undefined) return false
    const found = read(text)
    if (found !== undefined) return compare(found, value)
    labels.fail('LabelFilterErr', `${JSON.stringify(text.slice(0, 80))} is no ${kind === 'bytes' ? 'size' : kind}`)
    return true
  }
}

export const comparisons: Readonly<Record<CompareOp, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
}
