// What the lexer makes of a query's text, and how messages name it.
import { goQuote } from './quote.ts'

/** Operators without letters. */
const symbols = ['+', '-', '*', '/', '%', '^', '==', '!=', '<', '>', '<=', '>=', '=~', '!~', '</', '>/', '@'] as const
const operators = [...symbols, 'and', 'or', 'unless', 'atan2'] as const
const aggregators = [
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
] as const
const keywords = [
  'offset',
  'smoothed',
  'anchored',
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'fill',
  'fill_left',
  'fill_right',
  'bool',
] as const
const preprocessors = ['start', 'end', 'step', 'range'] as const
const punctuation = ['(', ')', '{', '}', '[', ']', ',', '=', ':'] as const

/** What cannot stand where a name may, although everything that is a word can. */
export const noNames: ReadonlySet<TokenType> = new Set<TokenType>([
  ...symbols,
  ...punctuation,
  'number',
  'duration',
  'eof',
])

export type TokenType =
  | 'identifier'
  | 'metric_identifier'
  | 'number'
  | 'duration'
  | 'string'
  | 'eof'
  | (typeof operators)[number]
  | (typeof aggregators)[number]
  | (typeof keywords)[number]
  | (typeof preprocessors)[number]
  | (typeof punctuation)[number]

export interface Token {
  readonly type: TokenType
  /** UTF-16 offsets into the query. */
  readonly start: number
  readonly end: number
  /** As it was written. */
  readonly text: string
}

const operatorTypes: ReadonlySet<string> = new Set(operators)
const keywordTypes: ReadonlySet<string> = new Set(keywords)
const aggregatorTypes: ReadonlySet<string> = new Set(aggregators)
const preprocessorTypes: ReadonlySet<string> = new Set(preprocessors)
const punctuationTypes: ReadonlySet<string> = new Set(punctuation)

/** Words that are not plain identifiers, in lower case: Prometheus does not care how they are written. */
export const tokenWords = new Map<string, TokenType>([
  ...(['and', 'or', 'unless', 'atan2'] as const).map((word) => [word, word] as const),
  ...aggregators.map((word) => [word, word] as const),
  ...keywords.map((word) => [word, word] as const),
  ...preprocessors.map((word) => [word, word] as const),
  ['inf', 'number'],
  ['nan', 'number'],
])

/** A token as Prometheus's messages name it: `identifier "foo"`, `<op:+>`, `end of input`. */
export function describeToken(token: Token): string {
  if (token.type === 'eof') return 'end of input'
  if (operatorTypes.has(token.type)) return `<op:${token.text}>`
  if (keywordTypes.has(token.type)) return `<${token.text}>`
  if (aggregatorTypes.has(token.type)) return `<aggr:${token.text}>`
  if (token.type === 'identifier') return `identifier ${goQuote(token.text)}`
  if (token.type === 'metric_identifier') return `metric identifier ${goQuote(token.text)}`
  const runes = [...token.text]
  const text = runes.length > 10 ? `${goQuote(runes.slice(0, 10).join(''))}...` : goQuote(token.text)
  return preprocessorTypes.has(token.type) || punctuationTypes.has(token.type) ? text : `${token.type} ${text}`
}
