// How severe a log line is: every scheme's words and numbers on OpenTelemetry's one scale of 1..24.

/** The words that OpenTelemetry's scale is cut into; trace counts as debug. */
export const severityWords = ['debug', 'info', 'warn', 'error', 'fatal'] as const
export type SeverityWord = (typeof severityWords)[number]

/** Who counted: a bare 30 is pino's info, Python's warning and OpenTelemetry's nothing. */
export type SeverityScheme =
  | 'otel' // 1..24
  | 'syslog' // 0 emergency .. 7 debug; GELF counts the same
  | 'pino' // 10 trace .. 60 fatal; bunyan counts the same
  | 'python' // 10 DEBUG .. 50 CRITICAL
  | 'npm' // winston: 0 error .. 6 silly
  | 'log4j' // 100 FATAL .. 600 TRACE, or log4j 1's 50000 .. 5000
  | 'monolog' // 100 debug .. 600 emergency; Google Cloud's 100..800 lie in the same order
  | 'jul' // java.util.logging: 1000 SEVERE .. 300 FINEST
  | 'slog' // Go: -4 debug, 0 info, 4 warn, 8 error
  | 'dotnet' // 0 Trace .. 5 Critical

/** Where a word stands. Syslog's three worst are fatal and keep their order, as OpenTelemetry's own bridge for winston has them. */
const numberOfWord: ReadonlyMap<string, number> = new Map(
  Object.entries({
    1: 'trace trc trce finest silly all spam t',
    2: 'input finer vrb v',
    4: 'prompt',
    5: 'debug dbg dbug fine debug1 d',
    6: 'verbose debug2 config',
    7: 'http debug3',
    8: 'debug4 debug5',
    9: 'info inf information informational log i default ok success',
    10: 'notice note data n',
    11: 'help',
    13: 'warn warning wrn w',
    17: 'error err eror fail failure severe e',
    21: 'fatal ftl critical crit crt c f dpanic',
    22: 'alert a',
    23: 'emerg emergency panic wtf',
  }).flatMap(([number, words]) => words.split(' ').map((word): [string, number] => [word, Number(number)])),
)

/** OpenTelemetry's short names: `INFO2`, `error3`. */
const otelName = /^(trace|debug|info|warn|error|fatal)([2-4])$/
/** Go's slog between its levels: `INFO+2`, `ERROR-1`. */
const slogName = /^(debug|info|warn|error)([+-]\d{1,3})$/

/** The number of a word in any case, 0 where it is not known. What stands around it (`[INFO]`, `<warn>`, `info:`) does not count. */
export function severityOfWord(written: string): number {
  if (written.length > 64) return 0
  const known = numberOfWord.get(written)
  if (known !== undefined) return known
  const word = written
    .toLowerCase()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: winston and NestJS colour their levels
    .replace(/\u001b\[[\d;]*m/g, '')
    .replace(/^[\s[<("']+|[\s\]>)"':,]+$/g, '')
  return numberOfWord.get(word) ?? otelNumber(word) ?? slogNumber(word) ?? 0
}

function otelNumber(word: string): number | undefined {
  const match = otelName.exec(word)
  if (match === null) return undefined
  const base = numberOfWord.get(match[1] as string) as number
  return base + Number(match[2]) - 1
}

function slogNumber(word: string): number | undefined {
  const match = slogName.exec(word)
  if (match === null) return undefined
  const base = { debug: -4, info: 0, warn: 4, error: 8 }[match[1] as 'debug' | 'info' | 'warn' | 'error']
  return ofScheme.slog(base + Number(match[2]))
}

const syslogNumbers = [23, 22, 21, 17, 13, 10, 9, 5] as const
const npmNumbers = [17, 13, 9, 7, 6, 5, 1] as const
const dotnetNumbers = [1, 5, 9, 13, 17, 21] as const

/** The number of the highest step that is reached; steps ascend. */
function reached(level: number, steps: readonly (readonly [from: number, number: number])[]): number {
  let number = 0
  for (const [from, step] of steps) if (level >= from) number = step
  return number
}

const ofScheme: Readonly<Record<SeverityScheme, (level: number) => number>> = {
  otel: (level) => (level >= 1 && level <= 24 ? Math.trunc(level) : 0),
  syslog: (level) => syslogNumbers[level] ?? 0,
  npm: (level) => npmNumbers[level] ?? 0,
  dotnet: (level) => dotnetNumbers[level] ?? 0,
  pino: (level) =>
    reached(level, [
      [1, 1],
      [20, 5],
      [30, 9],
      [40, 13],
      [50, 17],
      [60, 21],
    ]),
  python: (level) =>
    reached(level, [
      [1, 1],
      [10, 5],
      [20, 9],
      [30, 13],
      [40, 17],
      [50, 21],
    ]),
  monolog: (level) =>
    reached(level, [
      [1, 5],
      [200, 9],
      [250, 10],
      [300, 13],
      [400, 17],
      [500, 21],
      [550, 22],
      [600, 23],
    ]),
  jul: (level) =>
    reached(level, [
      [1, 1],
      [500, 5],
      [700, 6],
      [800, 9],
      [900, 13],
      [1000, 17],
    ]),
  slog: (level) => {
    if (level < -4) return Math.max(1, 5 + Math.max(level + 4, -4))
    return reached(level, [
      [-4, 5],
      [-3, 6],
      [-2, 7],
      [-1, 8],
      [0, 9],
      [1, 10],
      [2, 11],
      [3, 12],
      [4, 13],
      [5, 14],
      [6, 15],
      [7, 16],
      [8, 17],
      [9, 18],
      [10, 19],
      [11, 20],
      [12, 21],
    ])
  },
  log4j: (level) => {
    if (level >= 5000)
      return reached(level, [
        [5000, 1],
        [10_000, 5],
        [20_000, 9],
        [30_000, 13],
        [40_000, 17],
        [50_000, 21],
      ])
    if (level <= 0) return 0
    return reached(-level, [
      [-5000, 1],
      [-500, 5],
      [-400, 9],
      [-300, 13],
      [-200, 17],
      [-100, 21],
    ])
  },
}

/** The number of a level that is known to be counted by the scheme; 0 where the scheme has no such level. */
export const severityOfNumber = (level: number, scheme: SeverityScheme): number =>
  Number.isFinite(level) ? ofScheme[scheme](level) : 0

/**
 * The number of a field called `level`, `severity` and so on of which nothing else is known: a word of any scheme, or a number that is taken for
 * what writes such fields: 0..7 syslog and GELF, 8 and 9 OpenTelemetry, 10..99 pino and bunyan, 100..999 monolog and Google Cloud, 1000 and more
 * Java. 0 where it says nothing.
 */
export function severityOfLevel(level: string | number): number {
  if (typeof level === 'string') {
    const word = severityOfWord(level)
    return word !== 0 || !/^\s*\d{1,5}\s*$/.test(level) ? word : severityOfLevel(Number(level))
  }
  if (!Number.isInteger(level) || level < 0) return 0
  if (level <= 7) return severityOfNumber(level, 'syslog')
  if (level < 10) return level
  if (level < 100) return severityOfNumber(level, 'pino')
  if (level < 1000) return severityOfNumber(level, 'monolog')
  return severityOfNumber(level, level < 5000 ? 'jul' : 'log4j')
}

/** The word of a number of OpenTelemetry's scale; undefined for 0 and what is not on it. */
export function severityWord(severity: number): SeverityWord | undefined {
  if (!(severity >= 1 && severity <= 24)) return undefined
  return severityWords[Math.max(0, Math.floor((severity - 1) / 4) - 1)]
}

/** Syslog's names by number, as facilities' messages carry them (RFC 5424, table 2). */
export const syslogSeverityNames = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const
