// Real queries: those of Prometheus's own engine tests and 1,141 alert expressions that people published, with how Prometheus 3.5.3 formats them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from './parse.ts'
import { format, print } from './print.ts'

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const conformance = process.env.CONFORMANCE_DIR ?? join(repository, '../shared/conformance')
const hasCases = existsSync(conformance)

/** The queries of promqltest scripts: what follows `eval` and its times. */
function evaluatedQueries(directory: string): readonly string[] {
  const command = /^eval(?:_\w+)?\s+(?:instant\s+at\s+\S+|range\s+from\s+\S+\s+to\s+\S+\s+step\s+\S+)\s+(?<query>.+)$/
  return readdirSync(directory)
    .filter((name) => name.endsWith('.test'))
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n'))
    .flatMap((line) => command.exec(line.trim())?.groups?.query ?? [])
}

interface WildRule {
  readonly expr: string
  readonly formatted: string
}

function isWildRule(value: unknown): value is WildRule {
  return typeof value === 'object' && value !== null && 'expr' in value && 'formatted' in value
}

function wildRules(file: string): readonly WildRule[] {
  const data: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const rules = typeof data === 'object' && data !== null && 'rules' in data ? data.rules : undefined
  return Array.isArray(rules) ? rules.filter(isWildRule) : []
}

/** The queries that are not accepted, with why. */
function refusals(queries: readonly string[]): readonly string[] {
  return queries.flatMap((query) => {
    try {
      parse(query)
      return []
    } catch (error) {
      return [`${query}: ${error}`]
    }
  })
}

test('the conformance cases are there', ({ skip }) => {
  skip(!hasCases && process.env.CI !== 'true', `no conformance cases in ${conformance}; set CONFORMANCE_DIR`)
  expect(hasCases).toBe(true)
})

describe.runIf(hasCases)('real queries', () => {
  test('every query of the engine tests parses; those that must fail do so at evaluation', () => {
    const queries = evaluatedQueries(join(conformance, 'promqltest/tests'))
    expect(queries.length).toBe(1479)
    expect(refusals(queries)).toEqual([])
  })

  test('every rule from the wild parses and is formatted as Prometheus does', () => {
    const rules = wildRules(join(conformance, 'dashboards/rules-in-the-wild.json'))
    expect(rules.length).toBe(1141)
    expect(rules.filter((rule) => format(parse(rule.expr)) !== rule.formatted)).toEqual([])
  })

  test('what is printed is the same query', () => {
    const rules = wildRules(join(conformance, 'dashboards/rules-in-the-wild.json'))
    const queries = [...evaluatedQueries(join(conformance, 'promqltest/tests')), ...rules.map((rule) => rule.expr)]
    const changed = queries.filter((query) => print(parse(print(parse(query)))) !== print(parse(query)))
    expect(changed).toEqual([])
  })
})
