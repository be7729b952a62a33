// KQL's tree back to text. Parsing the text gives the same tree.
import { type KqlComparison, type KqlName, type KqlNode, wildcardSign } from './ast.ts'
import { scanUnquoted } from './scan.ts'

const signs: Readonly<Record<KqlComparison, string>> = { gt: '>', gte: '>=', lt: '<', lte: '<=' }

export function printKql(node: KqlNode): string {
  switch (node.function) {
    case 'and':
    case 'or':
      return node.arguments.map((one) => inBrackets(one)).join(` ${node.function} `)
    case 'not':
      return `not ${inBrackets(node.arguments[0])}`
    case 'nested':
      return `${printName(node.arguments[0])}:{ ${printKql(node.arguments[1])} }`
    case 'range': {
      const [field, { name, value }] = node.arguments
      return `${printName(field)} ${signs[name]} ${printName(value)}`
    }
    case 'is': {
      const [field, value, isPhrase] = node.arguments
      if (isPhrase === undefined) return ''
      const printed = isPhrase.value === true ? quoteKql(String(value.value)) : printName(value)
      return field.value === null ? printed : `${printName(field)}: ${printed}`
    }
  }
}

const inBrackets = (node: KqlNode): string =>
  node.function === 'and' || node.function === 'or' || node.function === 'not' ? `(${printKql(node)})` : printKql(node)

/** A text between quotes. */
export const quoteKql = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

function printName(name: KqlName): string {
  if (name.type === 'literal' && typeof name.value !== 'string') return String(name.value)
  const parts = String(name.value).split(name.type === 'wildcard' ? wildcardSign : '\u0000')
  const escaped = parts.map(escapeKql).join('*')
  // what would be read as something else (a number, blanks at an end, nothing at all) goes between quotes
  const read = scanUnquoted(escaped, 0)
  const isSame = read?.end === escaped.length && read.value.type === name.type && read.value.value === name.value
  return isSame ? escaped : quoteKql(String(name.value))
}

/** Backslashes before signs and words that mean something. */
export const escapeKql = (text: string): string =>
  text
    .replace(/[\\():<>"*{}]/g, '\\$&')
    .replace(/\t/g, '\\t')
    .replace(/\r/g, '\\r')
    .replace(/\n/g, '\\n')
    .replace(/(^|\s)(and|or)(?=\s|$)/gi, '$1\\$2')
    // Kibana's grammar sees it at the end of longer words, too
    .replace(/not(?=\s|$)/gi, '\\$&')
