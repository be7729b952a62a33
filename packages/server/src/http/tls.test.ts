import { cp, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveForTest } from './testing/serve.ts'

const fixtures = join(import.meta.dirname, 'fixtures')
let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidewatch-tls-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function install(name: string): Promise<{ certFile: string; keyFile: string }> {
  const files = { certFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') }
  await cp(join(fixtures, `${name}.crt`), files.certFile)
  await cp(join(fixtures, `${name}.key`), files.keyFile)
  return files
}

/** Whose certificate is served, and the head of an answer. */
function ask(port: number): Promise<{ readonly name: string; readonly answer: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      const name = String(socket.getPeerCertificate().subject.CN)
      socket.once('data', (data) => {
        socket.destroy()
        resolve({ name, answer: data.toString() })
      })
      socket.write('GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n')
    })
    socket.on('error', reject)
  })
}

test('serves https, tells browsers to stay there, and takes up a new certificate without a restart', async () => {
  const tls = await install('first')
  await using served = await serveForTest([], { tls })
  expect(served.http.url).toMatch(/^https:/)
  const first = await ask(served.http.port)
  expect(first.name).toBe('first.tidewatch.test')
  expect(first.answer).toContain('strict-transport-security: max-age=31536000')
  await install('second')
  await utimes(tls.certFile, 1, 2_000_000_000)
  await served.clock.advance(5000)
  await expect.poll(async () => (await ask(served.http.port)).name).toBe('second.tidewatch.test')
})

test('keeps the former certificate where the new one is no good, and says so', async () => {
  const tls = await install('first')
  await using served = await serveForTest([], { tls })
  await writeFile(tls.keyFile, 'no key')
  await expect(served.http.reloadCertificate()).rejects.toMatchObject({
    code: 'http.bad_certificate',
    where: { file: tls.certFile },
  })
  expect((await ask(served.http.port)).name).toBe('first.tidewatch.test')
  await install('second')
  await served.http.reloadCertificate()
  expect((await ask(served.http.port)).name).toBe('second.tidewatch.test')
})

test('does not start with files that are missing or do not belong together', async () => {
  const tls = await install('first')
  await expect(serveForTest([], { tls: { ...tls, keyFile: join(directory, 'nowhere.key') } })).rejects.toMatchObject({
    code: 'http.bad_certificate',
    message: expect.stringContaining('nowhere.key cannot be read'),
  })
  await cp(join(fixtures, 'second.key'), tls.keyFile)
  await expect(serveForTest([], { tls })).rejects.toMatchObject({ code: 'http.bad_certificate' })
})
