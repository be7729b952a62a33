import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { AppError } from '@tidewatch/core/error.ts'
import { matchesSomewhere } from '@tidewatch/core/regexp-search.ts'
import { junitXml, type Suite } from '../alerting/rules/unit-tests/junit.ts'
import { runTestFile } from '../alerting/rules/unit-tests/run-file.ts'
import { readWrittenYaml } from '../config/yaml.ts'
import { allValues, type Command } from './command.ts'
import { ruleFlags, ruleOptions } from './rule-options.ts'

export const testRules: Command = {
  name: 'test rules',
  summary: 'Run unit tests of rules, in the files that promtool takes',
  usage: 'FILE...',
  flags: [
    { name: 'run', argument: 'REGEX', help: 'only test groups with such a name; may be repeated' },
    { name: 'diff', argument: undefined, help: 'show what differs line by line' },
    {
      name: 'debug',
      argument: undefined,
      help: 'tell what each group of tests does, and show all its series at the end',
    },
    { name: 'junit', argument: 'FILE', help: 'also write the results as JUnit XML' },
    ...ruleFlags,
  ],
  async run(call) {
    const { words, flags, rawArgs, out, err } = call
    if (words.length === 0)
      throw new AppError('config.invalid', 'name at least one file with tests.', {
        fix: 'tidewatch test rules rules_test.yml',
      })
    const options = ruleOptions(call)
    const run = allValues(rawArgs, 'run').map((pattern) => (name: string) => matchesSomewhere(pattern, name))
    // a pattern that is none is told before anything runs
    for (const matches of run) matches('')
    const signal = new AbortController().signal
    const suites: Suite[] = []
    const junit = flags.get('junit')
    let hasFailed = false
    for (const name of words) {
      out(`Unit Testing:  ${name}`)
      const path = resolve(name)
      const atMs = Date.now()
      const { failures, warnings, cases } = await runTestFile(path, {
        ...options,
        readYaml: readWrittenYaml,
        run,
        diff: flags.has('diff'),
        debug: flags.has('debug') ? (line) => err(`DEBUG: ${line}`) : undefined,
        signal,
      })
      for (const warning of warnings) err(`  WARNING: ${warning}`)
      if (failures.length === 0) out('  SUCCESS')
      else err(['  FAILED:', ...failures].join('\n'))
      const broken = cases.length === 0 && failures.length > 0
      suites.push({
        ...{ name, atMs },
        cases: broken ? [{ name: 'abort', failures: [], error: failures.join('\n') }] : cases,
      })
      hasFailed ||= failures.length > 0
    }
    if (junit !== undefined) writeResults(junit, suites)
    return hasFailed ? 1 : 0
  },
}

function writeResults(path: string, suites: readonly Suite[]): void {
  try {
    writeFileSync(path, junitXml(suites))
  } catch (cause) {
    throw new AppError('config.invalid', `the results cannot be written to ${path}: ${(cause as Error).message}`, {
      where: { key: '--junit' },
      cause,
    })
  }
}
