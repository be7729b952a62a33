// What rules found in one span of the past, kept small until all of them are through it: then it goes on in order of time.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { ActiveAlert } from '../rules/lifecycle.ts'
import type { ToldAlert } from '../rules/rule-alert.ts'
import type { AlertingRule } from '../rules/rule-file.ts'
import { NumberRows } from './number-rows.ts'

/** In ms; NaN where there is no such time. */
const column = { atMs: 0, activeAtMs: 1, firedAtMs: 2, resolvedAtMs: 3 } as const

const noAnnotations: ActiveAlert['annotations'] = {}

/** Alerts that begin to fire or end; there may be some 100,000 of them in a span. */
export class Changes {
  readonly #times = new NumberRows(4)
  readonly #labels: Labels[] = []
  readonly #annotations: ActiveAlert['annotations'][] = []
  readonly #rules: AlertingRule[] = []

  add(
    { labels, annotations, activeAtMs, firedAtMs, resolvedAtMs }: ActiveAlert,
    atMs: number,
    rule: AlertingRule,
  ): void {
    this.#times.add([atMs, activeAtMs, firedAtMs ?? Number.NaN, resolvedAtMs ?? Number.NaN])
    this.#labels.push(labels)
    this.#annotations.push(Object.keys(annotations).length === 0 ? noAnnotations : annotations)
    this.#rules.push(rule)
  }

  /** Numbers of changes in order of time. */
  inOrder(): Uint32Array {
    return this.#times.order(column.atMs)
  }

  atMs(change: number): number {
    return this.#times.at(change, column.atMs)
  }

  rule(change: number): AlertingRule {
    return this.#rules[change] as AlertingRule
  }

  alert(change: number): ToldAlert {
    return {
      labels: this.#labels[change] as Labels,
      annotations: this.#annotations[change] as ActiveAlert['annotations'],
      activeAtMs: this.#times.at(change, column.activeAtMs),
      firedAtMs: this.#times.known(change, column.firedAtMs),
      resolvedAtMs: this.#times.known(change, column.resolvedAtMs),
    }
  }
}
