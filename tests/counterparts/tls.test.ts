// HTTPS by --tls-cert and --tls-key with certificates made by openssl; a new one is taken up on SIGHUP.
import { copyFileSync, readFileSync } from 'node:fs'
import { request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { eventually, startServer } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'
import { run, type TempDir, tempDir } from './programs.ts'

interface Pair {
  readonly cert: string
  readonly key: string
}

async function makePair(dir: TempDir, name: string): Promise<Pair> {
  const pair = { cert: `${dir.path}/${name}.crt`, key: `${dir.path}/${name}.key` }
  const made = await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', pair.key, '-out', pair.cert],
  ])
  if (made.code !== 0) throw new Error(made.err)
  return pair
}

/** Asks over a connection of its own that trusts this certificate alone. */
function get(url: string, trusted: string): Promise<{ readonly status: number; readonly name: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ca: readFileSync(trusted), agent: false }, (response) => {
      response.resume()
      const name = String((response.socket as TLSSocket).getPeerCertificate().subject.CN)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, name }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('a certificate is served, and its successor after SIGHUP', async () => {
  using dir = tempDir()
  const [first, second, stranger] = [
    await makePair(dir, 'first'),
    await makePair(dir, 'second'),
    await makePair(dir, 'stranger'),
  ]
  const live = { cert: `${dir.path}/live.crt`, key: `${dir.path}/live.key` }
  const install = (cert: string, key: string): void => {
    copyFileSync(cert, live.cert)
    copyFileSync(key, live.key)
  }
  install(first.cert, first.key)
  await using server = await startServer({ args: ['--tls-cert', live.cert, '--tls-key', live.key] })
  const health = `${server.url}/-/healthy`
  expect(server.url).toMatch(/^https:/)
  expect(await get(health, first.cert)).toEqual({ status: 200, name: 'first' })
  await expect(get(health, second.cert)).rejects.toThrow(/self-signed|unable to verify/)

  install(second.cert, second.key)
  process.kill(server.pid, 'SIGHUP')
  await eventually(async () => expect(await get(health, second.cert)).toEqual({ status: 200, name: 'second' }))

  // a key that is another's: the certificate in force stays so
  install(second.cert, stranger.key)
  const printed = server.output().length
  process.kill(server.pid, 'SIGHUP')
  await eventually(async () => expect(server.output().slice(printed)).toMatch(/certificate/))
  expect(await get(health, second.cert)).toEqual({ status: 200, name: 'second' })
})

test('a certificate that is no certificate is named at the start', async () => {
  using dir = tempDir()
  const { key } = await makePair(dir, 'only')
  const cert = dir.write('broken.crt', 'not a certificate')
  const started = startServer({ args: ['--tls-cert', cert, '--tls-key', key] })
  await expect(started).rejects.toThrow(/broken\.crt/)
})
