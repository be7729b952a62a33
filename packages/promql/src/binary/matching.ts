// Which series of two vectors belong together, and what their result is called.
import { type Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import type { BinaryOp, VectorMatching } from '../ast.ts'
import { goQuote } from '../quote.ts'
import { isArithmetic } from './cells.ts'

/** Labels that tell what a metric is; arithmetic makes them untrue. */
export const metadataLabels: ReadonlySet<string> = new Set([metricNameLabel, '__type__', '__unit__'])

/** A text that is equal for series that match. */
export function signatureFunction(matching: VectorMatching): (labels: Labels) => string {
  if (matching.on) {
    const names = [...new Set(matching.labels)]
    return (labels) => {
      let signature = ''
      for (const name of names) signature += `${labels.get(name)}\u0000`
      return signature
    }
  }
  const ignored = new Set([...matching.labels, metricNameLabel])
  return (labels) => labels.without(ignored).key()
}

/** The labels by which a series was matched. */
export function matchedLabels(labels: Labels, matching: VectorMatching): Labels {
  const names = new Set(matching.labels)
  return matching.on ? labels.only(names) : labels.without(names.add(metricNameLabel))
}

/** The result's labels from those of the "many" side and the "one" side. */
export function resultLabels(many: Labels, one: Labels, op: BinaryOp, matching: VectorMatching): Labels {
  let labels = isArithmetic(op) ? many.without(metadataLabels) : many
  if (matching.card === 'one-to-one') {
    const names = new Set(matching.labels)
    labels = matching.on ? labels.only(names) : labels.without(names)
  }
  for (const name of matching.include) labels = labels.with(name, one.get(name))
  return labels
}

/** As Go prints label sets: the name among the others. */
export function bracedLabels(labels: Labels): string {
  return `{${[...labels.entries()].map(([name, value]) => `${name}=${goQuote(value)}`).join(', ')}}`
}
