// The conformance cases over real sockets: what is stored of each, as a record.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Clock, systemClock } from '@tidewatch/core/clock.ts'
import type { AttributeValue } from '@tidewatch/core/log-record.ts'
import { severityOfNumber } from '@tidewatch/core/log-severity.ts'
import { isoInstantNs } from '@tidewatch/log-formats/instant.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeLogs } from '../logs/fakes.ts'
import { openListener, type TestListener } from './listening/fakes.ts'
import { syslog } from './syslog.ts'

const kit = `${process.env.CONFORMANCE_DIR ?? fileURLToPath(new URL('../../../../../../shared/conformance', import.meta.url))}/syslog`
if (!existsSync(kit)) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')

interface Expected {
  readonly facility: string
  readonly priority: number
  readonly severity: string
  readonly timestamp: string | null
  readonly hostname: string | null
  readonly app: string | null
  readonly procid: string | null
  readonly msgid: string | null
  readonly structuredData: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
  readonly message: string | null
}

interface Case {
  readonly id: string
  readonly name: string
  readonly transport: 'udp' | 'tcp'
  readonly framing: string
  readonly text?: string
  readonly base64?: string
  readonly records: readonly Expected[]
  readonly errors?: readonly string[]
  readonly by: string
}

const cases: readonly Case[] = JSON.parse(readFileSync(`${kit}/cases.json`, 'utf8'))
const clockOf = (one: Pick<Case, 'by'>): string =>
  one.by === 'documentation' ? '2025-06-15T12:00:00Z' : '2026-11-21T09:28:45Z'

/** The record that the case's values make, as far as it is the protocol's. */
function shown(expected: Expected, nowMs: number) {
  const { timestamp, hostname, app, procid, msgid, structuredData, message, severity } = expected
  const attributes: Record<string, AttributeValue> = { 'syslog.facility': expected.facility }
  if (procid !== null && procid !== '') attributes['process.pid'] = procid
  if (msgid !== null) attributes['syslog.msgid'] = msgid
  for (const [id, values] of Object.entries(structuredData))
    for (const [name, value] of Object.entries(values)) attributes[`syslog.${id}.${name}`] = value
  // fields behind the cookie are those of the record
  const cee = /^@cee: (\{.*)$/.exec(message ?? '')?.[1]
  if (cee !== undefined) Object.assign(attributes, JSON.parse(cee))
  const arrivedNs = BigInt(nowMs) * 1_000_000n
  const saidNs = timestamp === null ? arrivedNs : (isoInstantNs(timestamp) ?? arrivedNs)
  // the intake keeps no line under a time more than an hour ahead: it has that of its arrival, and says what it claimed
  const isAhead = saidNs > arrivedNs + 3_600_000_000_000n
  if (isAhead) attributes.claimed_time = new Date(Number(saidNs / 1_000_000n)).toISOString()
  return {
    timeNs: isAhead ? arrivedNs : saidNs,
    severity: severityOfNumber(expected.priority & 7, 'syslog'),
    severityText: severity,
    body: message ?? '',
    service: app ?? '',
    resource: { 'host.name': hostname ?? '127.0.0.1', ...(app === null ? {} : { 'process.name': app }) },
    attributes,
  }
}

const listeners = new Map<string, TestListener>()
const keyOf = (one: Pick<Case, 'framing' | 'by'>): string =>
  `${one.framing === 'none' ? 'mixed' : one.framing} ${clockOf(one)}`

beforeAll(async () => {
  for (const one of cases) {
    const key = keyOf(one)
    if (listeners.has(key)) continue
    const nowMs = Date.parse(clockOf(one))
    const clock: Clock = { ...systemClock, nowMs: () => nowMs }
    const logs = fakeLogs({ clock: new FakeClock(nowMs) })
    listeners.set(key, await openListener(syslog, { framing: key.split(' ')[0], zone: 'UTC' }, { clock, logs }))
  }
})
afterAll(async () => {
  for (const listener of listeners.values()) await listener[Symbol.asyncDispose]()
})

describe('syslog over sockets', () => {
  it('has all cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(114)
  })

  it.each(cases)('$id $name', async (one) => {
    const listener = listeners.get(keyOf(one)) as TestListener
    const { lines } = listener.logs
    lines.length = 0
    const bytes = one.text === undefined ? Buffer.from(one.base64 as string, 'base64') : Buffer.from(one.text)
    const faults = listener.count('tidewatch_listener_faults_total')
    const packets = listener.count('tidewatch_listener_packets_total')
    if (one.transport === 'tcp') await listener.send(bytes)
    else {
      await listener.packets(bytes)
      await expect.poll(() => listener.count('tidewatch_listener_packets_total')).toBe(packets + 1)
    }
    await listener.lines(one.records.length)
    const nowMs = Date.parse(clockOf(one))
    const stored = lines.map(({ timeNs, severity, severityText, body, service, resource, attributes }) => ({
      ...{ timeNs, severity, severityText, body, service },
      resource: Object.fromEntries(resource),
      attributes: Object.fromEntries(attributes),
    }))
    expect(stored).toEqual(one.records.map((record) => shown(record, nowMs)))
    expect(listener.count('tidewatch_listener_faults_total') - faults).toBe(one.errors === undefined ? 0 : 1)
  })
})
