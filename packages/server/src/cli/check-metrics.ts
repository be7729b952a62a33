import { AppError } from '@tidewatch/core/error.ts'
import { checkPage } from '../features/metrics-lint/check-page.ts'
import type { Command } from './command.ts'
import { readStandardInput } from './input-text.ts'
import { lintChecks } from './lint-options.ts'

export const checkMetrics: Command = {
  name: 'check metrics',
  summary: 'Check a metrics page, from standard input, for mistakes and odd names',
  usage: '< FILE',
  flags: [
    { name: 'extended', argument: undefined, help: 'also how many series each metric makes' },
    { name: 'lint', argument: 'all|none', help: 'whether names are looked at', fallback: 'all' },
  ],
  async run({ words, flags, out, err }) {
    if (words.length > 0)
      throw new AppError('config.invalid', 'the page comes from standard input.', {
        fix: 'curl -s http://localhost:8080/metrics | tidewatch check metrics',
      })
    const lint = lintChecks(flags.get('lint') ?? 'all', ['names']).size > 0
    const { exitCode, lines, table } = checkPage(await readStandardInput(), { lint, extended: flags.has('extended') })
    for (const line of lines) err(line)
    for (const line of table) out(line)
    return exitCode
  },
}
