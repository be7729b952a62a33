import { resolve } from 'node:path'
import { AppError, formatProblem } from '@tidewatch/core/error.ts'
import { formatDurationMs, parseDurationMs } from '@tidewatch/core/time.ts'
import { checkRuleFile } from '../alerting/rules/check-file.ts'
import { type Configuration, readConfiguration } from '../app/configuration.ts'
import { readWrittenYaml } from '../config/yaml.ts'
import { duplicateTexts } from './check-rules.ts'
import type { Command, CommandCall } from './command.ts'
import { lintChecks, lintExit, lintFatalFlag } from './lint-options.ts'

const lintNames = ['duplicate-rules', 'too-long-scrape-interval'] as const

export const check: Command = {
  name: 'check',
  summary: 'Check a configuration without starting anything',
  usage: 'FILE|DIR',
  flags: [
    { name: 'agent', argument: undefined, help: "judge prometheus.yml as a file for Prometheus's agent mode" },
    { name: 'syntax-only', argument: undefined, help: 'leave out the rule files that prometheus.yml names' },
    { name: 'ignore-unknown-fields', argument: undefined, help: 'pass over keys of rule files that nobody knows' },
    { name: 'lint', argument: 'NAMES', help: `all, none, ${lintNames.join(', ')}`, fallback: 'all' },
    lintFatalFlag,
    {
      name: 'query.lookback-delta',
      argument: 'DURATION',
      help: 'what is longer between two scrapes is a gap',
      fallback: '5m',
    },
  ],
  async run(call) {
    const { words, flags, env, out, err } = call
    if (words.length !== 1)
      throw new AppError('config.invalid', 'name one file or directory.', { fix: 'tidewatch check ./monitoring' })
    const lint = lintChecks(flags.get('lint') ?? 'all', lintNames)
    const lookbackMs = lookback(call)
    const ignoreUnknownFields = flags.has('ignore-unknown-fields')
    const read = readConfiguration(resolve(words[0] as string), env, {
      ...{ agent: flags.has('agent'), withoutRules: flags.has('syntax-only'), ignoreUnknownFields },
    })
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
    const complaints = [
      ...(lint.has('duplicate-rules') ? repeatedRules(read.value, ignoreUnknownFields) : []),
      ...(lint.has('too-long-scrape-interval') ? rareScrapes(read.value, lookbackMs) : []),
    ]
    for (const complaint of complaints) err(`lint   ${complaint}`)
    const groups = rules.flatMap((file) => file.rules)
    const count = groups.reduce((sum, group) => sum + group.rules.length, 0)
    out(`fine   ${prometheus.scrape_configs.length} scrape configurations, ${count} rules in ${groups.length} groups`)
    return complaints.length > 0 && flags.has('lint-fatal') ? lintExit : 0
  },
}

function lookback({ flags }: CommandCall): number {
  const text = flags.get('query.lookback-delta') ?? '5m'
  const ms = parseDurationMs(text)
  if (ms !== undefined && ms > 0) return ms
  throw new AppError('config.invalid', '--query.lookback-delta is not a duration.', { fix: 'Write a unit: 5m.' })
}

function repeatedRules({ rules }: Configuration, ignoreUnknownFields: boolean): string[] {
  const options = { prometheus: false, ignoreUnknownFields, judge: () => undefined }
  return rules.flatMap(({ file }) =>
    duplicateTexts(checkRuleFile(file, readWrittenYaml, options).duplicates).map((text) => `${file.name}: ${text}`),
  )
}

/** Between two of their samples a query finds nothing. */
function rareScrapes({ prometheus: { global, scrape_configs: jobs } }: Configuration, lookbackMs: number): string[] {
  return jobs.flatMap((job) => {
    const intervalMs = job.scrape_interval ?? global.scrape_interval
    if (intervalMs < lookbackMs) return []
    return [
      `job ${JSON.stringify(job.job_name)} is scraped every ${formatDurationMs(intervalMs)}, and queries look back ${formatDurationMs(lookbackMs)}: its series will have gaps.`,
    ]
  })
}
