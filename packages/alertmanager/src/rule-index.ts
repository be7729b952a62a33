// Called per alert and pass; bench/src/inhibition.ts. Finds the rules that may match a label set without asking each.
import type { Labels } from '@tidewatch/core/labels.ts'
import { literalChoices } from '@tidewatch/core/regexp.ts'
import { matchesLabels } from './matcher.ts'
import type { LabelMatcher } from './port.ts'

interface Indexed<T> {
  readonly matchers: readonly LabelMatcher[]
  readonly value: T
}

/**
 * Sets of matchers by the one label and values that each asks for most selectively (`severity="critical"`, `alertname=~"A|B"`). Those that ask for
 * none so are tried always.
 */
export class RuleIndex<T> {
  readonly #always: Indexed<T>[] = []
  readonly #byName = new Map<string, Map<string, Indexed<T>[]>>()

  constructor(rules: readonly Indexed<T>[]) {
    const uses = new Map<string, number>()
    for (const { matchers } of rules)
      for (const matcher of matchers)
        for (const value of wantedValues(matcher))
          uses.set(pair(matcher, value), (uses.get(pair(matcher, value)) ?? 0) + 1)
    const cost = (matcher: LabelMatcher): number =>
      Math.max(...wantedValues(matcher).map((value) => uses.get(pair(matcher, value)) ?? 0))
    for (const rule of rules) {
      const candidates = rule.matchers.filter((matcher) => wantedValues(matcher).length > 0)
      const best = candidates.sort((a, b) => cost(a) - cost(b))[0]
      if (best === undefined) this.#always.push(rule)
      else for (const value of new Set(wantedValues(best))) this.#bucket(best.name, value).push(rule)
    }
  }

  #bucket(name: string, value: string): Indexed<T>[] {
    const values = this.#byName.get(name) ?? new Map<string, Indexed<T>[]>()
    this.#byName.set(name, values)
    const bucket = values.get(value) ?? []
    values.set(value, bucket)
    return bucket
  }

  /** What the sets that match were given with; in no order. */
  matching(labels: Labels): T[] {
    const found: T[] = []
    take(this.#always, labels, found)
    for (const [name, values] of this.#byName) {
      const value = labels.get(name)
      const bucket = value === '' ? undefined : values.get(value)
      if (bucket !== undefined) take(bucket, labels, found)
    }
    return found
  }
}

function take<T>(rules: readonly Indexed<T>[], labels: Labels, found: T[]): void {
  for (const rule of rules) if (matchesLabels(rule.matchers, labels)) found.push(rule.value)
}

/** The values of which a label must have one; none where that cannot be told or where it may be missing. */
function wantedValues({ op, value }: LabelMatcher): readonly string[] {
  const values = op === '=' ? [value] : op === '=~' ? (literalChoices(value) ?? []) : []
  return values.includes('') ? [] : values
}

const pair = ({ name }: LabelMatcher, value: string): string => `${name}\u0000${value}`
