import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { grokEngine } from './engine.ts'
import { readPatternFile } from './pattern-file.ts'
import { standardPatterns } from './standard-patterns.ts'
import { type FilterOptions, grokFilter, type Json } from './testing/grok-filter.ts'

// The cases of the grok kit against the engine, with the filter's settings around it as Logstash has them.

const kit = `${process.env.CONFORMANCE_DIR ?? fileURLToPath(new URL('../../../../shared/conformance', import.meta.url))}/grok`

interface Case {
  readonly id: string
  readonly patterns: 'legacy' | 'ecs-v1'
  readonly match: string | readonly string[]
  readonly options: FilterOptions
  readonly input: Json
  readonly matched: boolean
  readonly event: Json
  readonly logstash_event?: Json
  readonly config_error?: string
}

if (!existsSync(kit)) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
const cases: Case[] = JSON.parse(readFileSync(`${kit}/cases.json`, 'utf8'))

describe('grok conformance', () => {
  it('has all cases', () => expect(cases.length).toBeGreaterThanOrEqual(591))

  it.each(cases)('$id $patterns $match', (one) => {
    const expressions = [one.match].flat()
    if (one.config_error !== undefined) {
      expect(() =>
        grokFilter(grokEngine, expressions, { set: one.patterns, options: one.options, input: one.input }),
      ).toThrow()
      return
    }
    const { event, matched } = grokFilter(grokEngine, expressions, {
      set: one.patterns,
      options: one.options,
      input: one.input,
    })
    expect(matched).toBe(one.matched)
    // what is below @metadata never leaves Logstash with the event
    const { '@metadata': _metadata, ...shown } = event
    expect([one.event, one.logstash_event ?? one.event]).toContainEqual(shown)
  })

  it.each(['legacy', 'ecs-v1'] as const)('has the standard patterns as they are published: %s', (set) => {
    const files = readdirSync(`${kit}/patterns/${set}`).sort()
    const texts = files.map((file) => readFileSync(`${kit}/patterns/${set}/${file}`, 'utf8'))
    expect([...standardPatterns(set)]).toEqual([...readPatternFile(texts.join('\n'))])
  })

  it.each(['legacy', 'ecs-v1'] as const)('compiles every pattern of %s', (set) => {
    for (const name of standardPatterns(set).keys())
      expect(() => grokEngine.compile([`%{${name}}`], { patterns: set }), name).not.toThrow()
  })
})
