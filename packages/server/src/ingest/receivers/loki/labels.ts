// Labels of streams, as text or as JSON has them, under limits and in Loki's words where they are none.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { parseMetricSelector } from '@tidewatch/promql/parse.ts'

/** Those of names and values are Loki's defaults, in characters; it takes fewer labels. */
const limits = { labels: 64, name: 1024, value: 2048, text: 1 << 18 } as const
const labelPattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** Labels in the form `{app="shop", env="prod"}`. Throws `ingest.bad_label`, `ingest.too_many_labels` and `ingest.label_too_long`. */
export function readLabelText(text: string): ReadonlyMap<string, string> {
  if (text.length > limits.text) {
    const shown = quoteValue(text, 100)
    throw new AppError(
      'ingest.label_too_long',
      `the labels ${shown} have ${text.length} characters, limit ${limits.text}`,
    )
  }
  let pairs: readonly (readonly [string, string])[]
  try {
    if (!text.trimStart().startsWith('{')) throw new AppError('ingest.bad_label', 'it has no {')
    pairs = parseMetricSelector(text).map(({ name, op, value }) => {
      if (op === '=') return [name, value]
      throw new AppError('ingest.bad_label', `${name}${op}: labels have "=" only`)
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new AppError('ingest.bad_label', `Error parsing labels ${quoteValue(text, 200)} with error: ${reason}`, {
      fix: 'Send labels such as {app="shop", env="prod"}.',
    })
  }
  return checked(pairs, text)
}

/** The same for what came as pairs. Labels of no value are none. */
export function readLabelPairs(pairs: Iterable<readonly [string, string]>): ReadonlyMap<string, string> {
  const all = [...pairs]
  return checked(all, JSON.stringify(Object.fromEntries(all.slice(0, limits.labels))))
}

function checked(pairs: readonly (readonly [string, string])[], text: string): ReadonlyMap<string, string> {
  const stream = quoteValue(text, 200)
  if (pairs.length > limits.labels) {
    const message = `entry for stream ${stream} has ${pairs.length} label names; limit ${limits.labels}`
    throw new AppError('ingest.too_many_labels', message, { fix: 'Send what differs by line as structured metadata.' })
  }
  const labels = new Map<string, string>()
  for (const [name, value] of pairs) {
    if (name.length > limits.name)
      throw tooLong(`stream ${stream} has label name too long: ${quoteValue(name, 100)}`, limits.name)
    if (!labelPattern.test(name))
      throw new AppError('ingest.bad_label', `stream ${stream} has an invalid label name: ${quoteValue(name, 100)}`, {
        fix: 'Make names of letters, digits and underscores.',
      })
    if (value.length > limits.value)
      throw tooLong(`stream ${stream} has label value too long: ${name}=${quoteValue(value, 100)}`, limits.value)
    if (labels.has(name))
      throw new AppError('ingest.bad_label', `stream ${stream} has duplicate label name: ${quoteValue(name, 100)}`)
    if (value !== '') labels.set(name, value)
  }
  if (labels.size > 0) return labels
  throw new AppError('ingest.bad_label', `error at least one label pair is required per stream: ${stream}`, {
    fix: 'Give the stream a label, such as {app="shop"}.',
  })
}

const tooLong = (message: string, limit: number): AppError =>
  new AppError('ingest.label_too_long', message, { fix: `Shorten it to ${limit} characters.` })
