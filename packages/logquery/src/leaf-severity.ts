// Questions about the level of a line: words of all schemes compare alike (`warn`, `warning` and `WARN` are one).

import { toLowerSimple } from '@tidewatch/core/letter-case.ts'
import { severityOfLevel } from '@tidewatch/core/log-severity.ts'
import { RE2JS } from 're2js'
import { numberOf, tokenize } from './analysis.ts'
import type { Field } from './fields.ts'
import { automaticEdits, isWithinEdits } from './fuzzy.ts'
import type { Leaf } from './leaf.ts'
import { anyOf, type FieldRef, type Predicate, testOf } from './predicate.ts'
import { valueError } from './query-error.ts'
import type { QueryTree } from './query-tree.ts'
import { luceneRegexpToRe2 } from './regexp-syntax.ts'
import { compileWildcard, mapWildcard, printWildcard } from './wildcard.ts'

/** What people call levels, for patterns that only begin one. */
const words = [
  ...['trace', 'debug', 'verbose', 'info', 'information', 'notice', 'warn', 'warning', 'error', 'err', 'fatal'],
  ...['critical', 'crit', 'alert', 'emergency', 'emerg', 'panic'],
]
const written: FieldRef = { kind: 'column', column: 'severityText' }

export function severityLeaf(field: Field, leaf: Exclude<Leaf, { kind: 'exists' }>): QueryTree {
  const tree = (predicate: Predicate, text: string): QueryTree => ({
    kind: 'leaf',
    predicate,
    text: `${field.name}:${text}`,
  })
  switch (leaf.kind) {
    case 'match':
    case 'phrase':
    case 'exact': {
      const texts = leaf.kind === 'match' ? leaf.text.split(/\s+/).filter((text) => text !== '') : [leaf.text]
      return tree(anyOf(texts.map((text) => levelNamed(field, text))), leaf.text)
    }
    case 'wildcard': {
      const pattern = mapWildcard(leaf.pattern, toLowerSimple)
      const own = testOf(written, { op: 'wildcard', unit: 'value', pattern, ignoreCase: true })
      return tree(anyOf([own, ...levelsThat(field, compileWildcard(pattern))]), printWildcard(pattern))
    }
    case 'fuzzy': {
      const text = toLowerSimple(leaf.text)
      const edits = leaf.edits === 'auto' ? automaticEdits(text) : leaf.edits
      const isNear = (word: string): boolean => isWithinEdits([...text], word, edits, leaf.prefixLength)
      return tree(anyOf(levelsThat(field, isNear)), `${text}~${edits}`)
    }
    case 'regexp':
      return tree(regexpLevels(field, leaf.source), `/${leaf.source}/`)
    case 'range':
      return tree(levelRange(field, leaf), `[${leaf.from?.value ?? '*'} TO ${leaf.to?.value ?? '*'}]`)
  }
}

function regexpLevels(field: Field, source: string): Predicate {
  const translated = luceneRegexpToRe2(source)
  if (typeof translated !== 'string')
    throw valueError(`/${source}/: ${translated.message} (at character ${translated.at})`, field.name)
  const pattern = `(?i:${translated})`
  const compiled = RE2JS.compile(pattern)
  const own = testOf(written, { op: 'regexp', unit: 'value', pattern, anchored: true })
  return anyOf([own, ...levelsThat(field, (word) => compiled.matches(word))])
}

const levelsThat = (field: Field, holds: (word: string) => boolean): Predicate[] => [
  ...new Map(
    words.filter(holds).map((word) => {
      const [from, to] = rangeOf(severityOfLevel(word))
      return [from, testOf(field.ref, { op: 'severity', from, to })] as const
    }),
  ).values(),
]

/** 1..24, 0 where it is none. Bare numbers up to 7 are syslog's, then OpenTelemetry's, then what loggers write (30, 40, 50). */
function numberOfLevel(text: string): number {
  const number = numberOf(text)
  return number !== undefined && Number.isInteger(number) && number > 7 && number <= 24 ? number : severityOfLevel(text)
}

/** The first of four is the whole of them: `info` means 9 to 12, `notice` 10 alone. */
const rangeOf = (number: number): readonly [from: number, to: number] => [
  number,
  number % 4 === 1 ? number + 3 : number,
]

function levelNamed(field: Field, text: string): Predicate {
  const number = numberOfLevel(text)
  if (number !== 0) {
    const [from, to] = rangeOf(number)
    return testOf(field.ref, { op: 'severity', from, to })
  }
  const values = tokenize(text)
  // a word of no scheme is looked for as it was sent
  return anyOf(values.map((value) => testOf(written, { op: 'equals', unit: 'token', values: [value] })))
}

function levelRange(field: Field, { from, to }: Leaf & { kind: 'range' }): Predicate {
  const known = (text: string): readonly [number, number] => {
    const number = numberOfLevel(text)
    if (number === 0)
      throw valueError(`"${text}" is no level`, field.name, 'Write trace, debug, info, warn, error or fatal')
    return rangeOf(number)
  }
  const low = from === undefined ? 1 : from.inclusive ? known(from.value)[0] : known(from.value)[1] + 1
  const high = to === undefined ? 24 : to.inclusive ? known(to.value)[1] : known(to.value)[0] - 1
  return low > high ? { kind: 'none' } : testOf(field.ref, { op: 'severity', from: low, to: high })
}
