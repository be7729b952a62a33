// Programs that people have, sending to ports of their own: what each sends is found by a search.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@tidewatch/testkit/free-port.ts'
import { replayConversation } from '@tidewatch/testkit/lumberjack.ts'
import { eventually, type RunningServer, repositoryRoot, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, type TempDir, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
const fixtures = join(repositoryRoot, 'packages', 'server', 'src', 'http', 'fixtures')
const syslogNg = join(repositoryRoot, 'node_modules', '.cache', 'debian', 'syslog-ng-core', 'usr')
let dir: TempDir
let server: RunningServer
let ports: {
  readonly logstash: number
  readonly beats: number
  readonly syslog: number
  readonly tls: number
  readonly gelf: number
}

interface Source {
  readonly message: string
  readonly level?: string
  readonly service?: string
  readonly [field: string]: unknown
}

/** What a search of that text finds, by message. */
async function found(query: string): Promise<readonly Source[]> {
  const response = await fetch(`${server.url}/_search?${new URLSearchParams({ q: query, size: '1000' })}`)
  const answer = (await response.json()) as {
    readonly hits?: { readonly hits: readonly { readonly _source: Source }[] }
  }
  if (answer.hits === undefined) throw new Error(JSON.stringify(answer))
  return answer.hits.hits.map(({ _source }) => _source).sort((a, b) => (a.message < b.message ? -1 : 1))
}

const messages = (query: string, count: number): Promise<readonly Source[]> =>
  eventually(async () => {
    const lines = await found(query)
    if (lines.length !== count) throw new Error(`${lines.length} lines, not ${count}: ${JSON.stringify(lines)}`)
    return lines
  })

/** A shell line, as a person types it. */
async function shell(line: string): Promise<void> {
  const { code, err } = await run('bash', ['-c', line])
  if (code !== 0) throw new Error(`${line}: ${err}`)
}

/** A program that runs until the test ends, and says on which socket it listens by making it. */
function startDaemon(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): AsyncDisposable {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Tells the daemon by its socket, as programs of the machine do. */
const logTo = (socket: string, tag: string, message: string): Promise<void> =>
  eventually(() => shell(`logger -u ${socket} -t ${tag} -p user.err -- '${message}'`))

/** What comes while a daemon starts is lost in it: returns once something has come through it. */
const warmUp = (socket: string, daemon: string): Promise<void> =>
  eventually(async () => {
    await logTo(socket, `warm-up-${daemon}`, 'are you there')
    if ((await found(`service:"warm-up-${daemon}"`)).length === 0) throw new Error('nothing has come through it yet')
  })

beforeAll(async () => {
  dir = stack.use(tempDir())
  ports = {
    ...{ logstash: await freePort(), beats: await freePort(), syslog: await freePort() },
    ...{ tls: await freePort(), gelf: await freePort() },
  }
  const at = (port: number): string => `'127.0.0.1:${port}'`
  dir.write(
    'config/tidewatch.yml',
    `listeners:
  logstash: { tcp: ${at(ports.logstash)}, udp: ${at(ports.logstash)} }
  beats: { tcp: ${at(ports.beats)} }
  syslog:
    tcp: ${at(ports.syslog)}
    udp: ${at(ports.syslog)}
    tls: { address: ${at(ports.tls)}, cert_file: ${fixtures}/first.crt, key_file: ${fixtures}/first.key }
  gelf: { tcp: ${at(ports.gelf)}, udp: ${at(ports.gelf)} }
`,
  )
  server = stack.use(await startServer({ args: ['--config', `${dir.path}/config`, '--retention', 'off'] }))
})
afterAll(() => stack.disposeAsync())

describe('netcat', () => {
  test('a JSON line by TCP and UDP', async () => {
    await shell(`echo '{"message":"test","service":"by-nc"}' | nc -N 127.0.0.1 ${ports.logstash}`)
    await shell(`echo '{"message":"test 2","service":"by-nc"}' | nc -u -w 1 127.0.0.1 ${ports.logstash}`)
    expect((await messages('service:"by-nc"', 2)).map(({ message }) => message)).toEqual(['test', 'test 2'])
  })

  test('GELF, a NUL behind it', async () => {
    const message = '{"version":"1.1","host":"by-gelf","short_message":"paid","level":3,"_order":12}'
    await shell(`printf '${message}\\0' | nc -N 127.0.0.1 ${ports.gelf}`)
    await shell(`printf '%s' '${message}' | gzip | nc -u -w 1 127.0.0.1 ${ports.gelf}`)
    const [first] = await messages('host.name:"by-gelf"', 2)
    expect(first).toMatchObject({ message: 'paid', order: 12 })
  })
})

test('winston-logstash', async () => {
  // the connection is awaited: `close` drops what has not been sent
  const application = `
    const winston = require('winston')
    const LogstashTransport = require('winston-logstash/lib/winston-logstash-latest')
    const transport = new LogstashTransport({ host: '127.0.0.1', port: ${ports.logstash} })
    const logger = winston.createLogger({
      format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
      defaultMeta: { service: 'by-winston' },
      transports: [transport],
    })
    for (let i = 0; i < 50; i++) logger.warn('order ' + String(i).padStart(2, '0'), { userId: 'u' + i, cart: { items: i } })
    const closeOnceSent = setInterval(() => {
      const { logQueue, connection } = transport.manager
      if (logQueue.length > 0 || connection.socket?.writableLength !== 0) return
      clearInterval(closeOnceSent)
      transport.close()
    }, 20)
  `
  expect(await run(process.execPath, ['-e', application], { cwd: repositoryRoot })).toMatchObject({ code: 0 })
  const lines = await messages('service:"by-winston"', 50)
  expect(lines[7]).toMatchObject({ message: 'order 07', level: 'warn', userId: 'u7', cart: { items: 7 } })
})

test('a conversation of Filebeat, twice: its lines are there once', async () => {
  const text = readFileSync(
    join(repositoryRoot, 'packages/server/src/ingest/receivers/beats/fixtures/filebeat-8.txt'),
    'utf8',
  )
  await replayConversation(ports.beats, text)
  await replayConversation(ports.beats, text)
  const lines = await messages('agent.type:filebeat', 7)
  expect(lines.map(({ message }) => message.split('\n')[0]).sort()).toEqual([
    'häger €',
    ...[1, 2, 3, 4, 5, 6].map((i) => `order ${i} placed`),
  ])
  expect(Object.keys(lines[0] ?? {})).not.toContain('@metadata')
})

test('logger of util-linux: both RFCs, both framings, UDP and TCP', async () => {
  const to = `-n 127.0.0.1 -P ${ports.syslog} -t by-logger -p local3.warning`
  await shell(`logger ${to} -d --rfc3164 one && logger ${to} -d --rfc5424 two`)
  await shell(`logger ${to} -T --rfc3164 three && logger ${to} -T --octet-count --rfc5424 four`)
  const lines = await messages('service:"by-logger"', 4)
  expect(lines.map(({ message }) => message)).toEqual(['four', 'one', 'three', 'two'])
  for (const line of lines) expect(line).toMatchObject({ level: 'warning', syslog: { facility: 'local3' } })
})

test("Python's SysLogHandler by UDP and TCP", async () => {
  const application = `
import logging, logging.handlers, socket
for kind, text in ((socket.SOCK_DGRAM, 'by datagram'), (socket.SOCK_STREAM, 'by stream')):
    handler = logging.handlers.SysLogHandler(('127.0.0.1', ${ports.syslog}), socktype=kind)
    handler.ident = 'by-python: '
    log = logging.getLogger(text)
    log.addHandler(handler)
    log.error(text)
    log.warning('häger\\nsecond line')
    handler.close()
`
  expect(await run('python3', ['-c', application])).toMatchObject({ code: 0 })
  const lines = await messages('service:"by-python"', 4)
  expect(lines.map(({ message }) => message)).toContain('by stream')
  expect(lines.map(({ level }) => level).sort()).toEqual(['err', 'err', 'warning', 'warning'])
})

test('rsyslog: UDP, TCP of both framings, TLS', async () => {
  const socket = `${dir.path}/rsyslog.sock`
  // by default a line is dropped where the first try fails
  const again = 'action.resumeRetryCount="-1" action.resumeInterval="1"'
  const forward = (more: string): string => `action(type="omfwd" target="127.0.0.1" ${again} ${more})`
  const file = dir.write(
    'rsyslog.conf',
    `global(workDirectory="${dir.path}" defaultNetstreamDriverCAFile="${fixtures}/first.crt")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${socket}" CreatePath="on" RateLimit.Interval="0")
template(name="numbered" type="string" string="<%PRI%>1 %TIMESTAMP:::date-rfc3339% tls-host %APP-NAME% %PROCID% %MSGID% - %msg%\\n")
${forward(`port="${ports.syslog}" protocol="udp" template="RSYSLOG_TraditionalForwardFormat"`)}
${forward(`port="${ports.syslog}" protocol="tcp" template="RSYSLOG_SyslogProtocol23Format"`)}
${forward(`port="${ports.syslog}" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_ForwardFormat"`)}
${forward(`port="${ports.tls}" protocol="tcp" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="anon" template="numbered"`)}
`,
  )
  await using _ = startDaemon('rsyslogd', ['-n', '-f', file, '-i', `${dir.path}/rsyslog.pid`])
  await warmUp(socket, 'rsyslog')
  await logTo(socket, 'by-rsyslog', 'order placed')
  const lines = await messages('service:"by-rsyslog"', 4)
  for (const line of lines) expect(line).toMatchObject({ level: 'err' })
  expect(new Set(lines.map(({ message }) => message.trim()))).toEqual(new Set(['order placed']))
  expect(await messages('service:"by-rsyslog" AND host.name:"tls-host"', 1)).toHaveLength(1)
})

test('syslog-ng: UDP, TCP, RFC 5424 with lengths, TLS', async () => {
  const socket = `${dir.path}/syslog-ng.sock`
  const file = dir.write(
    'syslog-ng.conf',
    `@version: 3.38
source machine { unix-dgram("${socket}"); };
destination udp { network("127.0.0.1" port(${ports.syslog}) transport("udp") persist-name("udp")); };
destination tcp { network("127.0.0.1" port(${ports.syslog}) transport("tcp") persist-name("tcp")); };
destination counted { syslog("127.0.0.1" port(${ports.syslog}) transport("tcp") persist-name("counted")); };
destination sealed { syslog("127.0.0.1" port(${ports.tls}) transport("tls") tls(peer-verify(optional-untrusted))); };
log { source(machine); destination(udp); destination(tcp); destination(counted); destination(sealed); };
`,
  )
  const at = (name: string): string => `${dir.path}/${name}`
  const library = join(syslogNg, 'lib', 'syslog-ng')
  const files = ['--persist-file', at('ng.persist'), '--control', at('ng.ctl'), '--pidfile', at('ng.pid')]
  await using _ = startDaemon(
    join(syslogNg, 'sbin', 'syslog-ng'),
    ['-F', '--no-caps', '-f', file, `--module-path=${join(library, '3.38')}`, ...files],
    { LD_LIBRARY_PATH: library },
  )
  await warmUp(socket, 'syslog-ng')
  await logTo(socket, 'by-syslog-ng', 'order placed')
  const lines = await messages('service:"by-syslog-ng"', 4)
  for (const line of lines) expect(line).toMatchObject({ level: 'err', message: 'order placed' })
})

test('what came is on /metrics', async () => {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  expect(text).toMatch(/^tidewatch_listener_lines_total\{listener="syslog"\} [1-9]/m)
  expect(text).toMatch(/^tidewatch_listener_bytes_total\{listener="syslog",transport="tls"\} [1-9]/m)
})
