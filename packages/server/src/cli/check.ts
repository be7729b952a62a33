import { resolve } from 'node:path'
import { AppError, formatProblem } from '@tidewatch/core/error.ts'
import { readConfiguration } from '../app/configuration.ts'
import type { Command } from './command.ts'

export const check: Command = {
  name: 'check',
  summary: 'Check a configuration without starting anything',
  usage: 'FILE|DIR',
  flags: [{ name: 'agent', argument: undefined, help: "judge prometheus.yml as a file for Prometheus's agent mode" }],
  async run({ words, flags, env, out, err }) {
    if (words.length !== 1)
      throw new AppError('config.invalid', 'name one file or directory.', { fix: 'tidewatch check ./monitoring' })
    const read = readConfiguration(resolve(words[0] as string), env, { agent: flags.has('agent') })
    if (!read.ok) {
      for (const problem of read.problems) err(formatProblem(problem))
      err(
        `${read.problems.length} ${read.problems.length === 1 ? 'problem' : 'problems'}: nothing of this would be started.`,
      )
      return 1
    }
    const { files, notices, prometheus, rules } = read.value
    for (const file of files) out(`read   ${file.name}`)
    for (const notice of notices) out(`note   ${notice}`)
    const groups = rules.flatMap((file) => file.rules)
    const count = groups.reduce((sum, group) => sum + group.rules.length, 0)
    out(`fine   ${prometheus.scrape_configs.length} scrape configurations, ${count} rules in ${groups.length} groups`)
    return 0
  },
}
