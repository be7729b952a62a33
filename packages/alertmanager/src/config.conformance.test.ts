// The verdict of `amtool check-config` 0.33.1 on each file. Wordings are ours.
import { describe, expect, test } from 'vitest'
import { readAlertmanagerConfig } from './config.ts'
import { directory, hasCases, readTable, readText } from './testing/conformance.ts'

interface Verdict {
  readonly accepted: boolean
  readonly message?: string
  readonly found?: readonly string[]
}
interface FileCase extends Verdict {
  readonly file: string
  readonly classicMode?: Verdict
}

test('the conformance cases are there', ({ skip }) => {
  skip(!hasCases && process.env.CI !== 'true', `no conformance cases in ${directory}; set CONFORMANCE_DIR`)
  expect(hasCases).toBe(true)
})

describe.runIf(hasCases)('configuration files', () => {
  const { files } = hasCases
    ? readTable<{ readonly files: readonly FileCase[] }>('config/expected.json')
    : { files: [] }

  test('there are at least as many as there were', () => expect(files.length).toBeGreaterThanOrEqual(123))

  test.each(files.map((file) => [file.file, file] as const))('%s', (name, expected) => {
    const text = readText(name)
    judge(text, expected, 'fallback')
    judge(text, expected.classicMode ?? expected, 'classic')
  })
})

function judge(text: string, expected: Verdict, mode: 'fallback' | 'classic'): void {
  const read = readAlertmanagerConfig({ name: 'alertmanager.yml', text }, { mode })
  expect(read.ok ? [] : read.problems.map(({ message }) => message)).toEqual(
    expected.accepted ? [] : expect.arrayContaining([expect.any(String)]),
  )
  if (!read.ok) {
    for (const { where } of read.problems) expect(where.line).toBeGreaterThanOrEqual(1)
    // where amtool tells a line, one of ours is there too
    const line = /^\s*line (\d+): /m.exec(expected.message ?? '')?.[1]
    if (line !== undefined) expect(read.problems.map(({ where }) => where.line)).toContain(Number(line))
    return
  }
  const { inhibitRules, receivers, templates } = read.config
  expect([
    'global config',
    'route',
    `${inhibitRules.length} inhibit rules`,
    `${receivers.size} receivers`,
    `${templates.length} templates`,
  ]).toEqual(expected.found)
}
