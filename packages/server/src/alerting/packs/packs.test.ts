// Each pack passes `check rules`, and each of its rules fires and is quiet as its promtool-format test in cases/ says.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readWrittenYaml } from '../../config/yaml.ts'
import { checkRuleFile } from '../rules/check-file.ts'
import { runTestFile } from '../rules/unit-tests/run-file.ts'
import { packFile, packGroups, packText, parametersOf } from './pack.ts'
import { packNamed } from './pack-book.ts'
import { rulePacks } from './registry.ts'

const cases = join(import.meta.dirname, 'cases')
let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tidewatch-packs-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

test('every file of a pack is in the registry, and has a test', () => {
  const parts = ['pack', 'pack-book', 'registry', 'routes', 'state']
  const files = readdirSync(import.meta.dirname).filter(
    (file) => file.endsWith('.ts') && !/\.(test|suite)\./.test(file),
  )
  const names = files.map((file) => file.slice(0, -3)).filter((name) => !parts.includes(name))
  expect(names.sort()).toEqual(rulePacks.map(({ name }) => name))
  expect(readdirSync(cases).sort()).toEqual(names.map((name) => `${name}.yml`))
})

describe.each(rulePacks)('$name', (pack) => {
  test('passes check rules', () => {
    const text = packText(pack, {})
    expect(text).not.toContain('<<')
    const verdict = checkRuleFile({ name: packFile(pack), path: packFile(pack), text }, readWrittenYaml, {})
    expect(verdict).toMatchObject({ problems: [], duplicates: [] })
    expect(verdict.rules).toBeGreaterThan(0)
  })

  test('fires and is quiet', async () => {
    writeFileSync(join(dir, 'rules.yml'), packText(pack, {}))
    const tests = readFileSync(join(cases, `${pack.name}.yml`), 'utf8')
    for (const { name } of packGroups(pack, {}, readWrittenYaml).flatMap(({ rules }) => rules))
      expect(tests).toContain(`alertname: ${name}`)
    writeFileSync(join(dir, 'tests.yml'), tests)
    const { signal } = new AbortController()
    const result = await runTestFile(join(dir, 'tests.yml'), {
      ...{ readYaml: readWrittenYaml, judge: () => undefined, prometheus: false, ignoreUnknownFields: false },
      ...{ run: [], diff: false, signal },
    })
    expect(result.failures).toEqual([])
    expect(result.cases.length).toBeGreaterThan(0)
  })
})

test('refuses parameters that would not be what they are for', () => {
  const http = packNamed('http')
  expect(() => parametersOf(http, { requests: 'a b' })).toThrow('"a b" is not a name of a metric.')
  expect(() => parametersOf(http, { selector: 'job="a"} or vector(1' })).toThrow('is not matchers without braces')
  expect(() => parametersOf(http, { error_share: 'much' })).toThrow('is not a number')
  expect(() => parametersOf(http, { nothing: '1' })).toThrow('has no parameter "nothing"')
  expect(() => packNamed('none')).toThrow('there is no pack "none"')
})

test('a parameter is where its name stands', () => {
  const [group] = packGroups(packNamed('oracle'), { errors: 'failed', selector: 'job="x"' }, readWrittenYaml)
  expect(group?.rules[0]?.expr).toBe('sum by (job) (rate(failed{job="x"}[5m])) > 0.1')
})
