import { RE2JS } from 're2js'

/** Whether a whole label value matches. */
export type ValueTest = (value: string) => boolean

const literal = /^[\w/ :@%&,;<>=~`'"!#-]*$/

/**
 * A fully anchored RE2 expression as Prometheus has it (`.` matches newline too). Literals and alternations of literals are
 * compared without the engine. Throws re2js's error with Go's message for a bad expression.
 */
export function compileLabelRegex(pattern: string): ValueTest {
  const choices = pattern.split('|')
  if (choices.every((choice) => literal.test(choice))) {
    if (choices.length === 1) return (value) => value === pattern
    const set = new Set(choices)
    return (value) => set.has(value)
  }
  if (pattern === '.*') return () => true
  if (pattern === '.+') return (value) => value !== ''
  const compiled = RE2JS.compile(`^(?s:${pattern})$`)
  return (value) => compiled.matches(value)
}
