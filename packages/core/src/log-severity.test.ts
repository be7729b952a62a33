import { describe, expect, it } from 'vitest'
import {
  type SeverityScheme,
  severityOfLevel,
  severityOfNumber,
  severityOfWord,
  severityWord,
  syslogSeverityNames,
} from './log-severity.ts'

const words: Readonly<Record<string, string>> = {
  'winston npm': 'error=error warn=warn info=info http=debug verbose=debug debug=debug silly=debug',
  syslog: 'emerg=fatal alert=fatal crit=fatal err=error warning=warn notice=info info=info debug=debug',
  python: 'DEBUG=debug INFO=info WARNING=warn ERROR=error CRITICAL=fatal',
  log4j: 'TRACE=debug DEBUG=debug INFO=info WARN=warn ERROR=error FATAL=fatal',
  nestjs: 'verbose=debug debug=debug log=info warn=warn error=error fatal=fatal',
  'java.util.logging': 'SEVERE=error WARNING=warn INFO=info CONFIG=debug FINE=debug FINER=debug FINEST=debug',
  '.NET': 'Trace=debug Information=info Warning=warn Critical=fatal trce=debug dbug=debug fail=error crit=fatal',
  opentelemetry: 'TRACE4=debug INFO2=info Warn3=warn ERROR4=error FATAL2=fatal',
  slog: 'INFO+2=info ERROR-1=warn DEBUG-4=debug WARN+8=fatal',
  around: '[INFO]=info <warn>=warn info:=info "ERROR"=error',
}

describe('words', () => {
  it.each(Object.entries(words))('%s', (_scheme, pairs) => {
    for (const pair of pairs.split(' ')) {
      const at = pair.lastIndexOf('=')
      expect(`${pair.slice(0, at)}=${severityWord(severityOfWord(pair.slice(0, at)))}`).toBe(pair)
    }
  })
  it('takes coloured words', () => expect(severityOfWord('\u001b[32minfo\u001b[39m')).toBe(9))
  it('keeps the order of syslog', () => {
    const numbers = syslogSeverityNames.map(severityOfWord)
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a))
    expect(syslogSeverityNames.map((_, level) => severityOfNumber(level, 'syslog'))).toEqual(numbers)
  })
  it('knows no other word', () => {
    for (const word of ['', 'hello', 'constructor', 'info5', 'x'.repeat(100)]) expect(severityOfWord(word)).toBe(0)
  })
})

describe('numbers', () => {
  const cases: [SeverityScheme, number[], number[]][] = [
    ['pino', [10, 20, 30, 35, 40, 50, 60, 0], [1, 5, 9, 9, 13, 17, 21, 0]],
    ['python', [5, 10, 20, 25, 30, 40, 50, 0], [1, 5, 9, 9, 13, 17, 21, 0]],
    ['otel', [1, 9, 24, 25, 0], [1, 9, 24, 0, 0]],
    ['npm', [0, 1, 2, 3, 4, 5, 6, 7], [17, 13, 9, 7, 6, 5, 1, 0]],
    ['log4j', [100, 200, 300, 400, 500, 600, 0, 50_000, 20_000, 5000], [21, 17, 13, 9, 5, 1, 0, 21, 9, 1]],
    ['monolog', [100, 200, 250, 300, 400, 500, 550, 600], [5, 9, 10, 13, 17, 21, 22, 23]],
    ['jul', [300, 500, 700, 800, 900, 1000], [1, 5, 6, 9, 13, 17]],
    ['slog', [-8, -4, 0, 2, 4, 8, 12], [1, 5, 9, 11, 13, 17, 21]],
    ['dotnet', [0, 1, 2, 3, 4, 5, 6], [1, 5, 9, 13, 17, 21, 0]],
    ['syslog', [8, -1, 1.5, Number.NaN], [0, 0, 0, 0]],
  ]
  it.each(cases)('%s', (scheme, levels, numbers) =>
    expect(levels.map((level) => severityOfNumber(level, scheme))).toEqual(numbers),
  )
})

it('takes a level of unknown origin for what writes such levels', () => {
  expect([30, '30', 6, '3', 'warn', 'nonsense', 250, 17.5, -1, 40_000].map(severityOfLevel)).toEqual([
    9, 9, 9, 17, 13, 0, 10, 0, 0, 17,
  ])
})

it('has five words', () => {
  expect([0, 1, 5, 8, 9, 12, 13, 17, 20, 21, 24, 25].map(severityWord)).toEqual([
    undefined,
    'debug',
    'debug',
    'debug',
    'info',
    'info',
    'warn',
    'error',
    'error',
    'fatal',
    'fatal',
    undefined,
  ])
})
