import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { syslogSeverityNames } from '@tidewatch/core/log-severity.ts'
import { describe, expect, it } from 'vitest'
import { isoInstantNs } from '../instant.ts'
import { SyslogFrameDecoder, type SyslogFraming } from './frames.ts'
import { parseSyslog, type SyslogMessage, syslogFacilityNames, syslogRecord } from './message.ts'

const kit = `${process.env.CONFORMANCE_DIR ?? fileURLToPath(new URL('../../../../../shared/conformance', import.meta.url))}/syslog`
if (!existsSync(kit)) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')

interface Case {
  readonly id: string
  readonly name: string
  readonly framing: SyslogFraming | 'none'
  readonly text?: string
  readonly base64?: string
  readonly records: readonly Record<string, unknown>[]
  readonly errors?: readonly string[]
  readonly by: string
  readonly note?: string
  readonly frames: number
}

const cases: Case[] = JSON.parse(readFileSync(`${kit}/cases.json`, 'utf8'))
const captured: Case[] = JSON.parse(readFileSync(`${kit}/captured.json`, 'utf8'))

const bytesOf = ({ text, base64 }: Case): Uint8Array =>
  text === undefined ? Buffer.from(base64 as string, 'base64') : new TextEncoder().encode(text)

/** The messages of a case, its bytes arriving in pieces of that size. */
function read(one: Case, pieceBytes: number): { messages: SyslogMessage[]; fault: string | undefined } {
  const bytes = bytesOf(one)
  const isRecorded = one.by !== 'documentation'
  const nowMs = Date.parse(isRecorded ? '2026-11-21T09:28:45Z' : '2025-06-15T12:00:00Z')
  const messages: SyslogMessage[] = []
  const take = (frame: Uint8Array): void => {
    const message = parseSyslog(frame, { nowMs })
    if (message !== undefined) messages.push(message)
  }
  if (one.framing === 'none') {
    take(bytes)
    return { messages, fault: undefined }
  }
  const decoder = new SyslogFrameDecoder({ framing: one.framing, maxFrameBytes: 1 << 20 })
  let fault: string | undefined
  for (let at = 0; at < bytes.length && fault === undefined; at += pieceBytes)
    fault = decoder.push(bytes.subarray(at, at + pieceBytes), take)
  return { messages, fault: fault ?? decoder.finish(take) }
}

/** A message as the cases write it. */
function shown(message: SyslogMessage): Record<string, unknown> {
  const data = [...message.structuredData].map(([id, values]) => [id, Object.fromEntries(values)])
  return {
    priority: message.priority,
    facility: syslogFacilityNames[message.priority >> 3],
    severity: syslogSeverityNames[message.priority & 7],
    format: message.format,
    timestamp: message.timeNs ?? null,
    hostname: message.hostname ?? null,
    app: message.app ?? null,
    procid: message.procid ?? null,
    msgid: message.msgid ?? null,
    structuredData: Object.fromEntries(data),
    message: message.message ?? null,
  }
}

const expected = (record: Record<string, unknown>): Record<string, unknown> => ({
  ...record,
  timestamp: record.timestamp === null ? null : isoInstantNs(record.timestamp as string),
})

describe('syslog conformance', () => {
  it('has all cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(114)
    expect(captured.length).toBeGreaterThanOrEqual(46)
  })

  it.each(cases)('$id $name', (one) => {
    for (const pieceBytes of [1 << 20, 7, 1]) {
      const { messages, fault } = read(one, pieceBytes)
      expect(messages.map(shown)).toEqual(one.records.map(expected))
      expect(fault === undefined).toBe(one.errors === undefined)
      if (fault !== undefined) expect(one.errors?.[0]).toContain(fault)
    }
  })

  it.each(captured)('captured: $by $framing', (one) => {
    for (const pieceBytes of [1 << 20, 3]) {
      const { messages, fault } = read(one, pieceBytes)
      expect(fault).toBeUndefined()
      expect(messages).toHaveLength(one.frames)
    }
  })
})

it('makes a record of a message', () => {
  const bytes = new TextEncoder().encode('<11>1 2025-06-15T11:00:00.5Z h shop 7 PAY [a x="1"] failed')
  const message = parseSyslog(bytes, { nowMs: 0 }) as SyslogMessage
  expect(syslogRecord(message, '10.0.0.1')).toEqual({
    timeNs: 1749985200500000000n,
    severity: 17,
    severityText: 'err',
    body: 'failed',
    service: 'shop',
    resource: new Map([
      ['host.name', 'h'],
      ['process.name', 'shop'],
    ]),
    attributes: new Map([
      ['syslog.facility', 'user'],
      ['process.pid', '7'],
      ['syslog.msgid', 'PAY'],
      ['syslog.a.x', '1'],
    ]),
  })
})

describe('frames', () => {
  const collect = (framing: SyslogFraming, text: string, maxFrameBytes: number, pieceBytes: number) => {
    const decoder = new SyslogFrameDecoder({ framing, maxFrameBytes })
    const frames: string[] = []
    const take = (frame: Uint8Array): void => void frames.push(new TextDecoder().decode(frame))
    const bytes = new TextEncoder().encode(text)
    for (let at = 0; at < bytes.length; at += pieceBytes) decoder.push(bytes.subarray(at, at + pieceBytes), take)
    decoder.finish(take)
    return { frames, cutLines: decoder.cutLines }
  }

  it.each([1, 5, 1000])('cuts a line that is too long, and reads on (pieces of %i)', (pieceBytes) => {
    const text = `a\n${'x'.repeat(50)}\nb\n${'y'.repeat(50)}`
    const { frames, cutLines } = collect('newline', text, 20, pieceBytes)
    expect(frames).toEqual(['a', 'x'.repeat(20), 'b', 'y'.repeat(20)])
    expect(cutLines).toBe(2)
  })
})
