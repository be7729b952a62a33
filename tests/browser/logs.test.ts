// The page Logs on the whole product: first lines, following, filters, faults in place, one line and what stood around it, files, names, patterns.
import { readFile } from 'node:fs/promises'
import { eventually } from '@tidewatch/testkit/server.ts'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { accessibilityFaults } from './accessible.ts'
import { phone } from './browser.ts'
import { dialogFaults, editor, type LogsPages, list, row, search, startLogsPages } from './logs-page.ts'

let logs: LogsPages
beforeAll(async () => {
  logs = await startLogsPages()
})
afterAll(() => logs?.[Symbol.asyncDispose]())
afterEach(() => logs.closeAll())

const visit: LogsPages['visit'] = (path, options) => logs.visit(path, options)
const send: LogsPages['send'] = (lines) => logs.send(lines)

/** Sent once for all tests: two minutes of a shop, an error in every tenth line. All of it stays within the last 15 minutes while these tests run. */
async function sendShop(): Promise<void> {
  const nowMs = Date.now()
  await send(
    Array.from({ length: 1200 }, (_, i) => ({
      '@timestamp': new Date(nowMs - i * 100).toISOString(),
      level: i % 10 === 0 ? 'error' : 'info',
      service: i % 2 === 0 ? 'shop' : 'till',
      message: i % 10 === 0 ? `payment ${i} refused` : `order ${i} stored in ${i % 90} ms`,
      status: i % 10 === 0 ? 502 : 200,
      path: i % 4 === 0 ? '/pay "now"' : '/orders',
      request_id: `req-${i}`,
      trace_id: `4bf92f3577b34da6a3ce929d0e0e${String(1000 + Math.floor(i / 4))}`,
    })),
  )
}

it('teaches how the first line is sent, and shows it as soon as it comes', async () => {
  const page = await visit('/logs')
  await page.getByRole('heading', { name: 'No line was sent yet' }).waitFor()
  expect(await page.getByRole('tab', { name: 'curl' }).count()).toBe(1)
  expect(await page.locator('pre').first().textContent()).toContain(`${logs.server.url}/api/tidewatch/v1/logs`)
  expect(await accessibilityFaults(page)).toEqual([])
  await send([{ level: 'warn', message: 'the very first line', service: 'shop' }])
  await row(page, 'the very first line').waitFor()
})

it('finds lines, filters by a click on a value, and keeps all of it in the address', async () => {
  await sendShop()
  const page = await visit('/logs')
  await row(page, 'order 1 stored').waitFor()
  const fields = page.getByRole('complementary', { name: 'Fields' })
  await fields.getByRole('button', { name: 'Only level: error' }).press('Enter')
  await page.waitForURL(/q=level/)
  await page.getByText('120 lines', { exact: true }).waitFor()
  expect(await row(page, 'order').count()).toBe(0)
  await fields.getByRole('button', { name: /^path/ }).click()
  await fields.getByRole('button', { name: 'Without path: /pay "now"' }).press('Enter')
  await page.getByText('60 lines', { exact: true }).waitFor()
  await fields.getByRole('button', { name: /^status/ }).click()
  await fields.getByRole('button', { name: 'Only status: 502' }).press('Enter')
  await expect.poll(() => editor(page).textContent()).toContain('not path.keyword: "/pay \\"now\\""')
  await page.reload()
  await page.getByText('60 lines', { exact: true }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
})

it.each([
  ['lucene', 'level:error AND service:shop'],
  ['logql', '{service_name="shop"} |= "refused"'],
] as const)('asks in %s too', async (language, query) => {
  const page = await visit('/logs')
  await page.getByRole('combobox', { name: 'Language of the query' }).selectOption(language)
  await search(page, query)
  await page.waitForURL(new RegExp(`lang=${language}`))
  await page.getByText('120 lines', { exact: true }).waitFor()
})

it('marks what is wrong in place, and offers the way out', async () => {
  const page = await visit('/logs')
  await row(page, 'order 1 stored').waitFor()
  await search(page, 'service: shop and (level: error')
  const problem = page.getByRole('alert').filter({ hasText: /^Column 32/ })
  await problem.waitFor()
  await page.locator('.cm-lintRange-error, .cm-lintPoint-error').first().waitFor({ state: 'attached' })
  expect(await row(page, 'order 1 stored').count()).toBe(1)
  await problem.getByRole('button', { name: 'Add “)” at the end' }).click()
  await page.getByText('120 lines', { exact: true }).waitFor()
  await problem.waitFor({ state: 'detached' })
})

it('completes fields and values of this server', async () => {
  const page = await visit('/logs')
  await row(page, 'order 1 stored').waitFor()
  await editor(page).click()
  await page.keyboard.type('serv')
  await page
    .getByRole('option', { name: /^service/ })
    .first()
    .waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.type('ice: ti')
  await eventually(async () => {
    if ((await editor(page).textContent()) === 'service: till') return
    // an answer that comes late opens the list anew, and a key within 75 ms of its opening is not for it: nobody has seen it
    await page.keyboard.press('Backspace')
    await page.keyboard.type('i')
    await page.getByRole('option', { name: /^till/ }).waitFor()
    const shownAt = await page.evaluate(() => performance.now())
    await page.waitForFunction((at) => performance.now() - at > 75, shownAt)
    await page.keyboard.press('Enter')
    expect(await editor(page).textContent()).toBe('service: till')
  })
})

it('lets who writes while the editor is loaded go on writing', async () => {
  const page = await visit('/')
  const loaded = Promise.withResolvers<void>()
  await page.route('**/assets/code-editor-*.js', async (route) => {
    await loaded.promise
    await route.continue()
  })
  await page.goto('/logs')
  await page.locator('textarea.query-plain').click()
  await page.keyboard.type('service: ti')
  loaded.resolve()
  await page.locator('.cm-content').waitFor()
  await page.keyboard.type('ll')
  await expect.poll(() => editor(page).textContent()).toBe('service: till')
})

it('keeps what is typed faster than the page is drawn, and asks for all of it', async () => {
  const page = await visit('/logs')
  await row(page, 'order 1 stored').waitFor()
  await page.locator('.cm-content').click()
  const query = 'level: error and service: shop'
  await page.evaluate(async (text) => {
    const turn = () =>
      new Promise<void>((done) => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => done()
        port2.postMessage(undefined)
      })
    for (const [i, sign] of [...text].entries()) {
      document.execCommand('insertText', false, sign)
      for (let turns = i % 4; turns > 0; turns--) await turn()
    }
    // as a key that was pressed while the page had other work: it comes before anything is drawn
    await Promise.resolve()
    document.querySelector<HTMLButtonElement>('.log-run')?.click()
  }, query)
  await page.getByText('120 lines', { exact: true }).waitFor()
  expect(await editor(page).textContent()).toBe(query)
})

it('opens a line by keyboard: fields, JSON, what stood around it, where it leads, a link that stays good', async () => {
  const page = await visit('/logs?q=status:502')
  await row(page, 'payment 20 refused').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  const detail = page.getByRole('complementary', { name: 'Line' })
  await detail.getByText('payment 30 refused').first().waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  expect(await detail.getByRole('row', { name: /^request_id req-30/ }).count()).toBe(1)
  await detail.getByRole('tab', { name: 'JSON' }).click()
  expect(JSON.parse((await detail.locator('pre').textContent()) ?? '')).toMatchObject({
    message: 'payment 30 refused',
    status: 502,
  })
  await detail.getByRole('tab', { name: 'Around it' }).click()
  const around = detail.getByRole('list', { name: 'Lines around it, the oldest first' })
  await around.getByText('order 32 stored').waitFor()
  expect(await around.locator('[aria-current]').textContent()).toContain('payment 30 refused')
  const id = new URL(page.url()).searchParams.get('line')
  const linked = await visit(`/logs?line=${id}`)
  await linked.getByRole('complementary', { name: 'Line' }).getByText('payment 30 refused').first().waitFor()
  await linked.getByRole('link', { name: /^Same trace/ }).click()
  await linked.waitForURL(/q=trace_id/)
  await linked.getByText('4 lines', { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await detail.waitFor({ state: 'detached' })
  await row(page, 'payment 20 refused').focus()
  await page.keyboard.press('c')
  await around.getByText('order 22 stored').waitFor()
})

it('follows what comes, holds it back when paused or scrolled, and stops', async () => {
  const page = await visit('/logs?q=service:parcel')
  await page.getByRole('button', { name: 'Follow new lines' }).getByText('Following').waitFor()
  await send([{ message: 'parcel 1 packed', service: 'parcel' }])
  await row(page, 'parcel 1 packed').waitFor()
  await page.getByRole('button', { name: 'Pause following' }).click()
  await send([
    { message: 'parcel 2 packed', service: 'parcel' },
    { message: 'order of another', service: 'shop' },
  ])
  await page.getByRole('button', { name: '1 new line' }).waitFor()
  expect(await row(page, 'parcel 2 packed').count()).toBe(0)
  await page.getByRole('button', { name: '1 new line' }).press('Enter')
  await row(page, 'parcel 2 packed').waitFor()
  await page.getByRole('button', { name: 'Follow new lines' }).click()
  await page.waitForURL(/tail=off/)
  await page.getByRole('button', { name: 'Follow new lines', pressed: false }).waitFor()
})

it('narrows the time by a click on a bar of the histogram, by keyboard too', async () => {
  const page = await visit('/logs')
  await row(page, 'order 1 stored').waitFor()
  const bars = page.getByRole('button', { name: /lines in \d+ bars/ })
  await bars.focus()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Shift+ArrowLeft')
  await page.keyboard.press('Enter')
  await page.waitForURL(/from=.*to=/)
  await page.goBack()
  const box = await bars.boundingBox()
  if (box === null) throw new Error('the histogram is not drawn')
  await page.mouse.click(box.x + box.width * 0.8, box.y + box.height / 2)
  await page.waitForURL(/from=.*to=/)
})

it('loads older lines, and moves through many of them', async () => {
  const page = await visit('/logs')
  await page.getByText(/^500 of 1,20\d lines$/).waitFor()
  await page.getByRole('button', { name: 'Older lines' }).click()
  await page.getByText(/^1,20\d lines$/).waitFor()
  expect(await list(page).getByRole('row').count()).toBeLessThan(200)
  await page.locator('.log-list').evaluate((element) => element.scrollTo({ top: element.scrollHeight }))
  await row(page, 'order 1199 stored').waitFor()
})

it('chooses columns and remembers them', async () => {
  const page = await visit('/logs?q=status:502')
  await row(page, 'payment 20 refused').waitFor()
  await page.getByRole('button', { name: 'Columns', exact: true }).click()
  await page.getByRole('textbox', { name: 'Name of a field' }).fill('request_id')
  await page.keyboard.press('Enter')
  await page.waitForURL(/cols=service(?:,|%2C)request_id/)
  await list(page).getByRole('columnheader', { name: 'request_id' }).waitFor()
  expect(await row(page, 'payment 20 refused').textContent()).toContain('req-20')
  await page.goto('/logs?q=status:502')
  await list(page).getByRole('columnheader', { name: 'request_id' }).waitFor()
})

it('gives all lines of the search as a file', async () => {
  const page = await visit('/logs?q=status:502')
  await row(page, 'payment 20 refused').waitFor()
  for (const [format, lines] of [
    ['NDJSON, an object a line', 120],
    ['CSV, the columns of the list', 121],
  ] as const) {
    await page.getByRole('button', { name: 'Export' }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: format }).click()
    const text = await readFile(await (await download).path(), 'utf8')
    expect(text.trim().split('\n'), format).toHaveLength(lines)
    expect(text).toContain('payment 20 refused')
  }
})

it('saves a search for all, and brings it back', async () => {
  const page = await visit('/logs?q=status:502&cols=request_id&range=1h')
  await page.getByRole('button', { name: 'Saved searches' }).click()
  const dialog = page.getByRole('dialog', { name: 'Saved searches' })
  await dialog.getByRole('textbox', { name: 'Save what is searched now as' }).fill('Refused payments')
  expect(await dialogFaults(page)).toEqual([])
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  const other = await visit('/logs')
  await other.getByRole('button', { name: 'Saved searches' }).click()
  await other.getByRole('button', { name: /^Refused payments/ }).click()
  await other.waitForURL(/q=status:502/)
  const { searchParams } = new URL(other.url())
  expect([searchParams.get('cols'), searchParams.get('range')]).toEqual(['request_id', '1h'])
  await other.getByText('120 lines', { exact: true }).waitFor()
  await other.getByRole('button', { name: 'Saved searches' }).click()
  await other.getByRole('button', { name: 'Delete Refused payments' }).click()
  await other.getByRole('button', { name: 'Really delete Refused payments' }).click()
  await other.getByText('None yet').waitFor()
})

it('folds lines into patterns that find their lines', async () => {
  const page = await visit('/logs?tab=patterns')
  const table = page.getByRole('table', { name: 'Patterns, the most frequent first' })
  await table.getByRole('button', { name: /payment … refused/ }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await table.getByRole('button', { name: /payment … refused/ }).click()
  await page.getByText('120 lines', { exact: true }).waitFor()
})

it('tries a pipeline on lines: what comes out, the step that failed, faults of the text in place', async () => {
  const page = await visit('/logs?tab=pipelines')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  const events = page.getByRole('list', { name: 'Events' })
  await events.getByText('_grokparsefailure').first().waitFor()
  expect(await events.textContent()).toContain('server_error')
  expect(await events.textContent()).toContain('dropped')
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByRole('textbox', { name: 'Pipeline' }).click()
  await page.keyboard.press('Control+End')
  await page.keyboard.insertText('nonsense')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('list', { name: 'Faults of the pipeline' }).waitFor()
})

it('tells what logs take and how that is changed', async () => {
  const page = await visit('/logs?tab=storage')
  await page.getByRole('region', { name: 'On disk' }).waitFor()
  await page.getByRole('table', { name: 'Lines by how long they are kept' }).waitFor()
  expect(await page.getByRole('region', { name: 'Changing it' }).textContent()).toContain('retention:')
  expect(await accessibilityFaults(page)).toEqual([])
})

it('changes how long lines are kept on a phone, by keyboard, after telling what goes', async () => {
  const old = new Date(Date.now() - 20 * 86_400_000).toISOString()
  await send([{ timestamp: old, message: 'long ago' }, { message: 'just now' }])
  const page = await visit('/logs?tab=storage', { ...phone, expected: [/status of 400/] })
  const section = page.getByRole('region', { name: 'Change how long lines are kept' })
  await section.getByLabel('Keep lines for').focus()
  await page.keyboard.type('soon')
  await page.keyboard.press('Enter')
  await section.getByRole('alert').filter({ hasText: '"soon" is not an age' }).waitFor()
  await page.keyboard.press('Control+a')
  await page.keyboard.type('10d')
  await page.keyboard.press('Enter')
  const keep = section.getByRole('button', { name: 'Keep lines so and drop 1 day' })
  await keep.waitFor()
  expect(await section.getByRole('status').textContent()).toContain('with 1 line')
  expect(await accessibilityFaults(page)).toEqual([])
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(wide).toBeLessThanOrEqual(0)
  await keep.focus()
  await page.keyboard.press('Enter')
  await section.getByText('10d now, set here').waitFor()
  await eventually(async () => {
    await page.reload()
    await page.getByRole('table', { name: 'Lines by how long they are kept' }).getByText('10 days').waitFor()
    expect(await page.locator('.log-days > li').count()).toBe(1)
  })
  expect(await section.getByLabel('Keep lines for').inputValue()).toBe('10d')
})

it('fits a phone: the line is a page of its own, with a way back', async () => {
  const page = await visit('/logs?q=status:502', phone)
  await row(page, 'payment 20 refused').click()
  await page.getByRole('complementary', { name: 'Line' }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Close the line' }).click()
  await row(page, 'payment 20 refused').waitFor()
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(wide).toBeLessThanOrEqual(0)
  await page.getByRole('button', { name: 'Fields', exact: true }).click()
  await page.getByRole('searchbox', { name: 'Find a field' }).waitFor()
})

it('keeps the lines of the search before, and says what failed, when the server is away', async () => {
  const page = await visit('/logs', { expected: [/Failed to load resource/, /ERR_/] })
  await row(page, 'order 1 stored').waitFor()
  await page.route('**/api/tidewatch/v1/logs/search*', (route) => route.abort())
  await search(page, 'service: shop')
  await page.getByRole('alert').filter({ hasText: 'Tidewatch does not answer' }).waitFor()
  await eventually(async () => expect(await row(page, 'order 1 stored').count()).toBe(1))
})
