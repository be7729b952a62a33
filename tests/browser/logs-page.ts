// The page Logs of a server of its own, for tests: pages that are closed and looked at for complaints, lines as a person sends them, what is where.

import { freePort } from '@tidewatch/testkit/free-port.ts'
import { sendLogLines } from '@tidewatch/testkit/log-lines.ts'
import { type RunningServer, type StartOptions, startServer } from '@tidewatch/testkit/server.ts'
import type { Locator } from 'playwright-core'
import { tempDir } from '../counterparts/programs.ts'
import { accessibilityFaults } from './accessible.ts'
import { launchBrowser, type NewPageOptions, type TestPage } from './browser.ts'
import { buildPage } from './product.ts'

export type Page = TestPage['page']
type Line = Readonly<Record<string, unknown>>

export interface LogsPages extends AsyncDisposable {
  readonly server: RunningServer
  /** Opens a path in a browser context of its own. */
  visit(path: string, options?: NewPageOptions): Promise<Page>
  /** Sends lines as a person would by curl. */
  send(lines: readonly Line[]): Promise<void>
  /** For `afterEach`: closes what was opened; throws what the console of one showed. */
  closeAll(): Promise<void>
}

/** The machine may be busy with other tests. */
const patienceMs = 120_000

export async function startLogsPages(options: StartOptions = {}): Promise<LogsPages> {
  await buildPage()
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startServer({ readyTimeoutMs: 120_000, ...options }))
  const browser = stack.use(await launchBrowser())
  let open: TestPage[] = []
  const owned = stack.move()
  return {
    server,
    async visit(path, pageOptions = {}) {
      const opened = await browser.newPage({ baseURL: server.url, ...pageOptions })
      open.push(opened)
      opened.page.setDefaultTimeout(patienceMs)
      await opened.page.goto(path)
      return opened.page
    },
    send: (lines) => sendLogLines(server.url, lines, { 'x-resource-host.name': 'eu-1' }),
    async closeAll() {
      const opened = open
      open = []
      for (const one of opened) await one[Symbol.asyncDispose]()
      for (const one of opened) one.assertSilent()
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

export interface ListeningLogsPages extends LogsPages {
  /** Where lines are taken by TCP, as Logstash does. */
  readonly port: number
}

/** The same, of a server to which lines can be sent by nc. */
export async function startListeningLogsPages(): Promise<ListeningLogsPages> {
  using stack = new DisposableStack()
  const dir = stack.use(tempDir())
  const port = await freePort()
  // UDP would take its usual port, which another test may have
  dir.write('config/tidewatch.yml', `listeners:\n  logstash:\n    tcp: 127.0.0.1:${port}\n    udp: off\n`)
  const pages = await startLogsPages({ args: ['--config', `${dir.path}/config`] })
  const owned = stack.move()
  return {
    ...pages,
    port,
    async [Symbol.asyncDispose]() {
      await pages[Symbol.asyncDispose]()
      owned.dispose()
    },
  }
}

export const list = (page: Page): Locator => page.getByRole('table', { name: 'Lines found, the newest first' })
export const row = (page: Page, text: string): Locator => list(page).getByRole('row').filter({ hasText: text })
export const editor = (page: Page): Locator => page.getByRole('textbox', { name: 'Query' })
/** What scrolls the list. */
export const frame = (page: Page): Locator => page.locator('.log-list')

/** Types a query over the one that stands there, and asks it. */
export async function search(page: Page, query: string): Promise<void> {
  await editor(page).click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(query)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
}

/** While a dialog is open the page behind it is hidden from screen readers, its title too. */
export const dialogFaults = async (page: Page): Promise<string[]> =>
  (await accessibilityFaults(page)).filter((fault) => !/^(?:main|h1): /.test(fault))
