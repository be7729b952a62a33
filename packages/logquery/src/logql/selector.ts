// Which streams a selector takes.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { StreamMatcher } from './ast.ts'
import { compileValueTest } from './label-filter.ts'

export type StreamTest = (stream: Labels) => boolean

/** A label that a stream does not have counts as ''. Answers are remembered by the labels' object. Throws `query.parse` for a bad expression. */
export function compileSelector(matchers: readonly StreamMatcher[]): StreamTest {
  const tests = matchers.map(({ name, op, value, span }) => ({ name, test: compileValueTest(op, value, span) }))
  const known = new WeakMap<Labels, boolean>()
  return (stream) => {
    let fits = known.get(stream)
    if (fits === undefined) {
      fits = tests.every(({ name, test }) => test(stream.get(name)))
      known.set(stream, fits)
    }
    return fits
  }
}

/** Whether the matcher takes streams without the label. */
export const takesEmpty = ({ op, value, span }: StreamMatcher): boolean => compileValueTest(op, value, span)('')
