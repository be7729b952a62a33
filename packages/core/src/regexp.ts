import { RE2JS } from 're2js'

/** Whether a whole label value matches. */
export type ValueTest = (value: string) => boolean

const literal = /^[\w/ :@%&,;<>=~`'"!#-]*$/

/**
 * A fully anchored RE2 expression as Prometheus has it (`.` matches newline too). Literals and alternations of literals are
 * compared without the engine. Throws re2js's error with Go's message for a bad expression.
 */
export function compileLabelRegex(pattern: string): ValueTest {
  const literals = literalTest(pattern)
  if (literals !== undefined) return literals
  if (pattern === '.*') return () => true
  if (pattern === '.+') return (value) => value !== ''
  const compiled = RE2JS.compile(`^(?s:${pattern})$`)
  return (value) => compiled.matches(value)
}

/**
 * The same as Alertmanager has it: `.` does not match a newline, and the anchors bind no closer than an alternative that closes the group around
 * the pattern (`a)|(b`).
 */
export function compileAlertRegex(pattern: string): ValueTest {
  const literals = literalTest(pattern)
  if (literals !== undefined) return literals
  if (pattern === '.*') return (value) => !value.includes('\n')
  if (pattern === '.+') return (value) => value !== '' && !value.includes('\n')
  const compiled = RE2JS.compile(`^(?:${pattern})$`)
  return (value) => compiled.test(value)
}

/** The texts that a pattern without any sign of expressions stands for (`a|b`); undefined where it needs an engine. */
export function literalChoices(pattern: string): readonly string[] | undefined {
  const choices = pattern.split('|')
  return choices.every((choice) => literal.test(choice)) ? choices : undefined
}

function literalTest(pattern: string): ValueTest | undefined {
  const choices = literalChoices(pattern)
  if (choices === undefined) return undefined
  if (choices.length === 1) return (value) => value === pattern
  const set = new Set(choices)
  return (value) => set.has(value)
}
