import { createSocket, type Socket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fakeLogger } from '../fakes.ts'
import type { RefreshOutcome } from './discovery.ts'
import { DnsTargets } from './dns.ts'

const types = { A: 1, NS: 2, MX: 15, AAAA: 28, SRV: 33 } as const
type RecordType = keyof typeof types

/** A DNS server of one zone: `name type` to the data of its records; what is not there does not exist. */
class Zone implements AsyncDisposable {
  readonly records = new Map<string, readonly Uint8Array[]>()
  readonly asked: string[] = []
  /** Answers SERVFAIL. */
  isBroken = false
  readonly #socket: Socket = createSocket('udp4')

  async start(): Promise<string> {
    this.#socket.on('message', (question, from) => this.#socket.send(this.#answer(question), from.port, from.address))
    await new Promise<void>((resolve) => this.#socket.bind(0, '127.0.0.1', resolve))
    return `127.0.0.1:${(this.#socket.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()))
  }

  #answer(question: Buffer): Buffer {
    const labels: string[] = []
    let at = 12
    for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
      labels.push(question.toString('latin1', at + 1, at + 1 + length))
      at += 1 + length
    }
    const number = question.readUInt16BE(at + 1)
    const type = (Object.keys(types) as RecordType[]).find((one) => types[one] === number) ?? 'A'
    const key = `${labels.join('.').toLowerCase()} ${type}`
    this.asked.push(key)
    const found = this.records.get(key)
    const head = Buffer.alloc(12)
    question.copy(head, 0, 0, 2)
    head.writeUInt16BE(0x8180 | (this.isBroken ? 2 : found === undefined ? 3 : 0), 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt16BE(found?.length ?? 0, 6)
    const answers = (found ?? []).map((data) => {
      const answer = Buffer.alloc(12)
      answer.writeUInt16BE(0xc00c, 0)
      answer.writeUInt16BE(number, 2)
      answer.writeUInt16BE(1, 4)
      answer.writeUInt16BE(data.length, 10)
      return Buffer.concat([answer, data])
    })
    return Buffer.concat([head, question.subarray(12, at + 5), ...answers])
  }
}

const nameBytes = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`)),
    Buffer.of(0),
  ])
const short = (value: number): Buffer => Buffer.of(value >> 8, value & 255)
const srv = (host: string, port: number): Buffer => Buffer.concat([short(0), short(0), short(port), nameBytes(host)])

let zone: Zone
let server: string
let clock: FakeClock
let outcomes: RefreshOutcome[]
let stack: AsyncDisposableStack
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  zone = stack.use(new Zone())
  server = await zone.start()
  clock = new FakeClock()
  outcomes = []
})
afterEach(() => stack.disposeAsync())

async function found(type: RecordType, names: readonly string[], port = 9100): Promise<DnsTargets> {
  const discovery = new DnsTargets(
    { names: [...names], type, port, refresh_interval: 30_000 },
    {
      job: 'j',
      baseDir: '/',
      clock,
      logger: fakeLogger(),
      onChange: async () => undefined,
      onRefresh: (outcome) => void outcomes.push(outcome),
    },
    { servers: [server], resolvConf: '/not/there' },
  )
  stack.use(discovery)
  await discovery.start()
  await looks(1)
  return discovery
}

async function looks(count: number): Promise<void> {
  while (outcomes.length < count) await new Promise((resolve) => setImmediate(resolve))
}

it('makes targets of addresses', async () => {
  zone.records.set('api.test A', [Buffer.of(10, 0, 0, 1), Buffer.of(10, 0, 0, 2)])
  zone.records.set('six.test AAAA', [Buffer.from('fd000000000000000000000000000005', 'hex')])
  expect((await found('A', ['api.test', 'gone.test'])).groups).toEqual([
    { targets: ['10.0.0.1:9100'], labels: { __meta_dns_name: 'api.test' } },
    { targets: ['10.0.0.2:9100'], labels: { __meta_dns_name: 'api.test' } },
  ])
  outcomes = []
  expect((await found('AAAA', ['six.test'])).groups.map(({ targets }) => targets)).toEqual([['[fd00::5]:9100']])
})

it('takes host and port of SRV, and the host of MX and NS', async () => {
  zone.records.set('_m._tcp.test SRV', [srv('a.test', 8080)])
  zone.records.set('mail.test MX', [Buffer.concat([short(10), nameBytes('mx.test')])])
  zone.records.set('zone.test NS', [nameBytes('ns.test')])
  expect((await found('SRV', ['_m._tcp.test'], 0)).groups).toEqual([
    {
      targets: ['a.test:8080'],
      labels: {
        __meta_dns_name: '_m._tcp.test',
        __meta_dns_srv_record_target: 'a.test.',
        __meta_dns_srv_record_port: '8080',
      },
    },
  ])
  outcomes = []
  const mail = { __meta_dns_name: 'mail.test', __meta_dns_mx_record_target: 'mx.test.' }
  expect((await found('MX', ['mail.test'], 25)).groups).toEqual([{ targets: ['mx.test:25'], labels: mail }])
  outcomes = []
  const names = { __meta_dns_name: 'zone.test', __meta_dns_ns_record_target: 'ns.test.' }
  expect((await found('NS', ['zone.test'], 53)).groups).toEqual([{ targets: ['ns.test:53'], labels: names }])
})

it('keeps the targets of a name that cannot be asked for, and drops those of one that is gone', async () => {
  zone.records.set('api.test A', [Buffer.of(10, 0, 0, 1)])
  const discovery = await found('A', ['api.test'])
  zone.isBroken = true
  await clock.advance(30_000)
  await looks(2)
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, false])
  expect(discovery.groups).toHaveLength(1)
  zone.isBroken = false
  zone.records.clear()
  await clock.advance(30_000)
  await looks(3)
  expect(outcomes[2]?.ok).toBe(true)
  expect(discovery.groups).toEqual([])
})
