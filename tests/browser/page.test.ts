// What a person does on the page, against a stand-in server: found by role and name, with a silent console.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type FakeApi, startFakeApi } from '@tidewatch/testkit/fake-api.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchBrowser, type NewPageOptions, phone, type TestBrowser, type TestPage } from './browser.ts'

const distDir = join(import.meta.dirname, '../../packages/web/dist')

let browser: TestBrowser
let api: FakeApi
let open: TestPage[] = []

beforeAll(async () => {
  if (!existsSync(join(distDir, 'index.html'))) throw new Error('The page is not built. Run: npm run build')
  browser = await launchBrowser()
})
afterAll(() => browser?.close())

beforeEach(async () => {
  api = await startFakeApi({ distDir })
})
afterEach(async () => {
  for (const one of open) one.assertSilent()
  for (const one of open) await one[Symbol.asyncDispose]()
  open = []
  await api.close()
})

async function visit(path: string, options: NewPageOptions = {}) {
  const opened = await browser.newPage({ baseURL: api.url, ...options })
  open.push(opened)
  await opened.page.goto(path)
  return opened.page
}

/** The browser itself writes a line for every answer of 400 and more. */
const failedLoad = (status: number) => new RegExp(`status of ${status}`)

describe('signing in', () => {
  it('says what is wrong, and comes back to the page that was asked for', async () => {
    api.state.signedIn = false
    const page = await visit('/rules', { expected: [failedLoad(403)] })
    await page.getByLabel('Name').fill('mara')
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Name or password is not right').waitFor()
    await page.getByLabel('Password').fill(api.state.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Rules', level: 1 }).waitFor()
  })

  it('redeems a one-time link once and takes its token out of the address', async () => {
    api.state.signedIn = false
    const page = await visit('/sign-in#token=one-time')
    await page.getByRole('heading', { name: 'Now', level: 1 }).waitFor()
    expect(new URL(page.url()).pathname + new URL(page.url()).hash).toBe('/')
    expect(api.state.linkToken).toBeUndefined()
  })

  it('offers name and password where a link was used already', async () => {
    api.state.signedIn = false
    const page = await visit('/sign-in#token=old', { expected: [failedLoad(403)] })
    await page.getByText('This link was used already').waitFor()
    await page.getByRole('button', { name: 'Use name and password' }).click()
    await page.getByLabel('Password').waitFor()
  })

  it('signs out from the menu', async () => {
    const page = await visit('/')
    await page.getByRole('button', { name: /mara, Administrator/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByLabel('Password').waitFor()
  })
})

describe('the overview', () => {
  it('shows what fires first, this machine, and targets by job', async () => {
    const page = await visit('/')
    await page.getByRole('region', { name: 'What is on fire' }).getByText('IndexerHighLag').waitFor()
    await page.getByRole('img', { name: /^Processor, from .* last/ }).waitFor()
    await page.getByRole('table', { name: 'Targets by job' }).getByText('indexer').waitFor()
    expect(await page.title()).toBe('(1) Now · Tidewatch')
  })

  it('moves by itself while live', async () => {
    const page = await visit('/?range=5m')
    const chart = page.getByRole('img', { name: /^Memory, from/ })
    const before = await chart.getAttribute('aria-label')
    await expect.poll(() => chart.getAttribute('aria-label'), { timeout: 60_000 }).not.toBe(before)
  })

  it('teaches the next step at the first start', async () => {
    api.state.empty = true
    const page = await visit('/')
    await page.getByRole('link', { name: 'Send your first data' }).click()
    await page.getByRole('heading', { name: 'Sources', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Make a key' }).click()
    const snippet = page.getByText('credentials: twk_9d0c5e1b48d67f3a')
    await snippet.waitFor()
    expect(await snippet.textContent()).toContain(`url: ${api.url}/api/v1/write`)
  })

  it('keeps the last good data with its age when the server fails, and is well again after', async () => {
    const page = await visit('/', { expected: [failedLoad(500)] })
    await page.getByRole('img', { name: /^Load, from/ }).waitFor()
    api.state.failing.set('/api/v1/query_range', 500)
    await page
      .getByText(/\d+ (?:s|min) old\./)
      .first()
      .waitFor()
    expect(await page.getByRole('img', { name: /^Load, from/ }).count()).toBe(1)
    api.state.failing.clear()
    await page
      .getByText(/\d+ (?:s|min) old\./)
      .first()
      .waitFor({ state: 'detached' })
  })
})

describe('the metrics explorer', () => {
  it('completes a metric, runs the query and keeps it in the address', async () => {
    const page = await visit('/explore')
    const editor = page.getByRole('textbox', { name: 'Query A' })
    await page.locator('.cm-editor').waitFor()
    await editor.click()
    await page.keyboard.type('api_req')
    await page.getByRole('option', { name: /api_requests_total/ }).click()
    await page.keyboard.press('Control+Enter')
    await page.getByRole('table', { name: 'Legend' }).getByText('POST /v1/orders').waitFor()
    expect(new URL(page.url()).searchParams.get('q')).toBe('api_requests_total')
    await page.reload()
    await page.getByRole('img', { name: /^Result, from .* 7 series/ }).waitFor()
  })

  it('says in which column a query is wrong', async () => {
    const page = await visit('/explore?q=sum(rate(up[5m))', { expected: [failedLoad(400)] })
    await page.getByText('Column 15: unexpected ")"').waitFor()
  })

  it('isolates a series by a click on its name and shows all again by another', async () => {
    const page = await visit('/explore?q=latency')
    const name = page.getByRole('button', { name: 'GET /v1/jobs' })
    await name.click()
    await page.getByRole('img', { name: /^Result, from .*: last/ }).waitFor()
    await name.click()
    await page.getByRole('img', { name: /7 series/ }).waitFor()
  })

  it('draws at most 200 series and says how many there are', async () => {
    const page = await visit('/explore?q=many')
    await page.getByText('200 of 1,340 series drawn, highest first').waitFor()
  })

  it('shows exact values as a table', async () => {
    const page = await visit('/explore?q=up')
    await page.getByRole('tab', { name: 'Table' }).click()
    const table = page.getByRole('table', { name: 'Values' })
    await table.getByText('up{instance="10.0.0.9:9102", job="indexer"}').waitFor()
    expect(new URL(page.url()).searchParams.get('view')).toBe('table')
  })

  it('zooms by dragging and goes back by a double click', async () => {
    const page = await visit('/explore?q=latency&range=1h')
    const chart = page.getByRole('img', { name: /^Result, from/ })
    const box = await chart.boundingBox()
    if (box === null) throw new Error('The chart has no box')
    await page.mouse.move(box.x + box.width * 0.4, box.y + 100)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.6, box.y + 120, { steps: 5 })
    await page.mouse.up()
    await page.waitForURL(/from=.*to=/)
    await page.mouse.dblclick(box.x + box.width * 0.5, box.y + 100)
    await page.waitForURL(/range=1h/)
  })

  it('reads values by the keyboard', async () => {
    const page = await visit('/explore?q=latency')
    await page.getByRole('img', { name: /^Result, from/ }).focus()
    await page.keyboard.press('ArrowLeft')
    await page.getByRole('status').getByText('POST /v1/escrow/release').waitFor()
  })

  it('adds a second query to the same chart', async () => {
    const page = await visit('/explore?q=latency&q=up')
    await page.getByRole('table', { name: 'Legend' }).getByText('A: GET /v1/jobs').waitFor()
    await page.getByRole('button', { name: 'Hide query A' }).click()
    await page.getByRole('img', { name: /3 series/ }).waitFor()
  })
})

describe('alerts, sources and rules', () => {
  it('opens an alert and leads to its query', async () => {
    const page = await visit('/alerts')
    await page.getByRole('row', { name: /IndexerHighLag/ }).click()
    await page.getByRole('heading', { name: 'IndexerHighLag', level: 1 }).waitFor()
    await page.getByText('> 5 min for 10 min').waitFor()
    await page.getByRole('link', { name: 'Open in Metrics' }).click()
    await page.waitForURL(/\/explore\?.*indexer_block_lag_seconds/)
  })

  it('is calm on every page when nothing fires', async () => {
    api.state.firing = false
    const page = await visit('/sources')
    await page.getByRole('complementary', { name: 'What is on fire' }).getByText('Nothing is on fire.').waitFor()
  })

  it('finds targets, and says how many the filter hides', async () => {
    const page = await visit('/sources')
    await page.getByRole('searchbox', { name: 'Find a target' }).fill('refused')
    await page.getByRole('table', { name: 'Targets', exact: true }).getByText('10.0.0.9:9102').first().waitFor()
    await expect.poll(() => page.getByRole('table', { name: 'Targets', exact: true }).getByRole('row').count()).toBe(2)
    await page.getByRole('button', { name: 'Up', exact: true }).click()
    await page.getByText('Without the filter there are 9.').waitFor()
    await page.getByRole('button', { name: 'Remove the filter' }).click()
    await page.getByText('10.0.0.1:8080').first().waitFor()
  })

  it('shows rule by rule what relabelling made of a target', async () => {
    const page = await visit('/sources?find=10.0.0.1:8080')
    await page.getByRole('row', { name: /10\.0\.0\.1:8080/ }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '10.0.0.1:8080', level: 1 }).waitFor()
    const steps = page.getByRole('region', { name: 'Relabelling' }).getByRole('listitem')
    await steps.filter({ hasText: 'Sets host=10.0.0.1' }).first().waitFor()
    await steps.filter({ hasText: 'Kept, nothing changed' }).waitFor()
    await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Sources' }).click()
    await page.getByRole('table', { name: 'Targets', exact: true }).waitFor()
  })

  it('shows what was found, what was dropped and by which rule', async () => {
    const page = await visit('/sources')
    await page.getByRole('tab', { name: 'Service discovery' }).click()
    await page.waitForURL(/tab=discovery/)
    const found = page.getByRole('table', { name: 'Found targets' })
    await page.getByRole('button', { name: 'Dropped', exact: true }).last().click()
    await page.getByText('1 more was dropped and not kept').waitFor()
    await expect.poll(() => found.getByRole('row').count()).toBe(3)
    await found.getByRole('row', { name: /10\.0\.0\.30/ }).click()
    await page.getByText('Dropped by this rule').waitFor()
    await page.getByText('Not reached: the target was dropped before.').waitFor()
    await page.getByText('Dropped by relabelling').waitFor()
  })

  it('says when a target in the address is no more', async () => {
    const page = await visit('/sources?target=nothing')
    await page.getByRole('heading', { name: 'This target is no more.' }).waitFor()
  })

  it('shows why a rule fails', async () => {
    const page = await visit('/rules?only=failing')
    await page.getByText('found duplicate series').waitFor()
    expect(await page.getByText('GasSpike').count()).toBe(0)
  })
})

describe('settings', () => {
  it('shows a new token once, with a snippet that uses it', async () => {
    const page = await visit('/settings?tab=tokens')
    await page.getByLabel('Name').fill('reports')
    await page.getByRole('button', { name: 'Make a token' }).click()
    await page.getByText('Token “reports” is made.').waitFor()
    expect(await page.getByText(/curl -H 'Authorization: Bearer twt_9d0c/).count()).toBe(1)
  })

  it('ends a key only at the second press', async () => {
    const page = await visit('/settings?tab=keys')
    await page.getByRole('button', { name: 'End key cluster' }).click()
    await page.getByRole('button', { name: 'Really end key cluster' }).click()
    await page.getByText('No key yet.').waitFor()
  })
})

describe('the frame', () => {
  it('goes anywhere by keyboard', async () => {
    const page = await visit('/')
    await page.getByRole('heading', { name: 'Now', level: 1 }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await page.getByRole('heading', { name: 'Rules', level: 1 }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /Search/ }).fill('node_load')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/explore\?.*q=node_load1/)
    await page.getByRole('heading', { name: 'Metrics', level: 1 }).click()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
  })

  it('takes the time range along from page to page', async () => {
    const page = await visit('/')
    await page.getByRole('heading', { name: 'Now', level: 1 }).waitFor()
    await page.keyboard.press('t')
    await page.getByRole('textbox', { name: 'Range' }).fill('2 hours')
    await page.keyboard.press('Enter')
    await page.waitForURL(/range=2h/)
    await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Alerts' }).click()
    await page.waitForURL(/\/alerts\?range=2h/)
    await page.getByRole('button', { name: 'Time range: Last 2 h' }).waitFor()
  })

  it('stands still when Live is off', async () => {
    const page = await visit('/explore?q=latency')
    await page.getByRole('img', { name: /^Result, from/ }).waitFor()
    await page.getByRole('button', { name: 'Live' }).click()
    await page.waitForURL(/live=off/)
    await page.getByRole('button', { name: 'Live', pressed: false }).waitFor()
  })

  it('keeps a chosen theme over a reload', async () => {
    const page = await visit('/settings')
    await page.getByRole('combobox', { name: /^Theme/ }).selectOption('dark')
    await page.reload()
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor')
    expect(background).toBe('rgb(14, 20, 24)')
  })

  it('says that there is no such page', async () => {
    const page = await visit('/nowhere')
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  })
})

describe('on a phone', () => {
  it.each([
    '/',
    '/alerts',
    '/explore?q=latency',
    '/sources',
    '/sources?tab=discovery',
    '/rules',
    '/settings?tab=users',
  ])('%s never scrolls sideways', async (path) => {
    const page = await visit(path, phone)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0)
  })

  it('has its sections within the thumb reach', async () => {
    const page = await visit('/', phone)
    await page.getByRole('button', { name: 'More' }).tap()
    await page.getByRole('dialog', { name: 'More' }).getByRole('link', { name: 'Sources' }).tap()
    await page.getByRole('heading', { name: 'Sources', level: 1 }).waitFor()
    await page.getByRole('navigation', { name: 'Tabs' }).getByRole('link', { name: 'Alerts' }).tap()
    await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor()
  })
})
