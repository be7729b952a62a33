// Called per alert and pass; bench/src/inhibition.ts. Which alerts are muted because another one fires.
import type { Labels } from '@tidewatch/core/labels.ts'
import { matchesLabels } from './matcher.ts'
import type { Fingerprint, InhibitingAlert, Inhibition, InhibitRule } from './port.ts'
import { RuleIndex } from './rule-index.ts'

/** An alert that is a source of at least one rule. */
interface Source {
  readonly fingerprint: Fingerprint
  readonly places: readonly Place[]
  endsAtMs: number | undefined
}

interface Place {
  readonly sources: Map<string, Map<Fingerprint, Source>>
  readonly key: string
}

/** A rule with its sources by the values of `equal`: those that are no targets, and those that fit both sides. */
class RuleState {
  readonly rule: InhibitRule
  readonly place: number
  readonly oneSided = new Map<string, Map<Fingerprint, Source>>()
  readonly twoSided = new Map<string, Map<Fingerprint, Source>>()

  constructor(rule: InhibitRule, place: number) {
    this.rule = rule
    this.place = place
  }

  /** Where an alert that matches the source side is kept. */
  placeOf(labels: Labels): Place {
    const isTarget = matchesLabels(this.rule.targetMatchers, labels)
    return { sources: isTarget ? this.twoSided : this.oneSided, key: equalKey(this.rule.equal, labels) }
  }

  /** A source that mutes a label set which matches the target side. */
  muting(labels: Labels, nowMs: number): Fingerprint | undefined {
    if (this.oneSided.size === 0 && this.twoSided.size === 0) return undefined
    const key = equalKey(this.rule.equal, labels)
    const found = firing(this.oneSided.get(key), nowMs)
    if (found !== undefined) return found
    const both = this.twoSided.get(key)
    // two alerts that fit both sides would mute each other, and nobody would hear of either
    return both === undefined || matchesLabels(this.rule.sourceMatchers, labels) ? undefined : firing(both, nowMs)
  }
}

function firing(sources: ReadonlyMap<Fingerprint, Source> | undefined, nowMs: number): Fingerprint | undefined {
  if (sources === undefined) return undefined
  for (const { fingerprint, endsAtMs } of sources.values())
    if (endsAtMs === undefined || endsAtMs > nowMs) return fingerprint
  return undefined
}

/** The values of the labels, told apart by their lengths. */
function equalKey(names: readonly string[], labels: Labels): string {
  if (names.length === 1) return labels.get(names[0] as string)
  let key = ''
  for (const name of names) {
    const value = labels.get(name)
    key += `${value.length}:${value}`
  }
  return key
}

/** Knows the alerts that are sources of the rules, and answers which others they mute. Kept up to date by `update` and `remove`, never rebuilt. */
export class Inhibitor {
  readonly #states: readonly RuleState[]
  readonly #bySource: RuleIndex<RuleState>
  readonly #byTarget: RuleIndex<RuleState>
  /** Alerts by fingerprint; those that are a source of no rule too, so that their labels are matched once. */
  readonly #known = new Map<Fingerprint, Source>()

  constructor(rules: readonly InhibitRule[]) {
    this.#states = rules.map((rule, place) => new RuleState(rule, place))
    this.#bySource = new RuleIndex(this.#states.map((value) => ({ matchers: value.rule.sourceMatchers, value })))
    this.#byTarget = new RuleIndex(this.#states.map((value) => ({ matchers: value.rule.targetMatchers, value })))
  }

  /** How many alerts it knows. */
  get size(): number {
    return this.#known.size
  }

  /** These are all alerts from now on. */
  set(alerts: Iterable<InhibitingAlert>): void {
    const kept = new Set<Fingerprint>()
    for (const alert of alerts) {
      kept.add(alert.fingerprint)
      this.update(alert)
    }
    if (kept.size === this.#known.size) return
    for (const fingerprint of this.#known.keys()) if (!kept.has(fingerprint)) this.remove(fingerprint)
  }

  /** An alert that is new, goes on, or has ended. The same fingerprint has the same labels. */
  update({ fingerprint, labels, endsAtMs }: InhibitingAlert): void {
    const known = this.#known.get(fingerprint)
    if (known !== undefined) {
      known.endsAtMs = endsAtMs
      return
    }
    const places = this.#bySource.matching(labels).map((state) => state.placeOf(labels))
    const source: Source = { fingerprint, places, endsAtMs }
    this.#known.set(fingerprint, source)
    for (const { sources, key } of places) {
      const bucket = sources.get(key)
      if (bucket === undefined) sources.set(key, new Map([[fingerprint, source]]))
      else bucket.set(fingerprint, source)
    }
  }

  /** Forgets an alert that has ended and was told. */
  remove(fingerprint: Fingerprint): void {
    const source = this.#known.get(fingerprint)
    if (source === undefined) return
    this.#known.delete(fingerprint)
    for (const { sources, key } of source.places) {
      const bucket = sources.get(key)
      bucket?.delete(fingerprint)
      if (bucket?.size === 0) sources.delete(key)
    }
  }

  /** By what a label set is muted now; undefined where it is not. */
  isInhibited(labels: Labels, nowMs: number): Inhibition | undefined {
    const found: { readonly state: RuleState; readonly by: Fingerprint }[] = []
    for (const state of this.#byTarget.matching(labels)) {
      const by = state.muting(labels, nowMs)
      if (by !== undefined) found.push({ state, by })
    }
    if (found.length === 0) return undefined
    found.sort((a, b) => a.state.place - b.state.place)
    return { by: found.map(({ by }) => by), rules: found.map(({ state }) => state.rule) }
  }
}
