// Clauses back to text, so that a saved or built query reads as somebody would write it. Parsing the text gives the same clauses.
import type { LuceneClause, LuceneGroup, LuceneNode, LuceneRange, RangeEnd } from './ast.ts'
import { escapeLucene } from './escape.ts'

export function printLucene(group: LuceneGroup): string {
  return group.clauses.map((clause, i) => `${i === 0 ? '' : ' '}${printClause(clause)}`).join('')
}

function printClause({ conjunction, mark, node }: LuceneClause): string {
  const word = conjunction === undefined ? '' : `${conjunction.toUpperCase()} `
  return `${word}${mark ?? ''}${printNode(node)}`
}

function printNode(node: LuceneNode): string {
  const field = node.field === undefined ? '' : `${node.field === '*' ? '*' : escapeLucene(node.field)}:`
  return `${field}${printBody(node)}${node.boost === undefined ? '' : `^${printNumber(node.boost)}`}`
}

function printBody(node: LuceneNode): string {
  switch (node.kind) {
    case 'brackets':
      return `(${printLucene(node.group)})`
    case 'range':
      return printRange(node)
    case 'term': {
      const fuzzy = node.fuzzy === undefined ? '' : `~${node.fuzzy}`
      if (node.form === 'quoted') return `"${node.text}"${fuzzy}`
      if (node.form === 'regexp') return `/${node.text}/${fuzzy}`
      // a sign is a word only before a blank
      return /^[+\-!]$/.test(node.text) ? `${node.text} ${fuzzy}` : `${node.text}${fuzzy}`
    }
  }
}

function printRange({ from, to, includesFrom, includesTo }: LuceneRange): string {
  return `${includesFrom ? '[' : '{'}${printEnd(from)} TO ${printEnd(to)}${includesTo ? ']' : '}'}`
}

const printEnd = ({ text, isQuoted }: RangeEnd): string => (isQuoted ? `"${text}"` : text)

/** Digits without an exponent, as the syntax has numbers. */
const printNumber = (number: number): string =>
  /e/.test(String(number)) ? number.toFixed(20).replace(/\.?0+$/, '') : String(number)
