import { AppError } from '@tidewatch/core/error.ts'
import { describe, expect, it } from 'vitest'
import { grokEngine } from './engine.ts'
import type { GrokOptions } from './grok-engine.ts'
import { readPatternFile } from './pattern-file.ts'
import { standardPatterns } from './standard-patterns.ts'

const captures = (expression: string, text: string, options?: GrokOptions) => {
  const result = grokEngine.compile([expression], options).match(text)
  return result.outcome === 'match' ? result.captures.map(({ field, value }) => [field, value]) : result.outcome
}

const fault = (expression: string, options?: GrokOptions): AppError => {
  try {
    grokEngine.compile([expression], options)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it compiled')
}

describe('captures', () => {
  it('are named by references and by groups', () => {
    expect(captures('%{WORD:a} (?<b>\\d+) (?<[c][d]>\\w+)', 'x 12 y')).toEqual([
      ['a', 'x'],
      ['b', '12'],
      ['[c][d]', 'y'],
    ])
  })

  it('are converted as Ruby does', () => {
    const convert = (text: string, type: string) => captures(`^%{GREEDYDATA:n:${type}}$`, text)
    expect(convert('42.9ms', 'int')).toEqual([['n', 42]])
    expect(convert('-1_000', 'int')).toEqual([['n', -1000]])
    expect(convert('x', 'int')).toEqual([['n', 0]])
    expect(convert('9007199254740993', 'int')).toEqual([['n', '9007199254740993']])
    expect(convert('1.5e3x', 'float')).toEqual([['n', 1500]])
    expect(convert('7', 'text')).toEqual([['n', '7']])
  })

  it('keep the order of first appearance, and all of a name', () => {
    expect(captures('%{INT:a} %{WORD:b} %{INT:a}', '1 x 2')).toEqual([
      ['a', '1'],
      ['a', '2'],
      ['b', 'x'],
    ])
  })
})

describe('patterns', () => {
  it('are read from files, a later line wins', () => {
    const definitions = readPatternFile('# one\nMINE [a-c]+\r\n\nMINE  [x-z]+ \nWORD \\d+\n')
    expect(definitions.get('MINE')).toBe('[x-z]+ ')
    expect(captures('^%{WORD:w}$', '12', { definitions })).toEqual([['w', '12']])
  })

  it('come in both naming schemes', () => {
    expect(standardPatterns('legacy').size).toBeGreaterThanOrEqual(317)
    expect(standardPatterns('ecs-v1').size).toBeGreaterThanOrEqual(361)
  })

  it('that are not defined are named', () => {
    expect(fault('x %{NOSUCH:y}')).toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining('pattern %{NOSUCH:y} not defined'),
      where: { span: { start: 2, end: 13 } },
      fix: expect.stringContaining('pattern_definitions'),
    })
  })

  it('that stand in themselves are refused', () => {
    const definitions = new Map([
      ['A', '%{B}'],
      ['B', '%{A}'],
    ])
    expect(fault('%{A}', { definitions }).message).toContain('A → B → A')
  })

  it('that grow without an end are refused', () => {
    const definitions = new Map(
      Array.from({ length: 60 }, (_, at) => [`P${at}`, at === 0 ? 'a' : `%{P${at - 1}}%{P${at - 1}}`]),
    )
    expect(fault('%{P59}', { definitions }).message).toContain('characters once its patterns are put in')
  })

  it('with a syntax fault say where', () => {
    expect(fault('ab(%{INT:i}')).toMatchObject({
      message: expect.stringContaining('not closed'),
      where: { span: { start: 2, end: 3 } },
    })
  })
})

describe('a line made to explode', () => {
  const evil = `${'a'.repeat(40)}!`

  it('is given up, and costs less and less', () => {
    const matcher = grokEngine.compile(['(?:a+)+$'], { maxSteps: 64_000 })
    for (let line = 0; line < 20; line++) expect(matcher.match(evil)).toEqual({ outcome: 'exhausted', expression: 0 })
    // an honest line still has its thousand steps, and gets back to all of them
    for (let line = 0; line < 10; line++) expect(matcher.match('aaaa').outcome).toBe('match')
  })

  it('stops the expressions behind it only where one match is wanted', () => {
    const matcher = grokEngine.compile(['(?:a+)+$', '!'], { maxSteps: 10_000 })
    expect(matcher.match(evil).outcome).toBe('exhausted')
    expect(matcher.matchEach(evil).map(({ outcome }) => outcome)).toEqual(['exhausted', 'match'])
  })

  it('cannot be made of the standard patterns with the usual budget', () => {
    const matcher = grokEngine.compile(['%{COMBINEDAPACHELOG}', '%{SYSLOGLINE}', '%{QUOTEDSTRING}', '%{URI}'])
    const texts = ['"'.repeat(2000), '1.'.repeat(2000), '\\"'.repeat(2000), 'a:'.repeat(2000), '/'.repeat(4000)]
    for (const text of texts) expect(matcher.match(text).outcome).toMatch(/match|exhausted/)
  })
})
