// From matchers to label values to series.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import { compileLabelRegex, type ValueTest } from '@tidewatch/core/regexp.ts'
import { has, type LabelName, type ProjectPostings } from './postings.ts'

const maxExpressions = 256
/** Expressions whose verdicts one label name keeps: a byte a value each. */
const maxVerdictsPerName = 32

/** Remembers what each expression said of each value of a label, so that a value is matched once. Bounded: the longest unused is forgotten. */
export class RegexMemory {
  readonly #tests = new Map<string, ValueTest>()

  test(pattern: string): ValueTest {
    return latest(this.#tests, pattern, maxExpressions, () => compile(pattern))
  }

  /** Numbers of the name's values for which the expression says `wanted`. */
  values(name: LabelName, pattern: string, wanted: boolean): number[] {
    const test = this.test(pattern)
    let verdicts = latest(name.verdicts, pattern, maxVerdictsPerName, () => new Uint8Array(0))
    if (verdicts.length < name.values.length) {
      const bigger = new Uint8Array(name.values.length + (name.values.length >>> 1) + 16)
      bigger.set(verdicts)
      name.verdicts.set(pattern, bigger)
      verdicts = bigger
    }
    const found: number[] = []
    const want = wanted ? 2 : 1
    for (let id = 0; id < name.values.length; id++) {
      const value = name.values[id]
      if (value === undefined) continue
      if (verdicts[id] === 0) verdicts[id] = test(value) ? 2 : 1
      if (verdicts[id] === want) found.push(id)
    }
    return found
  }
}

/** The entry, made where it is missing and moved to the end; the first of too many goes. */
function latest<T>(map: Map<string, T>, key: string, limit: number, make: () => T): T {
  const value = map.get(key) ?? make()
  map.delete(key)
  map.set(key, value)
  if (map.size > limit) {
    const [oldest] = map.keys()
    map.delete(oldest)
  }
  return value
}

function compile(pattern: string): ValueTest {
  try {
    return compileLabelRegex(pattern)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const fix = 'Write the expression as RE2 has it.'
    throw new AppError('query.parse', `bad regular expression ${quoteValue(pattern)}: ${reason}`, { cause, fix })
  }
}

/** What a matcher asks of the postings: series with one of these values, or without any of them (a missing label is ''). */
interface Condition {
  readonly name: LabelName | undefined
  readonly values: readonly number[]
  readonly without: boolean
  readonly size: number
}

function conditionOf(postings: ProjectPostings, matcher: Matcher, memory: RegexMemory): Condition {
  const name = postings.names.get(matcher.name)
  const negated = matcher.op === '!=' || matcher.op === '!~'
  const isRegex = matcher.op === '=~' || matcher.op === '!~'
  // compiled also where the name is unknown: a bad expression is an error in any case
  const matchesEmpty = (isRegex ? memory.test(matcher.value)('') : matcher.value === '') !== negated
  const values =
    name === undefined ? [] : valuesOf(name, matcher, { isRegex, accepted: !matchesEmpty !== negated, memory })
  let size = 0
  for (const id of values) size += name?.count(id) ?? 0
  return { name, values, without: matchesEmpty, size }
}

/** Numbers of the values that equal or match (`accepted`), or those that do not. */
function valuesOf(
  name: LabelName,
  { value }: Matcher,
  { isRegex, accepted, memory }: { isRegex: boolean; accepted: boolean; memory: RegexMemory },
): number[] {
  if (isRegex) return memory.values(name, value, accepted)
  const equal = name.idOf(value)
  if (accepted) return equal === undefined ? [] : [equal]
  const others: number[] = []
  for (let id = 0; id < name.values.length; id++) if (name.values[id] !== undefined && id !== equal) others.push(id)
  return others
}

/**
 * Series that meet all matchers. `everything` gives all series of the project where no matcher narrows them; `bits` has a cleared bit for each possible
 * series and is left so.
 */
export function match(
  postings: ProjectPostings,
  matchers: readonly Matcher[],
  { memory, everything, bits }: { memory: RegexMemory; everything: () => Uint32Array; bits: Uint32Array },
): Uint32Array {
  const conditions = matchers.map((matcher) => conditionOf(postings, matcher, memory)).sort((a, b) => a.size - b.size)
  const narrowing = conditions.filter((condition) => !condition.without)
  if (narrowing.some((condition) => condition.size === 0)) return new Uint32Array(0)
  const first = narrowing[0]
  let refs = first === undefined ? everything() : gather(first)
  for (const condition of conditions) {
    if (condition === first || condition.size === 0) continue
    refs = filter(refs, condition, bits)
    if (refs.length === 0) break
  }
  return refs
}

/** How many values an expression may be tried on while other work waits. */
const fewValues = 2000

/** A bound from counts alone; Infinity where an expression would have to be tried on many values. */
export function countAtMost(postings: ProjectPostings, matchers: readonly Matcher[]): number {
  let least = Number.POSITIVE_INFINITY
  for (const { name: text, op, value } of matchers) {
    const name = postings.names.get(text)
    if (op === '=' && value !== '') {
      const id = name?.idOf(value)
      least = Math.min(least, id === undefined ? 0 : (name?.count(id) ?? 0))
    } else if (name !== undefined && op !== '=' && op !== '!=' && name.size > fewValues) return Number.POSITIVE_INFINITY
  }
  return least
}

function gather({ name, values, size }: Condition): Uint32Array {
  const refs = new Uint32Array(size)
  let at = 0
  for (const id of values) at = name?.copyTo(id, refs, at) ?? at
  return refs
}

/** Steps that finding one series among many takes, about. */
const searchSteps = 16

function filter(refs: Uint32Array, condition: Condition, bits: Uint32Array): Uint32Array {
  const { name, values, without } = condition
  if (name === undefined) return refs
  if (refs.length * values.length * searchSteps < condition.size && values.every((id) => name.isSorted(id)))
    return refs.filter((ref) => values.some((id) => name.includes(id, ref)) !== without)
  for (const id of values) name.mark(id, bits)
  let left = 0
  for (let i = 0; i < refs.length; i++) if (has(bits, refs[i]) !== without) refs[left++] = refs[i]
  for (const id of values) name.unmark(id, bits)
  return refs.subarray(0, left)
}
