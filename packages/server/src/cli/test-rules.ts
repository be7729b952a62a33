import { resolve } from 'node:path'
import { AppError } from '@tidewatch/core/error.ts'
import { matchesSomewhere } from '@tidewatch/core/regexp-search.ts'
import { runTestFile } from '../alerting/unit-tests/run-file.ts'
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
    let hasFailed = false
    for (const name of words) {
      out(`Unit Testing:  ${name}`)
      const path = resolve(name)
      const { failures, warnings } = await runTestFile(path, {
        ...options,
        readYaml: readWrittenYaml,
        run,
        diff: flags.has('diff'),
        signal,
      })
      for (const warning of warnings) err(`  WARNING: ${warning}`)
      if (failures.length === 0) out('  SUCCESS')
      else err(['  FAILED:', ...failures].join('\n'))
      hasFailed ||= failures.length > 0
    }
    return hasFailed ? 1 : 0
  },
}
