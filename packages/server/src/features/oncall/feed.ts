// Shifts as an iCalendar file. https://www.rfc-editor.org/rfc/rfc5545 Times are in UTC: each calendar shows them in its own zone.

export interface FeedEvent {
  readonly uid: string
  readonly startMs: number
  readonly endMs: number
  readonly summary: string
  readonly description: string
}

export interface Feed {
  readonly name: string
  readonly nowMs: number
  readonly events: readonly FeedEvent[]
}

/** Octets of a line without its end. */
const longestLine = 75

export function writeFeed({ name, nowMs, events }: Feed): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Tidewatch//On-call//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${escaped(name)}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT15M',
    'X-PUBLISHED-TTL:PT15M',
    ...events.flatMap((event) => eventLines(event, nowMs)),
    'END:VCALENDAR',
  ]
  return lines.map((line) => `${fold(line)}\r\n`).join('')
}

const eventLines = ({ uid, startMs, endMs, summary, description }: FeedEvent, nowMs: number): string[] => [
  'BEGIN:VEVENT',
  `UID:${escaped(uid)}`,
  `DTSTAMP:${utcTime(nowMs)}`,
  `DTSTART:${utcTime(startMs)}`,
  `DTEND:${utcTime(endMs)}`,
  `SUMMARY:${escaped(summary)}`,
  ...(description === '' ? [] : [`DESCRIPTION:${escaped(description)}`]),
  // a shift is no meeting: it must not make people look busy
  'TRANSP:TRANSPARENT',
  'END:VEVENT',
]

/** `20260105T080000Z` */
const utcTime = (atMs: number): string => `${new Date(atMs).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`

const escaped = (text: string): string =>
  text
    .replaceAll(/[\\;,]/g, (one) => `\\${one}`)
    .replaceAll(/\r\n|\r|\n/g, '\\n')
    .replaceAll(/\p{Cc}/gu, ' ')

/** Longer lines go on after a line end and a space; never within a character. */
function fold(line: string): string {
  const parts: string[] = []
  let part = ''
  let octets = 0
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (octets + size > longestLine) {
      parts.push(part)
      part = ' '
      octets = 1
    }
    part += character
    octets += size
  }
  return [...parts, part].join('\r\n')
}
