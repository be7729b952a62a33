// Selectors, stages of pipelines and constants → text.
import type { LabelChoice, LabelExtraction, LabelFilter, LabelFormat, LineFilterStage, Stage } from './ast.ts'

/** Backquotes where they save escapes: expressions and templates stay as people write them. */
export function quoted(text: string): string {
  const isRaw = /["\\]/.test(text) && !/[`\p{Cc}]/u.test(text)
  return isRaw ? `\`${text}\`` : JSON.stringify(text)
}

export const printMatcher = ({ name, op, value }: { name: string; op: string; value: string }): string =>
  `${name}${op}${quoted(value)}`

export function printStage(stage: Stage): string {
  switch (stage.kind) {
    case 'line_filter':
      return printLineFilter(stage)
    case 'label_filter':
      return `| ${printLabelFilter(stage.filter)}`
    case 'json':
      return ['| json', ...extractions(stage.expressions)].join(' ')
    case 'logfmt': {
      const flags = [...(stage.isStrict ? ['--strict'] : []), ...(stage.keepsEmpty ? ['--keep-empty'] : [])]
      return ['| logfmt', ...flags, ...extractions(stage.expressions)].join(' ')
    }
    case 'regexp':
    case 'pattern':
      return `| ${stage.kind} ${quoted(stage.pattern)}`
    case 'unpack':
    case 'decolorize':
      return `| ${stage.kind}`
    case 'line_format':
      return `| line_format ${quoted(stage.template)}`
    case 'label_format':
      return `| label_format ${stage.formats.map(printFormat).join(', ')}`
    case 'drop':
    case 'keep':
      return `| ${stage.kind} ${stage.labels.map(printChoice).join(', ')}`
    default:
      return stage satisfies never
  }
}

function printLineFilter({ op, operands }: LineFilterStage): string {
  return `${op} ${operands.map(({ value, isIp }) => (isIp ? `ip(${quoted(value)})` : quoted(value))).join(' or ')}`
}

const extractions = (expressions: readonly LabelExtraction[]): readonly string[] =>
  expressions.length === 0
    ? []
    : [expressions.map(({ name, expression }) => `${name}=${quoted(expression)}`).join(', ')]

const printFormat = (format: LabelFormat): string =>
  `${format.name}=${format.kind === 'rename' ? format.from : quoted(format.template)}`

const printChoice = ({ name, matcher }: LabelChoice): string =>
  matcher === undefined ? name : printMatcher({ name, ...matcher })

export function printLabelFilter(filter: LabelFilter): string {
  switch (filter.kind) {
    case 'string':
      return printMatcher(filter)
    case 'ip':
      return `${filter.name}${filter.op}ip(${quoted(filter.value)})`
    case 'number':
      return `${filter.name}${filter.op}${printNumber(filter.value)}`
    case 'duration':
      return `${filter.name}${filter.op}${printDuration(filter.value)}`
    case 'bytes':
      return `${filter.name}${filter.op}${printSize(filter.value)}`
    case 'and':
    case 'or': {
      const side = (of: LabelFilter, isRight: boolean): string => {
        const isLoose = of.kind === 'or' && filter.kind === 'and'
        const isNested = (of.kind === 'and' || of.kind === 'or') && (isRight || isLoose)
        return isNested ? `(${printLabelFilter(of)})` : printLabelFilter(of)
      }
      return `${side(filter.left, false)} ${filter.kind} ${side(filter.right, true)}`
    }
    default:
      return filter satisfies never
  }
}

/** Without an exponent, which the grammar does not know. */
export function printNumber(value: number): string {
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([-+]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign = '', first = '', rest = '', exponent = '0'] = match
  const digits = first + rest
  const point = 1 + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return sign + digits.padEnd(point, '0')
}

const durationUnits = [
  ['d', 86_400e9],
  ['h', 3600e9],
  ['m', 60e9],
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
  ['ns', 1],
] as const

/** As people write it: `1h30m`. */
export function printDuration(ns: number): string {
  if (ns === 0) return '0s'
  let rest = Math.abs(ns)
  let text = ns < 0 ? '-' : ''
  for (const [unit, length] of durationUnits) {
    const count = unit === 'ns' ? rest : Math.floor(rest / length)
    if (count > 0) text += `${printNumber(count)}${unit}`
    rest -= count * length
  }
  return text
}

const sizeUnits = [
  ['TiB', 1024 ** 4],
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
  ['TB', 1e12],
  ['GB', 1e9],
  ['MB', 1e6],
  ['KB', 1e3],
] as const

/** In the first unit of which it is a whole number. */
function printSize(bytes: number): string {
  for (const [unit, length] of sizeUnits) if (bytes !== 0 && bytes % length === 0) return `${bytes / length}${unit}`
  return `${printNumber(bytes)}B`
}
