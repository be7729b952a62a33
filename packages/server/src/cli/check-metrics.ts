import { AppError } from '@tidewatch/core/error.ts'
import { checkPage } from '../features/metrics-lint/check-page.ts'
import type { Command } from './command.ts'
import { readStandardInput } from './standard-input.ts'

export const checkMetrics: Command = {
  name: 'check metrics',
  summary: 'Check a metrics page, from standard input, for mistakes and odd names',
  usage: '< FILE',
  flags: [],
  async run({ words, err }) {
    if (words.length > 0)
      throw new AppError('config.invalid', 'the page comes from standard input.', {
        fix: 'curl -s http://localhost:8080/metrics | tidewatch check metrics',
      })
    const { exitCode, lines } = checkPage(await readStandardInput())
    for (const line of lines) err(line)
    return exitCode
  },
}
