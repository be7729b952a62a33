// Access logs of nginx and Apache: common, combined, with the virtual host before it, and whatever stands behind.
import type { AttributeValue } from '@tidewatch/core/log-record.ts'
import { instantNs, monthNumber } from '../instant.ts'
import type { ParsedLog } from '../parsed-log.ts'

const clfTime = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? ([+-]\d{4})$/
const requestLine = /^(\S+) (\S.*?)(?: HTTP\/(\d(?:\.\d)?))?$/
const hasPort = /:\d{1,5}$/

/** undefined for a line of another form. The whole line stays the body. */
export function parseAccessLine(line: string): ParsedLog | undefined {
  const open = line.indexOf(' [')
  const close = open < 0 ? -1 : line.indexOf('] "', open)
  if (close < 0) return undefined
  const time = clfTime.exec(line.slice(open + 2, close))
  const request = readQuoted(line, close + 2)
  const rest = request === undefined ? null : /^ (\d{3}) (\d+|-)(?= |$)/.exec(line.slice(request.end))
  const sender = senderOf(line.slice(0, open))
  if (time === null || request === undefined || rest === null || sender === undefined) return undefined
  const attributes = new Map<string, AttributeValue>([['source.address', sender.address]])
  if (sender.vhost !== undefined) attributes.set('url.domain', sender.vhost)
  addRequest(attributes, request.value)
  const status = Number(rest[1])
  attributes.set('http.response.status_code', status)
  if (rest[2] !== '-') attributes.set('http.response.body.bytes', Number(rest[2]))
  addTail(attributes, line.slice(request.end + rest[0].length))
  const timeNs = timeOf(time)
  return {
    ...(timeNs === undefined ? {} : { timeNs }),
    severity: severityOfStatus(status),
    body: line,
    ...(sender.user === undefined ? {} : { user: sender.user }),
    attributes,
  }
}

/** An answer of the server's own fault is an error, one of the asker's a warning. */
export const severityOfStatus = (status: number): number => (status >= 500 ? 17 : status >= 400 ? 13 : 9)

function timeOf([, day, month, year, hour, minute, second, fraction, offset]: RegExpExecArray): bigint | undefined {
  return instantNs({
    ...{ year: Number(year), month: monthNumber(month as string) ?? 0, day: Number(day) },
    ...{ hour: Number(hour), minute: Number(minute), second: Number(second), fraction, offset },
  })
}

interface Sender {
  readonly address: string
  readonly vhost: string | undefined
  readonly user: string | undefined
}

/** `address identity user`, with `vhost:port` or a bare virtual host before it; a user may hold blanks. */
function senderOf(head: string): Sender | undefined {
  const words = head.split(' ')
  const isVhost = words.length > 3 && (hasPort.test(words[0] as string) || words[2] === '-')
  const vhost = isVhost ? words.shift() : undefined
  const [address = '', , ...user] = words
  if (words.length < 3 || address === '') return undefined
  const name = user.join(' ')
  return { address, vhost, user: name === '-' || name === '' ? undefined : name }
}

/** What `GET /a?b HTTP/1.1` says; anything else (a TLS handshake on a plain port) is kept as it is. */
export function addRequest(attributes: Map<string, AttributeValue>, request: string): void {
  const match = requestLine.exec(request)
  if (match === null) {
    if (request !== '-' && request !== '') attributes.set('http.request.line', request)
    return
  }
  const [, method, target, version] = match as unknown as [string, string, string, string | undefined]
  attributes.set('http.request.method', method)
  attributes.set('url.original', target)
  const query = target.indexOf('?')
  attributes.set('url.path', query < 0 ? target : target.slice(0, query))
  if (query >= 0) attributes.set('url.query', target.slice(query + 1))
  if (version !== undefined) attributes.set('http.version', version)
}

/** Referrer and agent, then what a format of one's own adds: kept in order. */
function addTail(attributes: Map<string, AttributeValue>, tail: string): void {
  const values: string[] = []
  let at = 0
  while (at < tail.length && values.length < 32) {
    if (tail[at] === ' ') at++
    const quoted = tail[at] === '"' ? readQuoted(tail, at) : undefined
    const end = quoted?.end ?? indexOrEnd(tail, ' ', at)
    values.push(quoted?.value ?? tail.slice(at, end))
    at = end
  }
  const [referrer, agent, ...more] = values
  if (referrer !== undefined && referrer !== '-') attributes.set('http.request.referrer', referrer)
  if (agent !== undefined && agent !== '-') attributes.set('user_agent.original', agent)
  if (more.length > 0) attributes.set('access.more', more)
}

const indexOrEnd = (text: string, wanted: string, from: number): number => {
  const at = text.indexOf(wanted, from)
  return at < 0 ? text.length : at
}

/** A quoted value, where `\"` does not end it; undefined where there is none, or no end of it. */
function readQuoted(text: string, from: number): { readonly value: string; readonly end: number } | undefined {
  if (text[from] !== '"') return undefined
  let at = from + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  if (at >= text.length) return undefined
  const value = text.slice(from + 1, at)
  return { value: value.includes('\\') ? value.replace(/\\(["\\])/g, '$1') : value, end: at + 1 }
}
