// The metrics explorer on the whole product: several queries, history, metrics to pick, explain, native histograms, exemplars, CSV.
import { readFile } from 'node:fs/promises'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import {
  doubleField,
  field,
  label,
  sample,
  snappyBlock,
  varint,
  varintField,
  zigzag,
} from '@tidewatch/testkit/write-request.ts'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { accessibilityFaults } from './accessible.ts'
import { launchBrowser, type NewPageOptions, phone, type TestBrowser, type TestPage } from './browser.ts'
import { buildPage } from './product.ts'

const stack = new AsyncDisposableStack()
let server: RunningServer
let browser: TestBrowser
let open: TestPage[] = []

beforeAll(async () => {
  await buildPage()
  server = stack.use(await startServer())
  browser = stack.use(await launchBrowser())
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
  const answer = await fetch(`${server.url}/api/v1/write`, {
    method: 'POST',
    headers,
    body: new Uint8Array(shopBody()),
  })
  expect(answer.ok, await answer.text()).toBe(true)
  await eventually(async () => {
    const { result } = await getData<{ result: unknown[] }>(server, '/api/v1/query', { query: 'shop_latency_seconds' })
    expect(result).toHaveLength(1)
  })
})
afterAll(() => stack.disposeAsync())
afterEach(async () => {
  for (const one of open) one.assertSilent()
  for (const one of open) await one[Symbol.asyncDispose]()
  open = []
})

async function visit(path: string, options: NewPageOptions = {}) {
  const opened = await browser.newPage({ baseURL: server.url, ...options })
  open.push(opened)
  await opened.page.goto(path)
  return opened.page
}

/** While a dialog is open the page behind it is hidden from screen readers, its title too. */
const dialogFaults = async (page: TestPage['page']): Promise<string[]> =>
  (await accessibilityFaults(page)).filter((fault) => !/^(?:main|h1): /.test(fault))

const stepMs = 15_000
const samples = 40
/** The newest sample's time. All tests look at the ten minutes before it, however long they take. */
const endMs = Math.floor(Date.now() / stepMs) * stepMs
const iso = (atMs: number): string => new Date(atMs).toISOString()
const window = `from=${iso(endMs - 600_000)}&to=${iso(endMs)}`

/** Ten minutes of a shop: a native histogram of 8 buckets, a counter by till, a classic bucket with exemplars. */
function shopBody(): Uint8Array {
  const times = Array.from({ length: samples }, (_, i) => endMs - (samples - 1 - i) * stepMs)
  const message = (labels: Record<string, string>, parts: readonly Uint8Array[]): Uint8Array =>
    field(1, Buffer.concat([...Object.entries(labels).map(([name, value]) => label(name, value)), ...parts]))
  const counters = ['1', '2'].map((till) =>
    message(
      { __name__: 'shop_orders_total', till, 'shop.name': 'harbour' },
      times.map((timeMs, i) => sample(timeMs, i * Number(till) * 3)),
    ),
  )
  const bucket = message({ __name__: 'till_latency_seconds_bucket', le: '0.5' }, [
    ...times.map((timeMs, i) => sample(timeMs, i * 10)),
    ...[10, 20, 30].map((i) =>
      field(
        3,
        Buffer.concat([label('trace_id', `4bf92f35${i}`), doubleField(2, 0.2), varintField(3, times[i] as number)]),
      ),
    ),
  ])
  const histograms = times.map((timeMs, i) => nativeHistogram(timeMs, i + 1))
  return snappyBlock(...counters, bucket, message({ __name__: 'shop_latency_seconds', job: 'shop' }, histograms))
}

/** Eight buckets of a schema of 0 (each twice as wide as the one before), `each` in every one. */
function nativeHistogram(timeMs: number, each: number): Uint8Array {
  const deltas = [each, 0, 0, 0, 0, 0, 0, 0].map((delta) => varint(zigzag(delta)))
  const span = field(11, Buffer.concat([varintField(1, zigzag(-3)), varintField(2, 8)]))
  const numbers = [varintField(1, each * 8), doubleField(3, each * 10), varintField(4, 0), doubleField(5, 1e-100)]
  return field(4, Buffer.concat([...numbers, span, field(12, Buffer.concat(deltas)), varintField(15, timeMs)]))
}

it('keeps several queries with their names, colours and order in the address', async () => {
  const page = await visit(`/explore?q=shop_orders_total&q=up&${window}`)
  await page.getByRole('button', { name: 'More for query A' }).click()
  await page.getByRole('menuitem', { name: 'Name and colour' }).click()
  await page.getByLabel('Names of the series of query A').fill('till {{till}}')
  await page.keyboard.press('Enter')
  await page.getByRole('table', { name: 'Legend' }).getByText('till 2', { exact: true }).waitFor()
  await page.getByRole('radio', { name: 'colour 4' }).press('Space')
  await page.waitForURL(/colour=4/)
  await page.getByRole('button', { name: 'More for query A' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Move down' }).press('Enter')
  await page.waitForURL(/q=up&q=shop_orders_total/)
  await page.getByRole('button', { name: 'More for query B' }).click()
  await page.getByRole('menuitem', { name: 'Duplicate' }).click()
  await page.getByRole('textbox', { name: 'Query C' }).waitFor()
  await page.getByRole('button', { name: 'Hide query C' }).click()
  await page.getByRole('button', { name: 'More for query A' }).click()
  await page.getByRole('menuitem', { name: 'Remove' }).click()
  await page.waitForURL(/hide=B/)
  const { searchParams } = new URL(page.url())
  expect([
    searchParams.getAll('q'),
    searchParams.getAll('as'),
    searchParams.getAll('colour'),
    searchParams.get('hide'),
  ]).toEqual([['shop_orders_total', 'shop_orders_total'], ['till {{till}}', 'till {{till}}'], ['4'], 'B'])
  await page.reload()
  await page.getByRole('table', { name: 'Legend' }).getByText('till 1', { exact: true }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
})

it('finds what was asked before, and keeps what has a star', async () => {
  const page = await visit('/explore?q=up')
  await page.getByRole('button', { name: 'Run' }).click()
  await page.locator('.cm-editor').waitFor()
  await page.getByRole('textbox', { name: 'Query A' }).click()
  await page.keyboard.press('Control+a')
  await page.keyboard.type('shop_orders_total > 1')
  await page.keyboard.press('Control+Enter')
  await page.waitForURL(/shop_orders_total/)
  await page.getByRole('button', { name: 'Queries asked before' }).click()
  await page.getByRole('button', { name: 'Star up', exact: true }).click()
  const list = page.getByRole('list', { name: 'Queries' })
  await expect.poll(() => list.getByRole('listitem').allTextContents()).toEqual(['up', 'shop_orders_total > 1'])
  await page.getByLabel('Find a query').fill('orders')
  await expect.poll(() => list.getByRole('listitem').allTextContents()).toEqual(['shop_orders_total > 1'])
  await page.getByLabel('Find a query').fill('u')
  await list.getByRole('button', { name: 'up', exact: true }).click()
  await page.waitForURL((url) => url.searchParams.get('q') === 'up')
  await page.reload()
  await page.getByRole('button', { name: 'Queries asked before' }).click()
  expect(await page.getByRole('button', { name: 'Star up', exact: true }).getAttribute('aria-pressed')).toBe('true')
})

it('leads from all metrics over the labels of one to a selector', async () => {
  const page = await visit('/explore')
  await page.getByRole('button', { name: 'Browse metrics for query A' }).click()
  // where a person types once it is there: it has the focus
  await page.getByRole('searchbox', { name: 'Find a metric' }).and(page.locator(':focus')).waitFor()
  await page.keyboard.type('shop orders')
  await page.getByRole('list', { name: 'Metrics' }).getByRole('button', { name: 'shop_orders_total' }).click()
  await page.getByRole('list', { name: 'Labels', exact: true }).getByRole('button', { name: 'shop.name' }).click()
  await page.getByRole('list', { name: 'Values of shop.name' }).getByRole('button', { name: 'harbour' }).click()
  await page.getByRole('list', { name: 'Labels', exact: true }).getByRole('button', { name: 'till' }).click()
  for (const till of ['1', '2'])
    await page.getByRole('list', { name: 'Values of till' }).getByRole('button', { name: till }).click()
  await page.getByText('shop_orders_total{"shop.name"="harbour", till=~"1|2"}').waitFor()
  expect(await dialogFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Use it' }).click()
  await page.getByRole('img', { name: /^Result, from .* 2 series/ }).waitFor()
})

it('explains where an answer came from and what took how long', async () => {
  const page = await visit(`/explore?q=sum(rate(shop_orders_total[1m]))&${window}`)
  await page.getByText('How it is answered').click()
  const aside = page.getByRole('complementary', { name: 'About the answer' })
  await aside.getByText('memory, all of it').waitFor()
  await aside
    .getByRole('list', { name: 'Selectors' })
    .getByText(/^2 series over .* from memory, 0 from the store$/)
    .waitFor()
  expect(await aside.getByRole('list', { name: /^Took/ }).getByRole('listitem').count()).toBe(6)
  await aside.getByRole('button', { name: 'Measure again' }).click()
  expect(await accessibilityFaults(page)).toEqual([])
})

it('draws a native histogram as a heat map that the keyboard reads, and as bars at one moment', async () => {
  const page = await visit(`/explore?q=rate(shop_latency_seconds[1m])&${window}`)
  const map = page.getByRole('img', { name: /^Result, heat map from .*: 8 buckets, most at once in/ })
  await map.focus()
  for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowUp']) await page.keyboard.press(key)
  await page.getByRole('status').getByText('125 ms to 250 ms').waitFor()
  await page.getByRole('tab', { name: 'Table' }).click()
  await page.getByText('8 buckets').click()
  await expect.poll(() => page.getByRole('list', { name: 'Buckets' }).getByRole('listitem').count()).toBe(8)
})

it('draws classic buckets as a heat map too, and says what is missing where there are none', async () => {
  const page = await visit(`/explore?q=rate(till_latency_seconds_bucket[1m])&view=heat&${window}`)
  await page.getByRole('img', { name: /heat map .* 1 buckets/ }).waitFor()
  const other = await visit('/explore?q=up&view=heat')
  await other.getByText('There are no buckets in this answer.').waitFor()
})

it('puts exemplars on the chart, with their labels on focus', async () => {
  const page = await visit(`/explore?q=rate(till_latency_seconds_bucket[1m])&${window}`)
  await page.getByLabel('Exemplars').check()
  const dots = page.getByRole('button', { name: /^Exemplar/ })
  await dots.first().waitFor()
  await expect.poll(() => dots.count()).toBe(3)
  await dots.first().focus()
  await page
    .getByRole('status')
    .getByText(/^4bf92f35/)
    .waitFor()
  expect(new URL(page.url()).searchParams.get('exemplars')).toBe('on')
  // an expression without a series has none to look for
  const other = await visit('/explore?q=1%2B1&exemplars=on')
  await other.getByRole('img', { name: /^Result, from/ }).waitFor()
})

it('draws points, and gives the table as CSV', async () => {
  const page = await visit(`/explore?q=shop_orders_total&${window}`)
  await page.getByRole('tab', { name: 'Points' }).click()
  await page.getByRole('img', { name: /^Result, from/ }).waitFor()
  await page.getByRole('tab', { name: 'Table' }).click()
  await page.getByRole('table', { name: 'Values' }).waitFor()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'CSV' }).click()
  const text = await readFile(await (await download).path(), 'utf8')
  expect(text.split('\r\n')[0]).toBe('time,__name__,shop.name,till,value')
  expect(
    text
      .split('\r\n')
      .slice(1, 3)
      .sort()
      .map((line) => line.replace(/^[^,]+,/, '')),
  ).toEqual(['shop_orders_total,harbour,1,117', 'shop_orders_total,harbour,2,234'])
})

it('lists the samples of a range selector with their times', async () => {
  const page = await visit(`/explore?q=shop_orders_total[10m]&view=table&${window}`)
  await page.getByText(/\d+ samples up to/).waitFor()
  await page.getByRole('columnheader', { name: 'Time' }).waitFor()
})

it('shows tables of several queries, a wrong one in its place', async () => {
  const page = await visit(`/explore?q=shop_orders_total&q=sum(up&view=table&${window}`, {
    expected: [/status of 400/],
  })
  await page.getByRole('table', { name: 'Values of A' }).waitFor()
  await page
    .getByRole('alert')
    .getByText(/^B: Column 7/)
    .waitFor()
})

it.each(['light', 'dark'] as const)('fits a phone (%s)', async (colorScheme) => {
  const page = await visit(
    `/explore?q=sum(rate(shop_orders_total[1m]))&q=rate(shop_latency_seconds[1m])&view=heat&${window}`,
    {
      ...phone,
      colorScheme,
    },
  )
  await page.getByRole('img', { name: /heat map/ }).waitFor()
  const beyond = () => page.evaluate(() => document.documentElement.scrollWidth - globalThis.innerWidth)
  expect(await beyond()).toBeLessThanOrEqual(0)
  await page.getByRole('button', { name: 'Browse metrics for query B' }).click()
  await page
    .getByRole('list', { name: 'Metrics' })
    .getByRole('button', { name: /^shop_orders_total/ })
    .click()
  await page.getByRole('list', { name: 'Labels', exact: true }).waitFor()
  expect(await beyond()).toBeLessThanOrEqual(0)
  expect(await dialogFaults(page)).toEqual([])
})
