// `| unwrap bytes(size)`: a label's value as the sample's.
import type { Unwrap } from './ast.ts'
import type { LineLabels } from './line-labels.ts'
import { parseDurationNs, parseFloatText, parseSize } from './units.ts'

const seconds = (text: string): number | undefined => {
  const ns = parseDurationNs(text)
  return ns === undefined ? undefined : ns / 1e9
}

const readers = { number: parseFloatText, bytes: parseSize, duration: seconds }

/** The value (durations in seconds); undefined without the label; 0 and an error for what cannot be read. */
export function compileUnwrap({ name, conversion }: Unwrap): (labels: LineLabels) => number | undefined {
  const read = readers[conversion]
  return (labels) => {
    const text = labels.get(name)
    if (text === undefined || text === '') return undefined
    const value = read(text)
    if (value === undefined) {
      labels.fail(
        'SampleExtractionErr',
        `${JSON.stringify(text.slice(0, 80))} is no ${conversion === 'bytes' ? 'size' : conversion}`,
      )
    }
    return value ?? 0
  }
}
