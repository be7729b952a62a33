// Our own log: one JSON object a line, or for people on a terminal.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { LogFields, Logger, LogLevel } from './port.ts'
import { loggable, loggableText } from './redact.ts'

export interface LoggerOptions {
  readonly clock: Clock
  /** `pretty` for a terminal. */
  readonly format: 'json' | 'pretty'
  /** The least level that is written. */
  readonly level: LogLevel
  /** Gets each line with its newline. */
  readonly write: (line: string) => void
  /** Colours in `pretty`. */
  readonly color?: boolean
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']
const colors: Readonly<Record<LogLevel, number>> = { debug: 90, info: 36, warn: 33, error: 31 }

export function createLogger(options: LoggerOptions): Logger {
  return makeLogger(options, {})
}

function makeLogger(options: LoggerOptions, bound: LogFields): Logger {
  const least = levels.indexOf(options.level)
  const render = options.format === 'json' ? renderJson : renderPretty
  const log =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (levels.indexOf(level) < least) return
      options.write(render(options, level, message, { ...bound, ...fields }))
    }
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: (fields) => makeLogger(options, { ...bound, ...fields }),
  }
}

const timeOf = (options: LoggerOptions): string => new Date(options.clock.nowMs()).toISOString()

function renderJson(options: LoggerOptions, level: LogLevel, message: string, fields: LogFields): string {
  const line: Record<string, unknown> = { time: timeOf(options), level, message: loggableText(message) }
  for (const [key, value] of Object.entries(fields)) {
    const name = key === 'time' || key === 'level' || key === 'message' ? `${key}_` : key
    line[name] = loggable(value, key)
  }
  return `${JSON.stringify(line)}\n`
}

function renderPretty(options: LoggerOptions, level: LogLevel, message: string, fields: LogFields): string {
  const paint = (text: string, color: number): string =>
    options.color === true ? `\x1b[${color}m${text}\x1b[0m` : text
  const parts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => paint(`${key}=`, 90) + prettyValue(loggable(value, key)))
  const head = `${timeOf(options).slice(11, 19)} ${paint(level.padEnd(5), colors[level])} ${safeForTerminal(loggableText(message))}`
  return `${[head, ...parts].join(' ')}\n`
}

function prettyValue(value: unknown): string {
  if (typeof value === 'string') return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value)
  return safeForTerminal(JSON.stringify(value) ?? String(value))
}

/** Escape sequences in a log line could rewrite what a person has on the screen. */
function safeForTerminal(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
