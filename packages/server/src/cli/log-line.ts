// A line of a log for a person at a terminal.
import type { LogLine } from '@tidewatch/api/logs.ts'
import { type SeverityWord, severityWord } from '@tidewatch/core/log-severity.ts'

const colors: Readonly<Record<SeverityWord, number>> = { debug: 90, info: 36, warn: 33, error: 31, fatal: 35 }

/** Time, severity, service, message, and the fields beside it. */
export function printLogLine(line: LogLine, { isColored }: { readonly isColored: boolean }): string {
  const word = severityWord(line.severity)
  const paint = (color: number, text: string): string => (isColored ? `\u001b[${color}m${text}\u001b[0m` : text)
  const time = new Date(Number(BigInt(line.timeNs) / 1_000_000n)).toISOString()
  const level = (word ?? '-').toUpperCase().padEnd(5)
  const fields = Object.entries({ ...line.identity, ...line.attributes })
    .map(
      ([name, value]) => `${plain(name)}=${plain(typeof value === 'object' ? JSON.stringify(value) : String(value))}`,
    )
    .join(' ')
  return [
    paint(90, time),
    word === undefined ? level : paint(colors[word], level),
    ...(line.service === '' ? [] : [paint(1, plain(line.service))]),
    plain(line.body),
    ...(fields === '' ? [] : [paint(90, fields)]),
  ].join(' ')
}

/** Whoever writes a line must not move the reader's cursor or change what stands above. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) =>
    character === '\t' || character === '\n'
      ? character
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
