import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startMailServer } from '@tidewatch/testkit/receivers/smtp.ts'
import { repositoryRoot } from '@tidewatch/testkit/server.ts'
import { describe, expect, it } from 'vitest'
import { FakeMemory, notificationOf, resolvedOf, send } from '../testing/send.ts'

const fixture = (name: string): string => join(repositoryRoot, 'packages/server/src/collect/scrape/fixtures', name)
const tls = { cert: readFileSync(fixture('target.crt'), 'utf8'), key: readFileSync(fixture('target.key'), 'utf8') }
const trusted = { ca_file: fixture('target.crt'), server_name: 'target.test' }
const account = { user: 'ops@example.org', password: 'correct horse' }
const base = { to: 'a@example.org, B <b@example.org>', from: 'Tidewatch <watch@example.org>' }

const header = (raw: string, name: string): string | undefined =>
  new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(raw)?.[1]?.replaceAll(/\r\n\s+/g, ' ')

describe('a mail', () => {
  it('goes by STARTTLS with sign-in to all, as HTML and text, with its key as the Message-ID', async () => {
    await using server = await startMailServer({ tls, account })
    const options = {
      ...base,
      smarthost: `127.0.0.1:${server.port}`,
      auth_username: account.user,
      auth_password: account.password,
      tls_config: trusted,
    }
    expect(await send('email', options, notificationOf())).toMatchObject({ outcome: 'delivered', status: 250 })
    await send('email', options, notificationOf())
    const [mail, again] = server.mails
    expect(mail).toMatchObject({
      from: 'watch@example.org',
      to: ['a@example.org', 'b@example.org'],
      isEncrypted: true,
      user: account.user,
    })
    const raw = mail?.raw ?? ''
    expect(header(raw, 'Subject')).toBe('[ALERT] Error rate above 5 %')
    expect(header(raw, 'Content-Type')).toContain('multipart/alternative')
    expect(raw).toContain('text/plain')
    expect(raw).toContain('text/html')
    expect(raw).toContain('Acknowledge: https://watch.example.org/ack/abc')
    expect(header(raw, 'Importance')).toBe('high')
    expect(header(raw, 'Message-ID')).toMatch(/^<[0-9a-f]{40}@example\.org>$/)
    expect(header(again?.raw ?? '', 'Message-ID')).toBe(header(raw, 'Message-ID'))
  })

  it('goes by TLS from the first byte', async () => {
    await using server = await startMailServer({ tls, implicit: true })
    const options = { ...base, smarthost: `127.0.0.1:${server.port}`, force_implicit_tls: true, tls_config: trusted }
    expect(await send('email', options, notificationOf())).toMatchObject({ outcome: 'delivered' })
    expect(server.mails[0]).toMatchObject({ isEncrypted: true })
  })

  it('is not sent in the open where require_tls holds, and is where it does not', async () => {
    await using server = await startMailServer({ tls, plain: true })
    const options = { ...base, smarthost: `127.0.0.1:${server.port}` }
    expect(await send('email', options, notificationOf())).toMatchObject({ outcome: 'retry' })
    expect(server.mails).toHaveLength(0)
    expect(await send('email', { ...options, require_tls: false }, notificationOf())).toMatchObject({
      outcome: 'delivered',
    })
    expect(server.mails[0]).toMatchObject({ isEncrypted: false })
  })

  it('is not given to a server whose certificate nobody trusts', async () => {
    await using server = await startMailServer({ tls })
    const result = await send('email', { ...base, smarthost: `127.0.0.1:${server.port}` }, notificationOf())
    expect(result).toMatchObject({ outcome: 'retry' })
    expect(result.detail).toMatch(/certificate/i)
  })

  it('takes headers, subject and threading of email_configs', async () => {
    await using server = await startMailServer({ tls })
    const options = {
      ...base,
      smarthost: `127.0.0.1:${server.port}`,
      tls_config: trusted,
      headers: {
        Subject: '{{ template "email.default.subject" . }}',
        'X-Team': '{{ .Receiver }}',
        'Reply-To': 'desk@example.org',
      },
      text: '',
      threading: { enabled: true, thread_by_date: 'none' },
    }
    for (const one of [notificationOf(), resolvedOf()]) await send('email', options, one, { key: one.status })
    const [first, last] = server.mails.map(({ raw }) => raw)
    expect(header(first ?? '', 'Subject')).toBe('[FIRING:1] HighErrorRate (critical)')
    expect(header(first ?? '', 'X-Team')).toBe('ops')
    expect(header(first ?? '', 'Reply-To')).toBe('desk@example.org')
    expect(header(first ?? '', 'References')).toMatch(/^<alert-[0-9a-f]{40}@example\.org>$/)
    expect(header(last ?? '', 'In-Reply-To')).toBe(header(first ?? '', 'References'))
    expect(header(last ?? '', 'Message-ID')).not.toBe(header(first ?? '', 'Message-ID'))
    expect(first).not.toContain('text/plain')
  })
})

describe('who is refused', () => {
  it('keeps the mail from nobody else, and is named', async () => {
    const refuses = (address: string) => (address === 'b@example.org' ? { code: 550, text: 'no such user' } : undefined)
    await using server = await startMailServer({ tls, refuses })
    const options = { ...base, smarthost: `127.0.0.1:${server.port}`, tls_config: trusted }
    const result = await send('email', options, notificationOf())
    expect(result).toMatchObject({ outcome: 'delivered' })
    expect(result.detail).toContain('not to b@example.org: 550 no such user')
    expect(server.mails.map(({ to }) => to)).toEqual([['a@example.org']])
  })

  it('for now is tried again alone', async () => {
    let isBusy = true
    const refuses = (address: string) =>
      isBusy && address === 'b@example.org' ? { code: 450, text: 'greylisted' } : undefined
    await using server = await startMailServer({ tls, refuses })
    const options = { ...base, smarthost: `127.0.0.1:${server.port}`, tls_config: trusted }
    const memory = new FakeMemory()
    expect(await send('email', options, notificationOf(), { memory })).toMatchObject({ outcome: 'retry', status: 450 })
    isBusy = false
    expect(await send('email', options, notificationOf(), { memory })).toMatchObject({ outcome: 'delivered' })
    expect(server.mails.map(({ to }) => to)).toEqual([['a@example.org'], ['b@example.org']])
    expect(memory.value).toBeUndefined()
  })

  it('altogether fails for good, but a wrong password may be put right', async () => {
    await using none = await startMailServer({ tls, refuses: () => ({ code: 550, text: 'no such user' }) })
    const options = { ...base, smarthost: `127.0.0.1:${none.port}`, tls_config: trusted }
    expect(await send('email', options, notificationOf())).toMatchObject({ outcome: 'failed' })
    await using server = await startMailServer({ tls, account })
    const wrong = {
      ...options,
      smarthost: `127.0.0.1:${server.port}`,
      auth_username: account.user,
      auth_password: 'wrong horse',
    }
    const result = await send('email', wrong, notificationOf())
    expect(result).toMatchObject({ outcome: 'retry', status: 535 })
    expect(result.detail).not.toContain('wrong horse')
  })
})

it('signs in by CRAM-MD5 where there is a secret for it', async () => {
  await using server = await startMailServer({ tls, account, methods: ['CRAM-MD5'] })
  const options = {
    ...base,
    smarthost: `127.0.0.1:${server.port}`,
    auth_username: account.user,
    auth_secret: account.password,
    tls_config: trusted,
  }
  expect(await send('email', options, notificationOf())).toMatchObject({ outcome: 'delivered' })
})
