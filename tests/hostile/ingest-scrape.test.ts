// What a broken or malicious target does to the scraper: real HTTP, real time.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { systemClock } from '@tidewatch/core/clock.ts'
import { afterEach, expect, test } from 'vitest'
import { scrapeConfigSchema } from '../../packages/server/src/collect/config.ts'
import { FakeAcceptor, fakeLogger } from '../../packages/server/src/collect/fakes.ts'
import { resolveScrapeJobs } from '../../packages/server/src/collect/scrape/job.ts'
import { createScraper } from '../../packages/server/src/collect/scrape/scraper.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    listener(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Scrapes a target once beside a good one; answers its state and how late the good one came. */
async function scrapeOnce(listener: RequestListener, config: Record<string, unknown> = {}) {
  const bad = await serve(listener)
  const good = await serve((_request, response) => response.end('good 1\n'))
  const acceptor = new FakeAcceptor()
  const logger = fakeLogger()
  const scraper = createScraper({ acceptor, clock: systemClock, logger, version: '0', offsetSeed: '' })
  cleanUps.push(() => scraper[Symbol.asyncDispose]())
  const configs = [
    { job_name: 'bad', static_configs: [{ targets: [bad] }], scrape_interval: '1s', ...config },
    { job_name: 'good', static_configs: [{ targets: [good] }], scrape_interval: '1s' },
  ].map((one) => scrapeConfigSchema.parse(one))
  await scraper.apply(resolveScrapeJobs({ scrape_interval: 1000 }, configs, '/'))
  while (scraper.active().some((target) => target.health === 'unknown')) await acceptor.next()
  const [first, second] = scraper.active()
  expect(second).toMatchObject({ health: 'up', lastError: '' })
  return { ...first, error: first.lastError, lines: acceptor.batches.flat() }
}

test('an endless body ends at body_size_limit', async () => {
  const { health, error } = await scrapeOnce(
    (_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('a 1\n'.repeat(10_000)));
      }
      response.on('drain', more)
      more()
    },
    { body_size_limit: '4MB' },
  )
  expect({ health, error }).toEqual({ health: 'down', error: 'the answer is longer than 4194304 bytes' })
})

test('a gzip bomb ends at body_size_limit', async () => {
  const bomb = gzipSync(Buffer.alloc(256 << 20))
  const { error } = await scrapeOnce(
    (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    {
      body_size_limit: '4MB',
    },
  )
  expect(error).toBe('the answer is longer than 4194304 bytes')
})

test('a body that trickles for ever ends with the timeout', async () => {
  const { error } = await scrapeOnce(
    (_request, response) => {
      const timer = setInterval(() => response.write('a 1\n'), 20)
      response.on('close', () => clearInterval(timer))
    },
    { scrape_timeout: '300ms' },
  )
  expect(error).toBe('no whole answer within the scrape timeout of 300ms')
})

test('a target that never answers ends with the timeout', async () => {
  const { error } = await scrapeOnce(() => {}, { scrape_timeout: '300ms' })
  expect(error).toBe('no whole answer within the scrape timeout of 300ms')
})

test('a million labels on one series, and one label of megabytes, are refused by the limits', async () => {
  const labels = Array.from({ length: 1_000_000 }, (_, i) => `l${i}="x"`).join(',')
  const many = await scrapeOnce((_request, response) => response.end(`a{${labels}} 1\n`), {
    label_limit: 30,
    scrape_timeout: '1s',
  })
  expect(many.error).toBe('1000001 labels on "a"; label_limit is 30')
  const long = await scrapeOnce((_request, response) => response.end(`a{b="${'x'.repeat(8 << 20)}"} 1\n`), {
    label_value_length_limit: 200,
  })
  expect(long.error).toBe('the value of "b" on "a" has 8388608 bytes; label_value_length_limit is 200')
})

test('binary, HTML and half a line are named for what they are', async () => {
  const binary = await scrapeOnce((_request, response) => response.end(Buffer.from([0, 1, 2, 255])))
  expect(binary.error).toContain('line 1, column 1: expected a metric name, { or #')
  const html = await scrapeOnce((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
  )
  expect(html.error).toBe('the answer is "text/html", not metrics')
  const half = await scrapeOnce((_request, response) => response.end('a 1\nb{c="'))
  expect(half.error).toBe('line 2, column 2: expected a closing " of a label value, found "{c=\\""')
  expect(half.lines.some((line) => line.startsWith('a{'))).toBe(false)
})
