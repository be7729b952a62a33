import ICAL from 'ical.js'
import { expect, it } from 'vitest'
import { writeFeed } from './feed.ts'

it('is read by a calendar program whatever stands in it, in lines of at most 75 octets', () => {
  const summary = `Ä,ö;ü\\n "${'🌊 long '.repeat(30)}"\nsecond line`
  const startMs = Date.UTC(2026, 2, 29, 0, 30)
  const text = writeFeed({
    name: 'On call: ada',
    nowMs: startMs,
    events: [{ uid: 'x@y', startMs, endMs: startMs + 3_600_000, summary, description: '' }],
  })
  expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true)
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  const [event] = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent')
  const read = new ICAL.Event(event)
  expect(read.summary).toBe(summary)
  expect(read.startDate.toJSDate().getTime()).toBe(startMs)
  expect(read.endDate.toJSDate().getTime()).toBe(startMs + 3_600_000)
})
