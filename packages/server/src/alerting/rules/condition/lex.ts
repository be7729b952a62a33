// The words of a condition: `error_rate > 0.05 && transaction_count > 10`.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'

export type TokenKind = 'number' | 'name' | 'text' | 'operator' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** Of a text what stands between the quotes. */
  readonly text: string
  /** UTF-16 offset into the condition. */
  readonly at: number
}

/** A condition is written by hand; what is longer was not. */
export const maxConditionLength = 2000

const pattern =
  /(?<space>\s+)|(?<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[a-zA-Z_][a-zA-Z0-9_]*(?:\.[a-zA-Z_][a-zA-Z0-9_]*)*)|(?<text>"[^"\n]*"|'[^'\n]*')|(?<operator>&&|\|\||===|!==|<=|>=|==|!=|[-+*/%<>!(),])/y

/** Throws `rules.invalid` with the place of what is no word. */
export function lex(condition: string): readonly Token[] {
  if (condition.length > maxConditionLength) {
    throw conditionError(`the condition has ${condition.length} characters; at most ${maxConditionLength} are read.`, 0)
  }
  const tokens: Token[] = []
  let at = 0
  while (at < condition.length) {
    pattern.lastIndex = at
    const groups = pattern.exec(condition)?.groups
    if (groups === undefined) throw badCharacter(condition, at)
    const [kind, text] = Object.entries(groups).find(([, found]) => found !== undefined) as [string, string]
    if (kind === 'text') tokens.push({ kind, text: text.slice(1, -1), at })
    else if (kind === 'name' && Object.hasOwn(words, text.toLowerCase()))
      tokens.push({ kind: 'operator', text: words[text.toLowerCase()] as string, at })
    else if (kind !== 'space') tokens.push({ kind: kind as TokenKind, text: spellings[text] ?? text, at })
    at = pattern.lastIndex
  }
  tokens.push({ kind: 'end', text: '', at })
  return tokens
}

const words: Readonly<Record<string, string>> = { and: '&&', or: '||', not: '!' }
const spellings: Readonly<Record<string, string>> = { '===': '==', '!==': '!=' }

function badCharacter(condition: string, at: number): AppError {
  const rest = condition.slice(at)
  if (rest.startsWith('&')) return conditionError('a single & is no operator.', at, 'Write && for "and".')
  if (rest.startsWith('|')) return conditionError('a single | is no operator.', at, 'Write || for "or".')
  if (rest.startsWith('=')) return conditionError('a single = is no comparison.', at, 'Write == for "is equal to".')
  if (/^["']/.test(rest)) return conditionError('the text does not end.', at, `Close it with ${rest[0]}.`)
  if (/^[{[]/.test(rest)) {
    return conditionError(
      `${quoteValue(rest[0])} does not belong here: conditions are about named values.`,
      at,
      'Give the query a name under values:, or write the rule with expr: instead of condition:.',
    )
  }
  return conditionError(`${quoteValue(rest[0])} does not belong here.`, at)
}

export function conditionError(message: string, at: number, fix?: string): AppError {
  return new AppError('rules.invalid', `character ${at + 1}: ${message}`, {
    where: { span: { start: at, end: at + 1 } },
    ...(fix === undefined ? {} : { fix }),
  })
}
